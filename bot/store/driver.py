"""aiosqlite with one trip to its thread for each statement, as SQLAlchemy uses it.

SQLAlchemy asks for a cursor, has it execute, fetch and close: four trips, each of which wakes two threads, and that
takes longer than SQLite does. Here all is done in one, and a reader's BEGIN with its first statement, which is when
its view of the database begins anyway. All rows are fetched at once, as SQLAlchemy does anyway where no result is
streamed, and none of ours is.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Self

import aiosqlite

Rows = Sequence[tuple[Any, ...]]


async def connect(path: str, **options: Any) -> "Connection":
    """Open a database file; the options are those of ``sqlite3.connect``. Raises sqlite3.Error."""
    connection = Connection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
    # As SQLAlchemy does where it connects by itself: a process that ends in a fault must not wait for this thread.
    connection._thread.daemon = True
    await connection
    return connection


class Connection(aiosqlite.Connection):
    """An aiosqlite connection whose cursors live on its thread alone."""

    begins_with = ""
    """What begins the transaction, run on the way to its first statement."""

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def run(self, method: str, sql: str, parameters: Iterable[Any]) -> tuple[Any, int, int | None, Rows]:
        """Run ``execute`` or ``executemany`` to its end: description, row count, last row id, rows."""
        trip: Any = self._execute
        begin, self.begins_with = self.begins_with, ""
        done: tuple[Any, int, int | None, Rows] = await trip(_run, self._conn, begin, method, sql, parameters)
        return done

    async def commit(self) -> None:
        """Commit what was begun."""
        self.begins_with = ""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back what was begun. SQLAlchemy asks for it after each commit, too: then no trip is made."""
        self.begins_with = ""
        if self.in_transaction:
            await super().rollback()


class Cursor:
    """What SQLAlchemy's adapter takes for a cursor: PEP 249 with coroutines."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: Rows = ()

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        return await self._run("execute", sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        return await self._run("executemany", sql, parameters)

    async def _run(self, method: str, sql: str, parameters: Iterable[Any]) -> Self:
        done = await self._connection.run(method, sql, parameters)
        self.description, self.rowcount, self.lastrowid, self._rows = done
        return self

    async def fetchall(self) -> Rows:
        """The rows that are left."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        self._rows = ()


def _run(
    connection: sqlite3.Connection, begin: str, method: str, sql: str, parameters: Iterable[Any]
) -> tuple[Any, int, int | None, Rows]:
    cursor = connection.cursor()
    try:
        if begin:
            cursor.execute(begin)
        getattr(cursor, method)(sql, parameters)
        rows = cursor.fetchall() if cursor.description else ()
        # Only now: of an INSERT … RETURNING the rows are counted while they are fetched.
        return cursor.description, cursor.rowcount, cursor.lastrowid, rows
    finally:
        cursor.close()
