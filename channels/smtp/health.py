"""Whether mail can leave at all."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_EVERY = 300.0
"""Seconds. Each look may be a login: not so many that a server takes them for an attack."""


class Pulse:
    """Looks after the server every five minutes: a password that has ended is found by day, not by the alarm."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look

    async def run(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_EVERY)
