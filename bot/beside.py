"""Other processes on the same database, such as the commands: what they commit is noticed here."""

from bot.engine import Engine
from bot.outbox import Outbox
from bot.timers import Timers


class Beside:
    """Looks at the store's version, which costs next to nothing, and only when that changed at what is new."""

    def __init__(self, engine: Engine, outbox: Outbox, timers: Timers) -> None:
        self._engine = engine
        self._outbox = outbox
        self._timers = timers
        self._version = 0

    async def look(self) -> None:
        """Something was committed: look at what it left to do."""
        version = await self._engine.store.version()
        if version != self._version:
            await self._engine.refresh()
            self._version = version
            self._outbox.kick()
            await self._timers.look()
