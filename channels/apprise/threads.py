"""A few threads for calls that block: never more than a few at once, and of one service fewer still.

Each call has a thread of its own, which no exit of the program waits for: a service that sends a byte a minute must not
hold up the end of the bot, and holds up no other service meanwhile.
"""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 8
MOST_OF_ONE = 2


class BusyError(Exception):
    """There is no room: too many calls are under way."""


class Threads(Generic[T]):
    """Runs blocking calls. A call that is given up keeps its place until it really ends."""

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._under_way: Counter[str] = Counter()

    async def run(self, name: str, call: Callable[[], T], limit: timedelta) -> T:
        """What ``call`` returns, or raises. Raises BusyError, and TimeoutError after ``limit``."""
        if self._under_way.total() >= self._most or self._under_way[name] >= self._most_of_one:
            raise BusyError
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T | Exception] = loop.create_future()
        thread = threading.Thread(target=self._work, args=(loop, done, name, call), daemon=True, name=f"apprise {name}")
        self._under_way[name] += 1
        try:
            thread.start()
        except RuntimeError as error:
            self._under_way[name] -= 1
            raise BusyError from error
        async with asyncio.timeout(limit.total_seconds()):
            result = await done
        if isinstance(result, Exception):
            raise result
        return result

    def _work(
        self,
        loop: asyncio.AbstractEventLoop,
        done: "asyncio.Future[T | Exception]",
        name: str,
        call: Callable[[], T],
    ) -> None:
        try:
            result: T | Exception = call()
        except Exception as error:
            result = error
        # The loop is closed when the bot has ended meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._end, done, name, result)

    def _end(self, done: "asyncio.Future[T | Exception]", name: str, result: T | Exception) -> None:
        self._under_way[name] -= 1
        if not done.done():
            done.set_result(result)
