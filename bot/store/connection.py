"""A connection that is never interrupted in the middle of a statement.

A task that is cancelled while SQLite's thread works leaves a statement open behind it, and with it the transaction:
the file stays locked until the garbage collector comes by, for every process. So the cancellation waits for the
statement; none of ours is long.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Wait to the end of the work, and only then be cancelled."""
    task = asyncio.create_task(work)
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            is_cancelled = True
    if not is_cancelled:
        return task.result()
    if not task.cancelled():
        task.exception()
    raise asyncio.CancelledError


class Connection(AsyncConnection):
    """One transaction's connection; an ``AsyncConnection`` in every other way."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await whole(super().execute(*args, **options))

    async def exec_driver_sql(self, *args: Any, **options: Any) -> Any:
        return await whole(super().exec_driver_sql(*args, **options))

    async def open(self) -> None:
        """Connect, and begin."""
        await whole(self._open())

    async def _open(self) -> None:
        await self.start()
        await self.begin()

    async def commit(self) -> None:
        await whole(super().commit())

    async def close(self) -> None:
        """Give the connection back; what was not committed is rolled back. Nothing if it was never opened."""
        if self.sync_connection is not None:
            await whole(super().close())
