"""Not more calls a second than the account may start."""

import asyncio
from types import TracebackType


class Pace:
    """``async with pace``: one at a time, and each begins at least 1/``per_second`` s after the one before ended.

    After its end, not its beginning: on the way to Twilio two requests may come closer to each other.
    """

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._lock = asyncio.Lock()
        self._free_at: float | None = None

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        try:
            if self._free_at is not None:
                await asyncio.sleep(max(0.0, self._free_at - asyncio.get_running_loop().time()))
        except BaseException:
            self._lock.release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._free_at = asyncio.get_running_loop().time() + self._interval
        self._lock.release()
