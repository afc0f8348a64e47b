"""After the clock of the machine was set back: no page waits longer by it (``escalation/set_back.py``).

What was opened or put off in the second before that was noticed is taken to be older: it comes too early by as much,
and not too late. So does what another node with a better clock has decided, where several share a database. If the
process dies in the middle, what is left comes late.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.desk import Desk
from bot.engine import Engine
from escalation.event import ClockSetBack

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""Alerts in one transaction: a new mail does not wait for all of them."""


@dataclass(slots=True)
class _SetBack:
    """One, and how far it is seen to: the outbox, and the alerts up to ``last``."""

    by: timedelta
    is_outbox_done: bool = False
    last: int = 0


class Waits:
    """Keeps them as long as they were. What can't be saved now is done by the next ``keep``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._left: list[_SetBack] = []

    def set_back(self, by: timedelta) -> None:
        """The clock was set back by so much."""
        self._left.append(_SetBack(by))

    async def keep(self) -> None:
        """See to every open alert, and to every notification that waits. Raises what the store raises."""
        while self._left:
            await self._see_to(self._left[0])
            done = self._left.pop(0)
            log.info("No wait is longer by the clock that was set back", seconds=done.by.total_seconds())

    async def _see_to(self, one: _SetBack) -> None:
        async def outbox(desk: Desk) -> None:
            await desk.set_back(one.by)

        async def alerts(desk: Desk) -> list[int]:
            ids = await desk.tx.open_ids(one.last, AT_ONCE)
            await desk.load(ids)
            for id in ids:
                await desk.feed(id, ClockSetBack(one.by))
            return ids

        if not one.is_outbox_done:
            await self._engine.submit(outbox)
            one.is_outbox_done = True
        while ids := await self._engine.submit(alerts):
            one.last = ids[-1]
