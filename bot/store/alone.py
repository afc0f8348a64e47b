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
        raise StoreError(f"{lock}: can't be made: {error.strerror}") from error
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
        who = f"process {holder}" if holder.isdigit() else "another process"
        raise StoreError(f"{path}: a bot runs on it already ({who}); stop that one first") from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
