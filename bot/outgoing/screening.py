"""No virus leaves with our name on it: what a mail holds is scanned before its first recipient gets it.

A mail is the same for all of its recipients but for what is filled in, so it is scanned once in ``REMEMBERED``. What
can't be scanned waits in the outbox until it can, or leaves all the same, as the settings say.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.store.record import NotificationRow, OutgoingMail
from bot.store.store import Store
from channels.base import Rejected, RetryLater
from channels.clamav.scanner import CantScan, Clean, Finding, Infected, Scanner
from channels.message import Message
from escalation.command import IN_OWN_WORDS, Purpose

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(minutes=10)
MOST_REMEMBERED = 200


class Screening:
    """``is_strict``: what can't be scanned does not leave."""

    def __init__(self, scanner: Scanner, store: Store, clock: Clock, *, is_strict: bool) -> None:
        self.scanner = scanner
        self.store = store
        self.clock = clock
        self.is_strict = is_strict
        self._known: OrderedDict[bytes, tuple[datetime, Finding]] = OrderedDict()

    async def stops(self, row: NotificationRow, message: Message) -> Rejected | RetryLater | None:
        """Why this notification must not leave (now); None if it may."""
        if row.purpose == Purpose.RELAY:
            parts = [message.letter.raw] if message.letter is not None else []
        elif row.alert_id is not None and row.purpose not in IN_OWN_WORDS:
            parts = await self._carried(row.alert_id, row.address)
        else:
            return None
        return self._verdict(row, await self.finding(parts))

    async def _carried(self, alert_id: int, address: str) -> list[bytes]:
        """What a recipient of a sent mail gets by this notification: the mail, or a reminder of it."""
        async with self.store.reading() as tx:
            mail = await tx.outgoing(alert_id)
            if mail is None:
                return []
            alert = (await tx.alerts([alert_id]))[alert_id]
        return list(_parts(mail)) if any(one.address == address for one in alert.recipients) else []

    async def shown(self, mail: OutgoingMail) -> Finding:
        """The same before a mail's content is shown: signatures come later than viruses. Clean where the settings let
        pass what can't be scanned."""
        finding = await self.finding(list(_parts(mail)))
        return Clean() if isinstance(finding, CantScan) and not self.is_strict else finding

    def _verdict(self, row: NotificationRow, finding: Finding) -> Rejected | RetryLater | None:
        if isinstance(finding, Infected):
            log.error("A mail with a virus does not leave", key=row.key, signature=finding.signature)
            return Rejected(f"a virus was found: {finding.signature}")
        if isinstance(finding, CantScan):
            log.warning("A mail could not be scanned", key=row.key, reason=finding.reason, waits=self.is_strict)
            return RetryLater(finding.reason) if self.is_strict else None
        return None

    async def finding(self, parts: list[bytes]) -> Finding:
        """The gravest finding in these parts."""
        found = [await self._look(part) for part in parts if part]
        for kind in (Infected, CantScan):
            if (one := next((one for one in found if isinstance(one, kind)), None)) is not None:
                return one
        return Clean()

    async def _look(self, part: bytes) -> Finding:
        digest, now = hashlib.sha256(part).digest(), self.clock.now()
        known = self._known.get(digest)
        if known is not None and now - known[0] < REMEMBERED:
            return known[1]
        found = await self.scanner.scan(part)
        if not isinstance(found, CantScan):
            self._known[digest] = (now, found)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return found


def _parts(mail: OutgoingMail) -> Iterator[bytes]:
    yield mail.text.encode("utf-8", "replace")
    yield mail.html.encode("utf-8", "replace")
    yield from (one.data for one in mail.enclosures)
