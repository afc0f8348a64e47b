"""Overrides of schedules and leaves of people, until they are long over, those that were taken back too; whose turn it
was in a team."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Table, delete, insert, select, update

from bot.store import codec
from bot.store.dialect import inserting
from bot.store.duty_tables import duty_removed, leave, on_call_override, team_turn
from bot.store.part import Part
from bot.store.record import ConflictError
from bot.store.tables import counter
from escalation.roster import Roster
from escalation.schedule import Leave, Override

T = TypeVar("T", Override, Leave)

MOST_REMOVED = 100
"""Of what was taken back, so many are listed."""


class Removed(NamedTuple):
    """What was taken back, by whom, and when."""

    what: Override | Leave
    by: str
    at: datetime


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

    async def remove_override(self, id: int, by: str, now: datetime) -> bool:
        """Whether it was there; it is no longer, but for a note of who took it back and when."""
        return await self._remove(on_call_override, id, by, now)

    async def remove_leave(self, id: int, by: str, now: datetime) -> bool:
        """Whether it was there; it is no longer, but for a note of who took it back and when."""
        return await self._remove(leave, id, by, now)

    async def removed_overrides(self) -> list[Removed]:
        """Those that were taken back and are not yet forgotten, the newest removal first."""
        return await self._removed(on_call_override)

    async def removed_leaves(self) -> list[Removed]:
        """Those that were taken back and are not yet forgotten, the newest removal first."""
        return await self._removed(leave)

    async def turns(self) -> dict[str, str]:
        """Of each team that takes turns: who had the last one."""
        rows = await self.connection.execute(select(team_turn.c.team, team_turn.c.person))
        return {row.team: row.person for row in rows}

    async def rounds(self) -> dict[str, tuple[str, ...]]:
        """Of each team whose turns go by load: who had a turn in this round, in order."""
        rows = await self.connection.execute(select(team_turn.c.team, team_turn.c.round))
        return {row.team: tuple(json.loads(row.round)) for row in rows}

    async def put_turns(self, turns: Mapping[str, str], rounds: Mapping[str, Sequence[str]], before: Roster) -> None:
        """These had the last turn, and those a turn in the round. Raises ConflictError if another node gave a turn
        since ``before`` was read: then this one may be somebody else's."""
        for team, person in sorted(turns.items()):
            values = {"person": person, "round": _round(rounds, team)}
            if team in before.last_turns:
                was = [team_turn.c.team == team, team_turn.c.person == before.last_turns[team]]
                was += [team_turn.c.round == _round(before.rounds, team)] if team in before.rounds else []
                put = update(team_turn).where(*was).values(values)
            else:
                put = inserting(self.connection, team_turn).values(team=team, **values).on_conflict_do_nothing()
            if not (await self.connection.execute(put)).rowcount:
                raise ConflictError("another node gave a turn of this team first")

    async def purge_duty(self, before: datetime) -> None:
        """Delete what was over before; of what was taken back, what was both over and removed before."""
        at = codec.micros(before)
        for table in (on_call_override, leave):
            await self.connection.execute(delete(table).where(table.c.end_at < at))
        forgotten = (duty_removed.c.end_at < at, duty_removed.c.removed_at < at)
        await self.connection.execute(delete(duty_removed).where(*forgotten))

    async def _remove(self, table: Table, id: int, by: str, now: datetime) -> bool:
        found = (await self.connection.execute(select(table).where(table.c.id == id))).mappings().one_or_none()
        if not found or not (await self.connection.execute(delete(table).where(table.c.id == id))).rowcount:
            return False
        none = {"schedule": "", "replaces": ""}
        removal = {"kind": table.name, "removed_by": by, "removed_at": codec.micros(now)}
        await self.connection.execute(insert(duty_removed).values({**none, **found, **removal}))
        return True

    async def _removed(self, table: Table) -> list[Removed]:
        query = select(duty_removed).where(duty_removed.c.kind == table.name)
        query = query.order_by(duty_removed.c.removed_at.desc(), duty_removed.c.id.desc()).limit(MOST_REMOVED)
        found = []
        for row in (await self.connection.execute(query)).mappings():
            values = {column.key: row[column.key] for column in table.columns}
            kind: type[Override] | type[Leave] = Override if table is on_call_override else Leave
            found.append(Removed(kind(**_values(values)), row["removed_by"], codec.instant_of(row["removed_at"])))
        return found

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


def _values(row: dict[str, Any]) -> dict[str, Any]:
    instants = {"start": "start_at", "end": "end_at", "at": "made_at"}
    return {
        **{key: value for key, value in row.items() if key not in instants.values()},
        **{key: codec.instant_of(row[column]) for key, column in instants.items()},
    }


def _round(rounds: Mapping[str, Sequence[str]], team: str) -> str:
    return json.dumps(list(rounds.get(team, ())))
