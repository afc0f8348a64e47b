"""Overrides of schedules and leaves of people, until they are long over."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Table, delete, insert, select

from bot.store import codec
from bot.store.dialect import inserting
from bot.store.part import Part
from bot.store.tables import counter, leave, on_call_override
from escalation.schedule import Leave, Override

T = TypeVar("T", Override, Leave)


class Duty(Part):
    """The part of a transaction that keeps what changes the schedules."""

    async def add_override(self, override: Override) -> int:
        """Keep an override; returns its number."""
        return await self._add(on_call_override, override)

    async def add_leave(self, away: Leave) -> int:
        """Keep a leave; returns its number, which no override has either."""
        return await self._add(leave, away)

    async def overrides(self, since: datetime) -> list[Override]:
        """Those that last beyond ``since``, by their beginning."""
        return await self._lasting(on_call_override, Override, since)

    async def leaves(self, since: datetime) -> list[Leave]:
        """Those that last beyond ``since``, by their beginning."""
        return await self._lasting(leave, Leave, since)

    async def remove_override(self, id: int) -> bool:
        """Whether it was there; it is no longer."""
        return bool((await self.connection.execute(delete(on_call_override).where(_id(on_call_override, id)))).rowcount)

    async def remove_leave(self, id: int) -> bool:
        """Whether it was there; it is no longer."""
        return bool((await self.connection.execute(delete(leave).where(_id(leave, id)))).rowcount)

    async def purge_duty(self, before: datetime) -> None:
        """Delete what was over before."""
        for table in (on_call_override, leave):
            await self.connection.execute(delete(table).where(table.c.end_at < codec.micros(before)))

    async def _add(self, table: Table, one: Override | Leave) -> int:
        values = asdict(one) | {"id": await self._next_id(), "made_at": codec.micros(one.at)}
        values |= {"start_at": codec.micros(one.start), "end_at": codec.micros(one.end)}
        own = {column.key: values[column.key] for column in table.columns}
        await self.connection.execute(insert(table).values(own))
        id: int = values["id"]
        return id

    async def _next_id(self) -> int:
        statement = inserting(self.connection, counter).values(name="duty", value=1)
        added = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        id: int = (await self.connection.execute(added.returning(counter.c.value))).scalar_one()
        return id

    async def _lasting(self, table: Table, kind: type[T], since: datetime) -> list[T]:
        query = select(table).where(table.c.end_at > codec.micros(since)).order_by(table.c.start_at, table.c.id)
        return [kind(**_values(dict(row))) for row in (await self.connection.execute(query)).mappings()]


def _id(table: Table, id: int) -> ColumnElement[bool]:
    return table.c.id == id


def _values(row: dict[str, Any]) -> dict[str, Any]:
    instants = {"start": "start_at", "end": "end_at", "at": "made_at"}
    return {
        **{key: value for key, value in row.items() if key not in instants.values()},
        **{key: codec.instant_of(row[column]) for key, column in instants.items()},
    }
