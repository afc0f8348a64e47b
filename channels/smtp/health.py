"""Whether mail can leave at all."""

import asyncio
from collections.abc import Awaitable, Callable

from channels.base import HealthListener

LOOK_EVERY = 300.0
"""Seconds. Each look may be a login: not so many that a server takes them for an attack."""


class Health:
    """Tells ``listener`` when the channel begins or ceases to work, never twice the same."""

    def __init__(self, name: str, listener: HealthListener) -> None:
        self._name = name
        self._listener = listener
        self._state: tuple[bool, str] | None = None

    def up(self) -> None:
        self._set(True, "")

    def down(self, detail: str) -> None:
        self._set(False, detail)

    def _set(self, is_up: bool, detail: str) -> None:
        if self._state != (is_up, detail):
            self._state = (is_up, detail)
            self._listener(self._name, is_up, detail)


class Pulse:
    """Looks after the server every five minutes: a password that has ended is found by day, not by the alarm."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look

    async def run(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_EVERY)
