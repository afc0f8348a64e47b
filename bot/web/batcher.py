"""Many requests, one commit: what waits is written together, and each request is answered after its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")

GATHER_SECONDS = 0.001
MOST_WAITING = 5_000
MOST_AT_ONCE = 500
_SMOOTHING = 0.2


class FullError(Exception):
    """More requests wait than may; nothing was written."""


class Batcher(Generic[Item]):
    """``write`` commits a batch: when it returns, nothing of it can be lost. What it raises, each of the batch's
    requests raises.

    While one batch is being written, the next one gathers; a lone request waits ``gather`` seconds for company.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[None]],
        *,
        gather: float = GATHER_SECONDS,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._write = write
        self._gather = gather
        self._most_waiting = most_waiting
        self._waiting: list[tuple[Item | None, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._usual = 0.0

    async def add(self, item: Item | None) -> None:
        """Return once ``item`` is committed; without one, after as long as that takes. Raises FullError, or what the
        writing raised."""
        if len(self._waiting) >= self._most_waiting:
            raise FullError(f"{self._most_waiting} requests wait already")
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        await done

    async def close(self) -> None:
        """Write what still waits."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        await asyncio.sleep(self._gather)
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            failure: Exception | None = FullError("the server stops")
            try:
                failure = await self._written([item for item, _ in batch if item is not None])
            finally:
                for _, done in batch:
                    _settle(done, failure)

    async def _written(self, items: Sequence[Item]) -> Exception | None:
        if not items:
            # Nothing but forged tokens: an answer at once would tell them apart.
            await asyncio.sleep(self._usual)
            return None
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._write(items)
        except Exception as error:
            return error
        self._usual += _SMOOTHING * (loop.time() - began - self._usual)
        return None


def _settle(done: "asyncio.Future[None]", failure: Exception | None) -> None:
    """A client that has gone away waits for nothing any more."""
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)
