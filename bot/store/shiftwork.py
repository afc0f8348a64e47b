"""What happened in a shift, counted from what is kept of alerts and notifications."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from bot.store import codec
from bot.store.part import Part, chunks
from bot.store.search import OPEN
from bot.store.tables import alert, alert_event, notification
from escalation.command import Purpose
from escalation.load import Page

MOST = 2000
"""Alerts that are looked at for one shift, the newest."""

_PAGES = (Purpose.STEP.value, Purpose.ELSE.value, Purpose.LAST_RESORT.value, Purpose.ASKED.value)
_TOLD_OF = {
    "opened": "opened",
    "acknowledged": "taken",
    "read_reached": "taken",
    "exhausted": "exhausted",
    "resolved": "resolved",
}


class Shiftwork(Part):
    """The part of a transaction that looks back at a shift."""

    async def alerts_since(self, since: datetime) -> list[int]:
        """The alerts that are open, or were at some instant since then, newest first."""
        touched = or_(alert.c.status.in_(OPEN), alert.c.status_at >= codec.micros(since))
        query = select(alert.c.id).where(touched).order_by(alert.c.id.desc()).limit(MOST)
        return list((await self.connection.execute(query)).scalars())

    async def happened(self, ids: Collection[int], since: datetime, until: datetime) -> dict[str, set[int]]:
        """Which of these alerts were "opened", "taken", "exhausted" or "resolved" from ``since`` until ``until``."""
        found: dict[str, set[int]] = {what: set() for what in _TOLD_OF.values()}
        within = (alert_event.c.at >= codec.micros(since), alert_event.c.at < codec.micros(until))
        for few in chunks(ids):
            query = select(alert_event.c.kind, alert_event.c.alert_id).where(
                alert_event.c.alert_id.in_(few), alert_event.c.kind.in_(_TOLD_OF), *within
            )
            for kind, id in await self.connection.execute(query):
                found[_TOLD_OF[kind]].add(id)
        return found

    async def pages_about(self, ids: Collection[int], since: datetime, until: datetime) -> list[Page]:
        """What left for these alerts from ``since`` until ``until``."""
        found: list[Page] = []
        within = (notification.c.sent_at >= codec.micros(since), notification.c.sent_at < codec.micros(until))
        for few in chunks(ids):
            query = select(notification.c.channel, notification.c.person, notification.c.sent_at).where(
                notification.c.alert_id.in_(few), notification.c.purpose.in_(_PAGES), *within
            )
            rows = await self.connection.execute(query)
            found += [Page(person, channel, codec.instant_of(at)) for channel, person, at in rows]
        return found
