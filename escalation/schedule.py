"""Who is on call at an instant, and when that changes.

1. A later layer wins over an earlier one wherever it has somebody.
2. Another calendar's shifts win over the layers, a fixed shift wins over both; of two at once, the one written last.
3. An override wins over all of it; of two at once, the newer. One that ``replaces`` somebody stands only where that
   person would be on call, in whatever role. Overrides of the same instant see what was before all of them: a swap.
4. Whoever is on leave is not on call: in a layer the next turn steps in; an override or a shift for them is void.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from escalation.action import Action
from escalation.calendar import Window
from escalation.imported import Imported
from escalation.rotation import Layer, Role, Unit, begins

OVERRIDE = "override"
FIXED = "shift"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FixedShift:
    """Somebody has the duty from ``start`` until ``end`` (UTC), whatever the layers say."""

    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody takes the duty from ``start`` until ``end`` (UTC); all of it, or only that of ``replaces``. Made at
    ``at`` by ``by``. ``id`` is its number in the store."""

    schedule: str
    person: str
    start: datetime
    end: datetime
    replaces: str = ""
    by: str = ""
    at: datetime = _LONG_AGO
    id: int = 0


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is away from ``start`` until ``end`` (UTC). ``delegate`` is told in their place; "": whom the settings
    name. ``id`` is its number in the store."""

    person: str
    start: datetime
    end: datetime
    by: str = ""
    at: datetime = _LONG_AGO
    id: int = 0
    delegate: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Layers, the last of most weight, and what changes them for a time. ``imported`` are the calendars that give it
    shifts, ``away`` the leaves that calendars tell of. ``remind`` is how long before a shift its people are told;
    ``handoff_to`` are those who get a summary at its end."""

    id: str
    layers: tuple[Layer, ...]
    fixed: tuple[FixedShift, ...] = ()
    overrides: tuple[Override, ...] = ()
    leaves: tuple[Leave, ...] = ()
    imported: tuple[Imported, ...] = ()
    away: tuple[Leave, ...] = ()
    remind: tuple[timedelta, ...] = ()
    handoff_to: tuple[Action, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who may be paged."""
        planned = [
            one for layer in self.layers if layer.role is not Role.SHADOW for turn in layer.turns for one in turn
        ]
        fixed, taken = (one.person for one in self.fixed), (one.person for one in self.overrides)
        given = (person for one in self.imported for person in one.people)
        return tuple(dict.fromkeys([*planned, *given, *fixed, *taken]))

    @property
    def everybody(self) -> frozenset[str]:
        """Whoever is in it in any role."""
        return frozenset({*self.people, *(one for layer in self.layers for turn in layer.turns for one in turn)})

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that its layers have, and the primary."""
        return frozenset({Role.PRIMARY, *(layer.role for layer in self.layers)})

    def most(self, role: Role) -> int:
        """The most people who may be on call at once."""
        given = [one.most for one in self.imported if role is Role.PRIMARY]
        turns = [len(turn) for layer in self.layers if layer.role is role for turn in layer.turns]
        return max([1, *given, *turns] if given else turns, default=1)

    def changed(self, overrides: Iterable[Override], leaves: Iterable[Leave]) -> "Schedule":
        """The schedule with these overrides, as far as they are its own, and leaves."""
        own = tuple(one for one in overrides if one.schedule == self.id)
        return replace(self, overrides=own, leaves=tuple(leaves))

    def fed(self, calendars: Mapping[str, Imported], away: Iterable[Leave]) -> "Schedule":
        """The schedule with what its calendars say now; ``away`` as far as it has these people."""
        given = replace(self, imported=tuple(calendars.get(one.name, one) for one in self.imported))
        everybody = given.everybody
        return replace(given, away=tuple(one for one in away if one.person in everybody))


def taking_turns(
    id: str, people: Iterable[str], zone: str, start: date, handoff: time = time(9), days: int = 7
) -> Schedule:
    """A schedule of one rotation: each person has ``days`` days."""
    turns = tuple((one,) for one in people)
    return Schedule(id, (Layer(id, turns, zone, start, handoff, Unit.DAY, days),))


class Shift(NamedTuple):
    """Who is on call from ``start`` until ``end`` (UTC), by which layer, or by an override or a fixed shift. Without
    people it is a gap."""

    people: tuple[str, ...]
    start: datetime
    end: datetime
    source: str
    role: Role = Role.PRIMARY


class DoubleBooking(NamedTuple):
    """One person who is to be paged by two schedules at once."""

    person: str
    schedules: tuple[str, str]
    start: datetime
    end: datetime


def on_call(schedule: Schedule, at: datetime, role: Role = Role.PRIMARY) -> tuple[str, ...]:
    """Who is on call at ``at`` (aware); nobody is an empty tuple."""
    return _held(schedule, at.astimezone(UTC), role)[0]


def shifts(schedule: Schedule, start: datetime, end: datetime, role: Role = Role.PRIMARY) -> tuple[Shift, ...]:
    """The final schedule from ``start`` until ``end``, without an instant between two shifts or in both: gaps are
    shifts of nobody. Neighbours differ in people or source."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if start >= end:
        return ()
    begun: list[tuple[tuple[str, ...], datetime, str]] = []
    for at in sorted({start, *_changes(schedule, start, end, role)}):
        people, source = _held(schedule, at, role)
        if not begun or (begun[-1][0], begun[-1][2]) != (people, source):
            begun.append((people, at, source))
    ends = [at for _, at, _ in begun[1:]] + [end]
    return tuple(
        Shift(people, at, until, source, role) for (people, at, source), until in zip(begun, ends, strict=True)
    )


def gaps(schedule: Schedule, start: datetime, end: datetime, role: Role = Role.PRIMARY) -> tuple[Shift, ...]:
    """When nobody is on call."""
    return tuple(one for one in shifts(schedule, start, end, role) if not one.people)


def double_bookings(schedules: Iterable[Schedule], start: datetime, end: datetime) -> tuple[DoubleBooking, ...]:
    """Who is to be paged by two schedules at once, in the order of time."""
    held: dict[str, list[tuple[datetime, datetime, str]]] = {}
    for schedule in schedules:
        for person, begin, until in spans(shifts(schedule, start, end), end.astimezone(UTC)):
            held.setdefault(person, []).append((begin, until, schedule.id))
    found = (one for person, spans in held.items() for one in _overlaps(person, sorted(spans)))
    return tuple(sorted(found, key=lambda one: (one.start, one.person, one.schedules)))


def _held(schedule: Schedule, at: datetime, role: Role) -> tuple[tuple[str, ...], str]:
    """Who is on call, and by what."""
    away = frozenset(one.person for one in (*schedule.leaves, *schedule.away) if one.start <= at < one.end)
    people, source = _planned(schedule, at, role, away)
    standing = [one for one in schedule.overrides if one.start <= at < one.end and one.person not in away]
    for _, together in groupby(sorted(standing, key=lambda one: one.at), key=lambda one: one.at):
        taken = {one.replaces: one.person for one in together}
        if "" in taken and role is Role.PRIMARY:
            people, source = (taken[""],), OVERRIDE
        elif taken.keys() & set(people):
            people, source = tuple(dict.fromkeys(taken.get(one, one) for one in people)), OVERRIDE
    return people, source


def _planned(schedule: Schedule, at: datetime, role: Role, away: frozenset[str]) -> tuple[tuple[str, ...], str]:
    if role is Role.PRIMARY:
        for fixed in reversed(schedule.fixed):
            if fixed.start <= at < fixed.end and fixed.person not in away:
                return (fixed.person,), FIXED
        for given in reversed(schedule.imported):
            if people := given.people_at(at, away):
                return people, given.name
    for layer in reversed(schedule.layers):
        if layer.role is role and (people := layer.people_at(at, away)):
            return people, layer.name
    return (), ""


def _changes(schedule: Schedule, start: datetime, end: datetime, role: Role) -> Iterator[datetime]:
    """Every instant between the two at which somebody else may be on call; some change nothing."""
    for layer in schedule.layers:
        if layer.role is role:
            yield from begins(layer, start, end)
            yield from _flips(layer.window, start, end)
    for given in schedule.imported if role is Role.PRIMARY else ():
        yield from given.changes(start, end)
    leaves = (*schedule.leaves, *schedule.away)
    changes: Iterable[FixedShift | Override | Leave] = (*schedule.fixed, *schedule.overrides, *leaves)
    for one in changes:
        yield from (at for at in (one.start, one.end) if start < at < end)


def _flips(window: Window | None, start: datetime, end: datetime) -> Iterator[datetime]:
    at = start
    while window is not None and (found := window.next_change(at, end - at)) is not None:
        yield (at := found)


def spans(listed: Iterable[Shift], end: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """When each person is on call, without a seam where only the source or the company changes."""
    open_since: dict[str, datetime] = {}
    for shift in listed:
        for gone in [one for one in open_since if one not in shift.people]:
            yield gone, open_since.pop(gone), shift.start
        for person in shift.people:
            open_since.setdefault(person, shift.start)
    yield from ((person, since, end) for person, since in open_since.items())


def _overlaps(person: str, spans: list[tuple[datetime, datetime, str]]) -> Iterator[DoubleBooking]:
    for number, (_, end, schedule) in enumerate(spans):
        for start, until, other in spans[number + 1 :]:
            if start >= end:
                break
            first, second = sorted((schedule, other))
            yield DoubleBooking(person, (first, second), start, min(end, until))
