"""Finding alerts: lists, by a part of a subject, how many."""

from collections.abc import Collection

from sqlalchemy import func, select

from bot.store.alerts import Alerts
from bot.store.tables import alert
from escalation.alert import Alert, AlertStatus

OPEN = tuple(one.value for one in AlertStatus if not one.is_closed)
_MOST = 20
_HIGHEST = 2**62


class Search(Alerts):
    """The part of a transaction that looks for alerts."""

    async def list_alerts(self, *, statuses: Collection[AlertStatus] | None = None, limit: int = 100) -> list[Alert]:
        """The newest alerts, of these statuses, newest first."""
        query = select(alert.c.id).order_by(alert.c.id.desc()).limit(limit)
        if statuses is not None:
            query = query.where(alert.c.status.in_([one.value for one in statuses]))
        ids = (await self.connection.execute(query)).scalars().all()
        found = await self.alerts(ids)
        return [found[id] for id in ids]

    async def open_ids(self, after: int, limit: int) -> list[int]:
        """The next alerts after this one that are neither closed nor parked."""
        query = select(alert.c.id).where(alert.c.id > after, alert.c.status.in_(OPEN), alert.c.is_parked.is_(False))
        return list((await self.connection.execute(query.order_by(alert.c.id).limit(limit))).scalars())

    async def find_alerts(self, words: str) -> list[int]:
        """The alert with this number ("42", "#42"), or the newest with this part of a subject: the open ones; if none
        is open, the others. At most 20; none for empty words."""
        asked = words.strip()
        number = asked.removeprefix("#")
        if number.isdecimal():
            return await self._ids(alert.c.id == min(int(number[:20]), _HIGHEST))
        if not asked:
            return []
        has_words = alert.c.subject.icontains(asked, autoescape=True)
        return await self._ids(has_words, alert.c.status.in_(OPEN)) or await self._ids(has_words)

    async def _ids(self, *conditions: object) -> list[int]:
        query = select(alert.c.id).where(*conditions).order_by(alert.c.id.desc()).limit(_MOST)  # type: ignore[arg-type]
        return list((await self.connection.execute(query)).scalars())

    async def count_open(self) -> dict[str, int]:
        """Alerts that are not closed, by status."""
        query = select(alert.c.status, func.count()).where(alert.c.status.in_(OPEN)).group_by(alert.c.status)
        return dict((await self.connection.execute(query)).all())
