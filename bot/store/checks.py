"""Checks of contacts: each asks one address of a person to answer; and the proofs of those that did."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from bot.store import codec
from bot.store.dialect import inserting, upsert
from bot.store.part import Part, chunks
from bot.store.people_tables import contact_check, contact_proof
from bot.store.tables import counter


class CheckKind(StrEnum):
    """Why it is asked: somebody wants the contact confirmed, or the weekly test."""

    CONFIRM = "confirm"
    TEST = "test"


class How(StrEnum):
    """How a check ended: by the code that it brought, by a press of its button or on the page of its link, by an answer
    to its mail, or not at all."""

    CODE = "code"
    PRESS = "press"
    REPLY = "reply"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. Its code is made of the ``nonce``, which alone is kept. ``how`` is None while it is open."""

    person: str
    channel: str
    address: str
    kind: CheckKind
    nonce: str = field(repr=False)
    asked_at: datetime
    ends_at: datetime
    tries: int = 0
    closed_at: datetime | None = None
    how: How | None = None
    id: int = 0

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.ends_at

    @property
    def is_confirmed(self) -> bool:
        return self.how not in (None, How.UNANSWERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An address that reached its person, when last, and how they said so."""

    person: str
    channel: str
    address: str
    confirmed_at: datetime
    how: How


_own = contact_check.c
_INSTANTS = ("asked_at", "ends_at", "closed_at")


class Checks(Part):
    """The part of a transaction that keeps checks and proofs."""

    async def add_check(self, one: Check) -> int:
        """Keep a new check; returns its number."""
        statement = inserting(self.connection, counter).values(name="check", value=1)
        added = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        id: int = (await self.connection.execute(added.returning(counter.c.value))).scalar_one()
        instants = {name: codec.micros(getattr(one, name)) for name in _INSTANTS}
        values = asdict(one) | instants | {"id": id, "how": one.how or "", "kind": one.kind.value}
        await self.connection.execute(insert(contact_check).values(values))
        return id

    async def check(self, id: int) -> Check | None:
        """The check with this number; None if there is none."""
        found = await self._checks(_own.id == min(id, 2**62))
        return found[0] if found else None

    async def open_checks(self, person: str, now: datetime) -> list[Check]:
        """Those that this person can still answer, the newest first."""
        return await self._checks(_own.person == person, _own.closed_at.is_(None), _own.ends_at > codec.micros(now))

    async def open_checks_at(self, address: str, channels: Collection[str], now: datetime) -> list[Check]:
        """The same of whoever is reached at this address over one of these channels."""
        place = (_own.address == address, _own.channel.in_(channels))
        return await self._checks(*place, _own.closed_at.is_(None), _own.ends_at > codec.micros(now))

    async def lapsed_checks(self, now: datetime) -> list[Check]:
        """Those that nobody answered in time, and that are not closed yet."""
        return await self._checks(_own.closed_at.is_(None), _own.ends_at <= codec.micros(now))

    async def last_tests(self, people: Collection[str]) -> list[Check]:
        """The last closed test of each address of these people."""
        found: dict[tuple[str, str, str], Check] = {}
        for few in chunks(people):
            tests = (_own.person.in_(few), _own.kind == CheckKind.TEST.value, _own.closed_at.is_not(None))
            for one in await self._checks(*tests):
                found.setdefault((one.person, one.channel, one.address), one)
        return list(found.values())

    async def count_checks(self, person: str, channel: str, since: datetime) -> int:
        """How often this person was asked over this channel since then, but for tests."""
        asked = (_own.person == person, _own.channel == channel, _own.asked_at > codec.micros(since))
        query = select(func.count()).where(*asked, _own.kind == CheckKind.CONFIRM.value)
        count: int = (await self.connection.execute(query)).scalar_one()
        return count

    async def last_asked(self, person: str, channel: str, address: str) -> datetime | None:
        """When this person was last asked to confirm this address; tests don't count."""
        place = (_own.person == person, _own.channel == channel, _own.address == address)
        query = select(func.max(_own.asked_at)).where(*place, _own.kind == CheckKind.CONFIRM.value)
        return codec.instant((await self.connection.execute(query)).scalar_one())

    async def take_check_tries(self, ids: Collection[int], most: int) -> set[int]:
        """Count one more try of each open check; returns those that had not had ``most``. None is forgotten of tries at
        once."""
        is_open = (_own.id.in_(ids), _own.tries < most, _own.closed_at.is_(None))
        taken = update(contact_check).where(*is_open).values(tries=_own.tries + 1).returning(_own.id)
        return set((await self.connection.execute(taken)).scalars())

    async def give_back_tries(self, ids: Collection[int]) -> None:
        """The try was meant for another check."""
        await self.connection.execute(update(contact_check).where(_own.id.in_(ids)).values(tries=_own.tries - 1))

    async def close_check(self, id: int, how: How, now: datetime) -> bool:
        """Whether it was open, and ended by this."""
        closed = update(contact_check).where(_own.id == id, _own.closed_at.is_(None))
        values = {"closed_at": codec.micros(now), "how": how.value}
        return bool((await self.connection.execute(closed.values(values))).rowcount)

    async def put_proof(self, one: Proof) -> None:
        """Keep that this address reached its person, in place of the proof before."""
        keys = ["person", "channel", "address"]
        values = asdict(one) | {"confirmed_at": codec.micros(one.confirmed_at), "how": one.how.value}
        statement = upsert(contact_proof, keys, ["confirmed_at", "how"])(self.connection)
        await self.connection.execute(statement.values(values))

    async def proofs(self, people: Collection[str]) -> list[Proof]:
        """The proofs of these people, however old."""
        found: list[Proof] = []
        for few in chunks(people):
            rows = await self.connection.execute(select(contact_proof).where(contact_proof.c.person.in_(few)))
            found += [_proof(row) for row in rows.mappings()]
        return sorted(found, key=lambda one: (one.person, one.channel, one.address))

    async def purge_checks(self, before: datetime) -> None:
        """Delete what was closed before; proofs stay."""
        await self.connection.execute(delete(contact_check).where(_own.closed_at < codec.micros(before)))

    async def _checks(self, *which: ColumnElement[bool]) -> list[Check]:
        query = select(contact_check).where(*which).order_by(_own.id.desc())
        return [_check(row) for row in (await self.connection.execute(query)).mappings()]


def _check(row: Mapping[str, Any]) -> Check:
    instants = {name: codec.instant(row[name]) for name in _INSTANTS}
    kinds = {"kind": CheckKind(row["kind"]), "how": How(row["how"]) if row["how"] else None}
    return Check(**(dict(row) | instants | kinds))


def _proof(row: Mapping[str, Any]) -> Proof:
    return Proof(**(dict(row) | {"confirmed_at": codec.instant_of(row["confirmed_at"]), "how": How(row["how"])}))
