"""What the database says when it can't go on, in words an administrator can act on."""

import sqlite3

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from bot.store.record import StoreError
from channels.system_fault import why_of
from escalation.phrase import Phrase

_LOCKED = Phrase("another process holds its write lock; is a second bot running on it?")
_SHUT = Phrase("it can't be opened; do its folder and file belong to the user who runs this?")
_SQLITE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: Phrase("the disk is full; make room, nothing was saved since"),
    sqlite3.SQLITE_IOERR: Phrase("the disk can't be read or written; look at the system's log"),
    sqlite3.SQLITE_READONLY: Phrase("it can't be written; whose file is it, and is the disk mounted read-only?"),
    sqlite3.SQLITE_CANTOPEN: _SHUT,
    sqlite3.SQLITE_CORRUPT: Phrase("the file is damaged; put back a backup"),
    sqlite3.SQLITE_NOTADB: Phrase("the file is no SQLite database; name another one"),
    sqlite3.SQLITE_PERM: _SHUT,
}


def explained(error: DBAPIError, url: URL) -> Exception:
    """A StoreError for a fault of the database or the way to it; ``error`` itself for a fault of a statement."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE:
        told = Phrase("%(why)s (%(text)s)", why=_SQLITE[code], text=str(error.orig))
        return StoreError(Phrase("%(name)s: %(why)s", name=_place(url), why=told))
    is_outside = isinstance(error, OperationalError | InterfaceError | InternalError) or error.connection_invalidated
    if not is_outside or code:
        return error
    return StoreError(Phrase("%(place)s: the database says: %(text)s", place=_place(url), text=str(error.orig)))


def unreachable(error: OSError, url: URL) -> StoreError:
    """For a server that does not answer at all."""
    return StoreError(Phrase("%(place)s: can't be reached: %(why)s", place=_place(url), why=why_of(error)))


def _place(url: URL) -> str:
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
