"""How often a person's phone may ring: counted from what has left by the store, so that no restart forgets a call."""

from dataclasses import replace

from bot.clock import Clock
from bot.store.record import NotificationRow
from bot.store.store import Store
from channels.message import Message
from channels.twilio.config import PerPersonSettings
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.policy import PHONE
from escalation.throttle import may_be_held_back

_HELD = frozenset({Purpose.STEP, Purpose.ELSE})


class Throttle:
    """Of the calls to people, as the settings say."""

    def __init__(self, store: Store, clock: Clock, limit: PerPersonSettings) -> None:
        self._store = store
        self._clock = clock
        self._limit = limit

    async def held(self, row: NotificationRow, alert: Alert | None, message: Message) -> Message:
        """The message as it may leave: once its person was called as often as they may be, it only joins a call."""
        if alert is None or row.person is None or row.purpose not in _HELD or not may_be_held_back(alert, row.key):
            return message
        return replace(message, joins_only=True) if await self._calls(row.person) >= self._limit.calls else message

    async def _calls(self, person: str) -> int:
        """One call may have told of several alerts. A clock that was set back hides none."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            pages = await tx.pages([person], now - self._limit.within, now + self._limit.within)
        calls = [one.call for one in pages if one.channel == PHONE]
        return len(set(filter(None, calls))) + calls.count("")
