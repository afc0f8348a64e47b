"""What a report counts: alerts by when they opened, how fast people came, and how late and dear the pages were.

Every query is about a few hundred alerts, and reads no more of them than the report says.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import and_, func, or_, select

from bot.store import codec
from bot.store.part import Part, chunks
from bot.store.people_tables import probe
from bot.store.tables import alert, alert_event, notification
from escalation.command import Purpose

MOST_REPORTED = 20_000
"""Alerts in one report, the newest."""

_PAGES = (Purpose.STEP.value, Purpose.ELSE.value, Purpose.LAST_RESORT.value, Purpose.ASKED.value)
_TAKING = ("acknowledged", "read_reached")


class _Brief(msgspec.Struct):
    """What of an alert's state is looked at: the rest is passed over undecoded."""

    severity: str = "critical"
    is_exercise: bool = False
    starts_at: datetime | None = None


_brief = msgspec.json.Decoder(_Brief).decode


class OpenedAlert(NamedTuple):
    """An alert as a report counts it. ``at`` is when its climb could begin; ``status`` is today's."""

    id: int
    at: datetime
    status: str
    severity: str


class SentPage(NamedTuple):
    """One page that left: over which channel, when it should have, when it did, and the provider's handle as JSON."""

    channel: str
    due_at: datetime
    sent_at: datetime
    ref: str


class Reports(Part):
    """The part of a transaction that looks back at a span of time."""

    async def opened_between(self, since: datetime, until: datetime) -> tuple[list[OpenedAlert], bool]:
        """The alerts that opened from ``since`` until ``until``, newest first, without exercises and tests; and whether
        there are more than ``MOST_REPORTED``."""
        within = (alert.c.opened_at >= codec.micros(since), alert.c.opened_at < codec.micros(until))
        real = alert.c.id.not_in(select(probe.c.alert_id))
        query = select(alert.c.id).where(*within, real).order_by(alert.c.id.desc()).limit(MOST_REPORTED + 1)
        ids = list((await self.connection.execute(query)).scalars())
        found: list[OpenedAlert] = []
        for few in chunks(ids[:MOST_REPORTED]):
            columns = select(alert.c.id, alert.c.opened_at, alert.c.status, alert.c.state)
            for id, at, status, state in await self.connection.execute(columns.where(alert.c.id.in_(few))):
                brief = _brief(state)
                if not brief.is_exercise:
                    begins = max(codec.instant_of(at), brief.starts_at or codec.instant_of(at))
                    found.append(OpenedAlert(id, begins, status, brief.severity))
        return sorted(found, reverse=True), len(ids) > MOST_REPORTED

    async def taken_at(self, ids: Collection[int]) -> dict[int, datetime]:
        """When each of these was first read as its policy demands, or taken by somebody; those never are left out."""
        return await self._first(ids, _TAKING)

    async def exhausted_at(self, ids: Collection[int]) -> dict[int, datetime]:
        """When each of these first came to the end of its ladder; those never are left out."""
        return await self._first(ids, ("exhausted",))

    async def _first(self, ids: Collection[int], kinds: Collection[str]) -> dict[int, datetime]:
        found: dict[int, datetime] = {}
        for few in chunks(ids):
            these = (alert_event.c.alert_id.in_(few), alert_event.c.kind.in_(kinds))
            query = select(alert_event.c.alert_id, func.min(alert_event.c.at)).where(*these)
            rows = await self.connection.execute(query.group_by(alert_event.c.alert_id))
            found |= {id: codec.instant_of(at) for id, at in rows}
        return found

    async def late_between(self, since: datetime, until: datetime) -> list[int]:
        """The alerts of which a page was due from ``since`` until ``until`` and left only later, if it has left."""
        own = notification.c
        due = (own.due_at >= codec.micros(since), own.due_at < codec.micros(until), own.purpose.in_(_PAGES))
        waits = and_(own.sent_at.is_(None), own.send_at.is_not(None))
        query = select(own.alert_id).where(*due, or_(waits, own.sent_at >= codec.micros(until))).distinct()
        return list((await self.connection.execute(query)).scalars())

    async def sent_about(self, ids: Collection[int]) -> list[SentPage]:
        """The pages that left for these alerts."""
        return await self._sent(ids, _PAGES)

    async def sender_calls_about(self, ids: Collection[int]) -> list[SentPage]:
        """The calls to the senders of these alerts' mails: no pages, but they cost, too."""
        return await self._sent(ids, (Purpose.CONNECTED.value,))

    async def _sent(self, ids: Collection[int], purposes: Collection[str]) -> list[SentPage]:
        found: list[SentPage] = []
        own = notification.c
        for few in chunks(ids):
            these = (own.alert_id.in_(few), own.purpose.in_(purposes), own.sent_at.is_not(None))
            rows = await self.connection.execute(select(own.channel, own.due_at, own.sent_at, own.ref).where(*these))
            found += [
                SentPage(channel, codec.instant_of(due_at), codec.instant_of(sent_at), ref)
                for channel, due_at, sent_at, ref in rows
            ]
        return found
