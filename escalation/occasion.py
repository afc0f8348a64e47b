"""The kinds of instants of a policy: what holds when, in a stretch of time, and which stretches are alike.

1. Two stretches are alike if the same ladder, the same conditions of steps and the same people hold in them, for the
   same spans, in the same order. A walk that begins with either goes the same way.
2. People are the same if one could stand for the other: they have contacts on the same channels, which nobody shares,
   and nothing but a schedule or a team names them. So the weeks of a rotation are alike, whoever has them.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from escalation.calendar import ALWAYS, Window
from escalation.policy import Action, EscalationPolicy, Step, TargetKind
from escalation.receipt import Recipient
from escalation.roster import Roster
from escalation.schedule import Shift, shifts
from escalation.wall import begin_on, change_between

_DAY = timedelta(days=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_BEYOND = timedelta(days=40)
"""How far after the end things are still looked up: what began before it goes on."""


Pattern = tuple[object, ...]


class _State(NamedTuple):
    """The ladder that holds, whether each condition of a step does, who is on call in each schedule named, which of the
    people's own windows hold, and who is on leave by which of the leaves."""

    ladder: int | None
    conditions: tuple[bool, ...]
    duties: tuple[tuple[str, ...], ...]
    own: tuple[bool, ...]
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Tabled(Window):
    """A window whose changes between ``since`` and ``until`` are known: the same answers, without asking the wall
    clock. At ``since`` it holds, or does not, as ``holds_at_first`` says."""

    times: tuple[datetime, ...] = field(default=(), compare=False, repr=False)
    holds_at_first: bool = field(default=False, compare=False)
    since: datetime = field(default=_LONG_AGO, compare=False)
    until: datetime = field(default=_LONG_AGO, compare=False)

    def contains(self, at: datetime) -> bool:
        if not self.since <= at < self.until:
            return Window.contains(self, at)
        return bool(bisect_right(self.times, at) % 2) != self.holds_at_first

    def next_change(self, at: datetime, within: timedelta) -> datetime | None:
        end = at + within
        if not self.since <= at <= end <= self.until:
            return Window.next_change(self, at, within)
        place = bisect_right(self.times, at)
        return self.times[place] if place < len(self.times) and self.times[place] < end else None


@dataclass(slots=True)
class Almanac:
    """When windows and schedules change between ``start`` and ``end`` (UTC): looked up once for all policies."""

    roster: Roster
    start: datetime
    end: datetime
    _changes: dict[Window, tuple[datetime, ...]] = field(default_factory=dict)
    _shifts: dict[str, tuple[Shift, ...]] = field(default_factory=dict)
    _clocks: dict[str, tuple[datetime, ...]] = field(default_factory=dict)

    def changes(self, window: Window) -> tuple[datetime, ...]:
        """When the window begins or ends to hold."""
        if window not in self._changes:
            self._changes[window] = tuple(window.changes(self.start, self.end + _BEYOND))
        return self._changes[window]

    def tabled(self, policy: EscalationPolicy) -> EscalationPolicy:
        """The same policy, with windows that know their changes."""
        ladders = tuple(
            replace(ladder, window=self._table(ladder.window), steps=tuple(map(self._timed, ladder.steps)))
            for ladder in policy.ladders
        )
        return replace(policy, ladders=ladders)

    def _timed(self, step: Step) -> Step:
        one = step.condition
        if one is None:
            return step
        only, never = (None if window is None else self._table(window) for window in (one.only, one.never))
        return replace(step, condition=replace(one, only=only, never=never))

    def _table(self, window: Window) -> Window:
        if window == ALWAYS:
            return window
        values = {one.name: getattr(window, one.name) for one in fields(Window)}
        until = self.end + _BEYOND
        return _Tabled(
            **values,
            times=self.changes(window),
            holds_at_first=window.contains(self.start),
            since=self.start,
            until=until,
        )

    def shifts(self, name: str) -> tuple[Shift, ...]:
        """The shifts of what stands after ``oncall:``; none for a schedule that is not there."""
        if name not in self._shifts:
            duty = self.roster.duty(name)
            self._shifts[name] = shifts(duty[0], self.start, self.end + _BEYOND, duty[1]) if duty else ()
        return self._shifts[name]

    def clock_changes(self, zone: str) -> tuple[datetime, ...]:
        """When the clock of a zone is set forward or back."""
        if zone not in self._clocks:
            days = [self.start + number * _DAY for number in range((self.end - self.start).days + 1)]
            self._clocks[zone] = tuple(_clock_changes(days, ZoneInfo(zone)))
        return self._clocks[zone]


def _clock_changes(days: Iterable[datetime], zone: ZoneInfo) -> Iterator[datetime]:
    for before, after in pairwise(days):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield change_between(before, after, zone)


class Timeline:
    """What holds for one policy, from instant to instant."""

    def __init__(self, policy: EscalationPolicy, almanac: Almanac, recipients: Collection[Recipient]) -> None:
        self._policy, self._almanac = policy, almanac
        steps = [step for ladder in policy.ladders for step in ladder.steps]
        self._conditions = list(dict.fromkeys(one for step in steps if (one := step.condition) is not None))
        narrow = (window for one in self._conditions for window in (one.only, one.never) if window is not None)
        self._own = list(dict.fromkeys(_own_windows(almanac.roster)))
        self._windows = list(dict.fromkeys([*(ladder.window for ladder in policy.ladders), *narrow, *self._own]))
        self._leaves = [*almanac.roster.leaves, *almanac.roster.away]
        self._ladders = [self._windows.index(ladder.window) for ladder in policy.ladders]
        self._bounds = [tuple(self._number(window) for window in (one.only, one.never)) for one in self._conditions]
        self._names = list(dict.fromkeys(_schedules(steps, policy.last_resort)))
        self._places = {name: place for place, name in enumerate(self._names)}
        self._classes = _classes(policy, almanac.roster, recipients)
        self.times, states = self._swept()
        numbers = {state: number for number, state in enumerate(dict.fromkeys(states))}
        self._states = list(numbers)
        self._numbers = [numbers[state] for state in states]
        self._patterns: dict[Pattern, Pattern] = {}
        ladders = [self._states[number].ladder for number in self._numbers]
        self._crossings = [at for at, (one, two) in zip(self.times[1:], pairwise(ladders), strict=True) if one != two]
        self.has_own_windows = bool(self._own)
        self._alikes: dict[tuple[int, tuple[str, ...]], tuple[Pattern, dict[str, object]]] = {}

    def places(self) -> list[datetime]:
        """Each instant at which something changes, and at which the clock is set or a holiday begins."""
        found = set(self.times[1:])
        for zone in {window.zone for window in self._windows} | self._zones():
            found.update(self._almanac.clock_changes(zone))
        for window in self._windows:
            found.update(self._holidays(window))
        return sorted(found)

    def pattern(self, at: datetime, span: timedelta) -> Pattern:
        """What holds from ``at`` on for ``span``: equal for stretches that are alike."""
        first = bisect_right(self.times, at, 1) - 1
        last = bisect_right(self.times, at + span, first)
        written = (*self._numbers[first:last], *(one - at for one in self.times[first + 1 : last]))
        if written not in self._patterns:
            met: dict[str, object] = {}
            states = tuple(self._alike(number, met) for number in self._numbers[first:last])
            self._patterns[written] = states, written[last - first :]
        return self._patterns[written]

    def stretches(self, at: datetime) -> Iterator[tuple[Pattern, timedelta | None]]:
        """What holds from ``at`` on, in turn, each with its beginning; and how long after ``at`` it ends."""
        met: dict[str, object] = {}
        first = bisect_right(self.times, at, 1) - 1
        began: timedelta | None = None
        for number in range(first, len(self.times)):
            until = self.times[number + 1] - at if number + 1 < len(self.times) else None
            place = self._numbers[number], tuple(met)
            if place not in self._alikes:
                met = dict(met)
                self._alikes[place] = self._alike(self._numbers[number], met), met
            found, met = self._alikes[place]
            yield (began, found), until
            began = until

    def on_call(self, name: str, at: datetime) -> tuple[str, ...]:
        """Who is on call then for what the policy names."""
        place = self._places.get(name)
        if place is None or not self.times[0] <= at < self._almanac.end + _BEYOND:
            return self._almanac.roster.on_call(name, at)
        return self._state_at(at).duties[place]

    def ladder_until(self, at: datetime) -> datetime | None:
        """When another ladder holds than does at ``at``, or none, or one again; None if that is not known. A climb may
        last longer than what was looked up."""
        place = bisect_right(self._crossings, at)
        return self._crossings[place] if place < len(self._crossings) else self._policy.phase_at(at).until

    def ladder_at(self, at: datetime) -> int | None:
        is_known = at < self._almanac.end + _BEYOND
        return self._state_at(at).ladder if is_known else self._policy.phase_at(at).ladder

    def leaves_at(self, at: datetime) -> tuple[int, ...]:
        """Which of the leaves hold."""
        return self._state_at(at).leaves if self._leaves else ()

    def alike(self, people: Iterable[str], met: dict[str, object]) -> Pattern:
        """People, those who could stand for each other numbered in the order in which they are met."""
        return tuple(met.setdefault(one, (self._classes.get(one, one), len(met))) for one in people)

    def _state_at(self, at: datetime) -> _State:
        return self._states[self._numbers[bisect_right(self.times, at, 1) - 1]]

    def _alike(self, number: int, met: dict[str, object]) -> Pattern:
        state = self._states[number]
        people = tuple(self.alike(duty, met) for duty in state.duties)
        return state.ladder, state.conditions, people, state.own, state.leaves

    def _swept(self) -> tuple[list[datetime], list[_State]]:
        """Every change of what holds, in order of time, beginning with what holds at first."""
        start = self._almanac.start
        held = [window.contains(start) for window in self._windows]
        duties: list[tuple[str, ...]] = [()] * len(self._names)
        flips, handoffs = self._flips(), self._handoffs()
        end = self._almanac.end + _BEYOND
        leaving = {at for one in self._leaves for at in (one.start, one.end) if start < at < end}
        times, states = list[datetime](), list[_State]()
        for at in sorted({start, *flips, *handoffs, *leaving}):
            for window in flips.get(at, ()):
                held[window] = not held[window]
            for place, people in handoffs.get(at, ()):
                duties[place] = people
            state = self._state(at, held, duties)
            if not states or states[-1] != state:
                times.append(at)
                states.append(state)
        return times, states

    def _flips(self) -> dict[datetime, list[int]]:
        found: dict[datetime, list[int]] = {}
        for number, window in enumerate(self._windows):
            for at in self._almanac.changes(window):
                found.setdefault(at, []).append(number)
        return found

    def _handoffs(self) -> dict[datetime, list[tuple[int, tuple[str, ...]]]]:
        found: dict[datetime, list[tuple[int, tuple[str, ...]]]] = {}
        for place, name in enumerate(self._names):
            for shift in self._almanac.shifts(name):
                found.setdefault(shift.start, []).append((place, shift.people))
        return found

    def _state(self, at: datetime, held: list[bool], duties: list[tuple[str, ...]]) -> _State:
        ladder = next((number for number, window in enumerate(self._ladders) if held[window]), None)
        conditions = tuple(
            (only is None or held[only])
            and (never is None or not held[never])
            and (not one.on_call or bool(duties[self._places[one.on_call]]))
            for one, (only, never) in zip(self._conditions, self._bounds, strict=True)
        )
        own = tuple(held[self._windows.index(one)] for one in self._own)
        leaves = tuple(number for number, one in enumerate(self._leaves) if one.start <= at < one.end)
        return _State(ladder, conditions, tuple(duties), own, leaves)

    def _number(self, window: Window | None) -> int | None:
        return None if window is None else self._windows.index(window)

    def _zones(self) -> set[str]:
        duties = (self._almanac.roster.duty(name) for name in self._names)
        return {layer.zone for duty in duties if duty for layer in duty[0].layers}

    def _holidays(self, window: Window) -> Iterator[datetime]:
        first, last = self._almanac.start.date() + _DAY, self._almanac.end.date() - _DAY
        return (begin_on(day, time(0), window.zone) for day in _days(window) if first <= day <= last)


def _days(window: Window) -> Iterator[date]:
    yield from window.holidays
    yield from window.dates
    for other in (*window.all_of, *window.any_of, *window.none_of):
        yield from _days(other)


def actions(policy: EscalationPolicy) -> Iterator[Action]:
    """Every way in which the policy tells somebody, in its order."""
    for ladder in policy.ladders:
        for step in ladder.steps:
            yield step.action
            if step.otherwise is not None:
                yield step.otherwise
    yield from policy.last_resort


def recipients_of(policy: EscalationPolicy, roster: Roster, readers: Iterable[str] = ()) -> tuple[Recipient, ...]:
    """Who is taken to get a mail: the readers, and everybody that the policy names; all people if that is nobody."""
    named = [person for action in actions(policy) for person in _people(action, roster)]
    everybody = dict.fromkeys([*readers, *named]) or dict.fromkeys(roster.people)
    return tuple(Recipient(id) for id in everybody if id in roster.people)


def _people(action: Action, roster: Roster) -> Iterator[str]:
    for target in action.targets:
        match target.kind:
            case TargetKind.PERSON:
                yield target.name
            case TargetKind.TEAM | TargetKind.ROUND_ROBIN:
                yield from roster.teams.get(target.name, ())
            case TargetKind.ONCALL if duty := roster.duty(target.name):
                yield from duty[0].people


def _schedules(steps: Iterable[Step], last_resort: Iterable[Action]) -> Iterator[str]:
    for step in steps:
        if step.condition is not None and step.condition.on_call:
            yield step.condition.on_call
        yield from _on_call(step.action)
        yield from _on_call(step.otherwise) if step.otherwise else ()
    for action in last_resort:
        yield from _on_call(action)


def _on_call(action: Action) -> Iterator[str]:
    return (target.name for target in action.targets if target.kind is TargetKind.ONCALL)


def _classes(policy: EscalationPolicy, roster: Roster, recipients: Collection[Recipient]) -> dict[str, object]:
    """What is the same of people who could stand for each other (rule 2)."""
    owners = Counter(contact for person in roster.people.values() for contact in person.contacts.items())
    apart = _of_their_own(roster) | _in_turn(policy, roster)
    named = _named(policy) | {one.id for one in recipients if one.address}
    gets_it = {one.id for one in recipients}
    teams = [*named, *gets_it]
    return {
        id: (
            frozenset(person.contacts),
            frozenset(one for one in teams if id in roster.teams.get(one, ())),
            id in gets_it,
        )
        for id, person in roster.people.items()
        if id not in named and id not in apart and all(owners[contact] == 1 for contact in person.contacts.items())
    }


def _of_their_own(roster: Roster) -> set[str]:
    """Whoever has ways, hours or delegates of their own, stands in for somebody, or is on leave."""
    people = roster.people.values()
    special = {one.id for one in people if one.orders or one.quiet or one.more or one.delegate}
    leaves = (*roster.leaves, *roster.away)
    return special | {one.delegate for one in people} | {id for one in leaves for id in (one.person, one.delegate)}


def _in_turn(policy: EscalationPolicy, roster: Roster) -> set[str]:
    """The members of teams that take turns: who is told is not the same of any two of them."""
    named = (target for action in actions(policy) for target in action.targets)
    return {id for one in named if one.kind is TargetKind.ROUND_ROBIN for id in roster.teams.get(one.name, ())}


def _own_windows(roster: Roster) -> Iterator[Window]:
    for person in roster.people.values():
        yield from (order.window for order in person.orders)
        if person.quiet is not None:
            yield person.quiet.window


def _named(policy: EscalationPolicy) -> set[str]:
    """The people and teams that the policy names."""
    by_name = (TargetKind.PERSON, TargetKind.TEAM, TargetKind.ROUND_ROBIN)
    return {target.name for action in actions(policy) for target in action.targets if target.kind in by_name}
