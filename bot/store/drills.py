"""Drills: which alerts are exercises that somebody began, and when each is to be over at the latest."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from bot.store import codec
from bot.store.part import Part, chunks
from bot.store.people_tables import drill


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One exercise: its alert, the policy it is of, who began it. ``ended_at`` is None while it goes on."""

    alert_id: int
    policy: str
    by: str
    begun_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


_INSTANTS = ("begun_at", "ends_at", "ended_at")


class Drills(Part):
    """The part of a transaction that keeps drills."""

    async def add_drill(self, one: Drill) -> None:
        """Keep a drill that begins."""
        values = asdict(one) | {name: codec.micros(getattr(one, name)) for name in _INSTANTS}
        await self.connection.execute(insert(drill).values(values))

    async def drill(self, alert_id: int) -> Drill | None:
        """The drill of this alert; None if it is none."""
        found = await self._drills(select(drill).where(drill.c.alert_id == min(alert_id, 2**62)))
        return found[0] if found else None

    async def open_drills(self) -> list[Drill]:
        """Those that go on, the first to end first."""
        return await self._drills(select(drill).where(drill.c.ended_at.is_(None)).order_by(drill.c.ends_at))

    async def drills(self, limit: int = 20) -> list[Drill]:
        """The newest, newest first."""
        return await self._drills(select(drill).order_by(drill.c.alert_id.desc()).limit(limit))

    async def end_drills(self, alert_ids: Collection[int], now: datetime) -> None:
        """They are over; of one that was over already nothing is changed."""
        for few in chunks(alert_ids):
            going_on = (drill.c.alert_id.in_(few), drill.c.ended_at.is_(None))
            await self.connection.execute(update(drill).where(*going_on).values(ended_at=codec.micros(now)))

    async def _drills(self, query: Any) -> list[Drill]:
        rows = (await self.connection.execute(query)).mappings()
        return [Drill(**(dict(row) | {name: codec.instant(row[name]) for name in _INSTANTS})) for row in rows]
