"""What the database says when it can't go on, in words an administrator can act on."""

import sqlite3

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from bot.store.record import StoreError

_SQLITE = {
    sqlite3.SQLITE_BUSY: "another process holds its write lock; is a second bot running on it?",
    sqlite3.SQLITE_LOCKED: "another process holds its write lock; is a second bot running on it?",
    sqlite3.SQLITE_FULL: "the disk is full; make room, nothing was saved since",
    sqlite3.SQLITE_IOERR: "the disk can't be read or written; look at the system's log",
    sqlite3.SQLITE_READONLY: "it can't be written; whose file is it, and is the disk mounted read-only?",
    sqlite3.SQLITE_CANTOPEN: "it can't be opened; do its folder and file belong to the user who runs this?",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; put back a backup",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database; name another one",
    sqlite3.SQLITE_PERM: "it can't be opened; do its folder and file belong to the user who runs this?",
}


def explained(error: DBAPIError, url: URL) -> Exception:
    """A StoreError for a fault of the database or the way to it; ``error`` itself for a fault of a statement."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE:
        return StoreError(f"{_place(url)}: {_SQLITE[code]} ({error.orig})")
    is_outside = isinstance(error, OperationalError | InterfaceError | InternalError) or error.connection_invalidated
    return StoreError(f"{_place(url)}: {error.orig}") if is_outside and not code else error


def unreachable(error: OSError, url: URL) -> StoreError:
    """For a server that does not answer at all."""
    return StoreError(f"{_place(url)}: can't be reached: {error.strerror or type(error).__name__}")


def _place(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
