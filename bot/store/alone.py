"""One bot on one SQLite file: a second one would tell everybody twice.

The lock is the system's (flock(2)) on a file beside the database, and free the moment its process dies, however it
dies. Commands may use the database beside the bot; they decide in transactions of their own. PostgreSQL is for many
nodes, and needs none.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from bot.store import dialect
from bot.store.record import StoreError
from channels.system_fault import why_of
from escalation.phrase import N_, Phrase


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Be the only bot on this database for the length of a block. Raises StoreError if another one is, or if the lock
    can't be made."""
    path = dialect.path_of(dialect.parse(url))
    if path is None:
        yield
        return
    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(Phrase("%(place)s: can't be made: %(why)s", place=str(lock), why=why_of(error))) from error
    try:
        _take(descriptor, f"{path}")
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
        who = Phrase("process %(number)s", number=holder) if holder.isdigit() else Phrase("another process")
        form = N_("%(place)s: a bot runs on it already (%(who)s); stop that one first")
        raise StoreError(Phrase(form, place=path, who=who)) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
