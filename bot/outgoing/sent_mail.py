"""What the mails that the team sends say, read once for all of one mail's many recipients who are written to at a time.

The rules:

1. How an alert stands is as of ``STANDS_FOR`` ago at most. A send takes longer: whoever has read in that time, or had
   it recalled, may as well have done so while it was on its way.
2. But what a notification was decided on is always seen: it is worded from what was read after it was taken up. Or else
   it could be dropped for a state that had ended before it.
3. What a mail says never changes until it expires: it is held while it is being sent, and ``HELD_S`` longer.
4. What its recipients have agreed to or declined is as of ``CONSENTS_STAND_FOR`` ago at most: of thousands of them it
   takes long to read, and whether a picture counts is asked again when it is fetched.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.consent import Tracking, consents_of, tracking_in
from bot.store.record import Consent, OutgoingMail
from bot.store.store import Store
from escalation.alert import Alert

STANDS_FOR = timedelta(milliseconds=100)
CONSENTS_STAND_FOR = timedelta(seconds=1)
HELD_S = 1.0
"""Seconds; each mail may be of 20 MB."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of the team's and its alert, as they were read."""

    alert: Alert
    mail: OutgoingMail
    addresses: frozenset[str]
    consents: Mapping[str, Consent]
    consents_read_at: datetime
    read_at: datetime

    def tracking_of(self, address: str) -> Tracking:
        """What the mail to one of ``addresses`` may carry."""
        return tracking_in(self.consents, address)


class SentMails:
    """Reads them, each for some time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._sent: dict[int, SentMail] = {}
        self._reading = asyncio.Lock()

    async def of(self, alert_id: int, taken_up_at: datetime) -> SentMail | None:
        """The mail of an alert, for a notification that was taken up then; None if its mail came in."""
        if self._stands(alert_id, taken_up_at):
            return self._sent[alert_id]
        # Several are worded at once: one of them reads.
        async with self._reading:
            if self._stands(alert_id, taken_up_at):
                return self._sent[alert_id]
            return await self._read(alert_id)

    def _stands(self, alert_id: int, taken_up_at: datetime) -> bool:
        known = self._sent.get(alert_id)
        if known is None or known.read_at < taken_up_at:
            return False
        return _is_within(STANDS_FOR, known.read_at, self._clock.now())

    async def _read(self, alert_id: int) -> SentMail | None:
        now, known = self._clock.now(), self._sent.get(alert_id)
        async with self._store.reading() as tx:
            alert = (await tx.alerts([alert_id]))[alert_id]
            mail = known.mail if known is not None and not known.mail.has_expired(now) else await tx.outgoing(alert_id)
            if mail is None:
                return None
            addresses = frozenset(one.address for one in alert.recipients)
            if known is None or known.addresses != addresses or not _still_agreed(known, now):
                sent = SentMail(alert, mail, addresses, await consents_of(tx, addresses), now, now)
            else:
                sent = replace(known, alert=alert, mail=mail, read_at=now)
        self._sent[alert_id] = sent
        asyncio.get_running_loop().call_later(HELD_S, self._forget, alert_id, sent)
        return sent

    def _forget(self, alert_id: int, sent: SentMail) -> None:
        if self._sent.get(alert_id) is sent:
            del self._sent[alert_id]


def _still_agreed(known: SentMail, now: datetime) -> bool:
    return _is_within(CONSENTS_STAND_FOR, known.consents_read_at, now)


def _is_within(most: timedelta, since: datetime, now: datetime) -> bool:
    """Whether it is no longer ago; not if the clock was set back meanwhile."""
    return timedelta(0) <= now - since <= most
