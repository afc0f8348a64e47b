"""Swaps of shifts: asked, decided once, and kept until what they were about is long over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.store import codec
from bot.store.dialect import inserting
from bot.store.duty_tables import swap
from bot.store.part import Part
from bot.store.tables import counter
from escalation.swap import Stretch, Swap, SwapState

_ASKED = SwapState.ASKED.value


class Swaps(Part):
    """The part of a transaction that keeps swaps."""

    async def add_swap(self, one: Swap) -> int:
        """Keep a swap that is asked; returns its number."""
        statement = inserting(self.connection, counter).values(name="swap", value=1)
        added = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        id: int = (await self.connection.execute(added.returning(counter.c.value))).scalar_one()
        await self.connection.execute(insert(swap).values(_row(one) | {"id": id}))
        return id

    async def swap(self, id: int) -> Swap | None:
        """The swap with this number; None if there is none."""
        query = select(swap).where(swap.c.id == min(id, 2**62))
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else _swap(row)

    async def swaps(self, state: SwapState | None = None, limit: int = 100) -> list[Swap]:
        """Those in this state, or all, the newest first."""
        query = select(swap).order_by(swap.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(swap.c.state == state.value)
        return [_swap(row) for row in (await self.connection.execute(query)).mappings()]

    async def lapsed_swaps(self, now: datetime, limit: int = 100) -> list[Swap]:
        """Those that are asked for no longer, by their end."""
        is_over = (swap.c.state == _ASKED, swap.c.ends_at <= codec.micros(now))
        query = select(swap).where(*is_over).order_by(swap.c.ends_at, swap.c.id).limit(limit)
        return [_swap(row) for row in (await self.connection.execute(query)).mappings()]

    async def next_swap_end(self) -> datetime | None:
        """When the first of those that are asked lapses."""
        query = select(func.min(swap.c.ends_at)).where(swap.c.state == _ASKED)
        return codec.instant((await self.connection.execute(query)).scalar_one_or_none())

    async def decide_swap(self, id: int, state: SwapState, now: datetime) -> bool:
        """Whether it was still asked, and is decided by this; a second decision changes nothing."""
        asked = (swap.c.id == id, swap.c.state == _ASKED)
        values = {"state": state.value, "decided_at": codec.micros(now)}
        return bool((await self.connection.execute(update(swap).where(*asked).values(values))).rowcount)

    async def purge_swaps(self, before: datetime) -> None:
        """Delete those whose shifts were over before."""
        at = codec.micros(before)
        is_over = (swap.c.mine_end_at < at, func.coalesce(swap.c.theirs_end_at, 0) < at, swap.c.state != _ASKED)
        await self.connection.execute(delete(swap).where(*is_over))


def _row(one: Swap) -> dict[str, Any]:
    theirs = one.theirs or (None, None)
    instants = {"mine_start_at": one.mine.start, "mine_end_at": one.mine.end}
    instants |= {"asked_at": one.at, "ends_at": one.ends_at}
    more = {"theirs_start_at": theirs[0], "theirs_end_at": theirs[1], "decided_at": one.decided_at}
    who = {"schedule": one.schedule, "asker": one.asker, "other": one.other, "state": one.state.value}
    return who | {name: codec.micros(at) for name, at in (instants | more).items()}


def _swap(row: Mapping[str, Any]) -> Swap:
    theirs = (codec.instant(row["theirs_start_at"]), codec.instant(row["theirs_end_at"]))
    return Swap(
        schedule=row["schedule"],
        asker=row["asker"],
        other=row["other"],
        mine=Stretch(codec.instant_of(row["mine_start_at"]), codec.instant_of(row["mine_end_at"])),
        theirs=Stretch(theirs[0], theirs[1]) if theirs[0] and theirs[1] else None,
        at=codec.instant_of(row["asked_at"]),
        ends_at=codec.instant_of(row["ends_at"]),
        state=SwapState(row["state"]),
        decided_at=codec.instant(row["decided_at"]),
        id=row["id"],
    )
