"""What one walk asks of time, and what it is answered: people, windows and conditions that note each question."""

from collections.abc import Hashable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from escalation.calendar import Window
from escalation.condition import Condition
from escalation.occasion import Timeline
from escalation.policy import EscalationPolicy, Step
from escalation.roster import Person, Roster

Question = tuple[Any, ...]
"""("duty", name), ("window", of a person), ("holds", condition) or ("waits", condition, since when); then how long
after the mail came, or before."""


class Watch:
    """What one mail, which came at ``at``, asks of time, and is answered. ``asked`` are the new questions of the
    decision that is being made; ``names`` are who each person is taken for."""

    def __init__(self, timeline: Timeline, roster: Roster) -> None:
        self.timeline, self.roster = timeline, roster
        self.conditions: list[Condition] = []
        self.windows: list[Window] = []
        self.begin(timeline.times[0])

    def begin(self, at: datetime) -> None:
        self.at = at
        self.asked: list[tuple[Question, Hashable]] = []
        self.met: dict[str, Hashable] = {}
        self.names: dict[str, str] = {}
        self._given: dict[Question, Hashable] = {}
        self._alike: dict[Question, Hashable] = {}

    def given(self, question: Question) -> Hashable:
        """The answer to a question that decide asks."""
        if question not in self._given:
            self.asked.append((question, self.answer(question)))
        return self._given[question]

    def answer(self, question: Question) -> Hashable:
        """The answer as it counts for what is alike."""
        if question not in self._given:
            found = self._given[question] = self._found(question)
            people = found if isinstance(found, tuple) else None
            self._alike[question] = found if people is None else self.timeline.alike(people, self.met)
        return self._alike[question]

    def _found(self, question: Question) -> Hashable:
        match question:
            case ("duty", str(name), timedelta() as offset):
                return self.timeline.on_call(name, self.at + offset)
            case ("window", int(number), timedelta() as offset):
                return self.windows[number].contains(self.at + offset)
            case ("holds", int(number), timedelta() as offset):
                return self.conditions[number].holds(self.at + offset, self.roster)
        _, number, since, offset = question
        until = self.conditions[number].waits_until(self.at + offset, self.at + since, self.roster)
        return None if until is None else until - self.at

    def take_for(self, people: tuple[str, ...]) -> None:
        """Let those who were met be taken for these, in their order, and these for them."""
        if not self.names and tuple(self.met)[: len(people)] == people:
            return
        for one, other in zip(self.met, people, strict=False):
            mine = self.names.get(one, one)
            owner = next((id for id, name in self.names.items() if name == other), other)
            self.names[one], self.names[owner] = other, mine


@dataclass(frozen=True, slots=True)
class _Roster(Roster):
    """A roster that answers for the mail that is walked."""

    watch: Watch | None = field(default=None, compare=False, repr=False)

    def on_call(self, name: str, at: datetime) -> tuple[str, ...]:
        assert self.watch is not None
        found = self.watch.given(("duty", name, at - self.watch.at))
        assert isinstance(found, tuple)
        return tuple(self.watch.names.get(str(one), str(one)) for one in found)


@dataclass(frozen=True, slots=True)
class _Window(Window):
    """A person's own window, the one of this number, that answers for the mail that is walked."""

    number: int = 0
    watch: Watch | None = field(default=None, compare=False, repr=False)

    def contains(self, at: datetime) -> bool:
        assert self.watch is not None
        return bool(self.watch.given(("window", self.number, at - self.watch.at)))


@dataclass(frozen=True, slots=True)
class _Condition(Condition):
    """A condition, the one of this number, that answers for the mail that is walked."""

    number: int = 0
    watch: Watch | None = field(default=None, compare=False, repr=False)

    def holds(self, at: datetime, roster: Roster) -> bool:
        assert self.watch is not None
        return bool(self.watch.given(("holds", self.number, at - self.watch.at)))

    def waits_until(self, at: datetime, since: datetime, roster: Roster) -> datetime | None:
        assert self.watch is not None
        found = self.watch.given(("waits", self.number, since - self.watch.at, at - self.watch.at))
        return self.watch.at + found if isinstance(found, timedelta) else None


def watched_roster(roster: Roster, watch: Watch) -> Roster:
    values = {one.name: getattr(roster, one.name) for one in fields(Roster)}
    people = {id: _person(person, watch) for id, person in roster.people.items()}
    return _Roster(**values | {"people": people}, watch=watch)


def _person(person: Person, watch: Watch) -> Person:
    orders = tuple(replace(one, window=_window(one.window, watch)) for one in person.orders)
    quiet = person.quiet and replace(person.quiet, window=_window(person.quiet.window, watch))
    return replace(person, orders=orders, quiet=quiet)


def _window(window: Window, watch: Watch) -> Window:
    watch.windows.append(window)
    values = {one.name: getattr(window, one.name) for one in fields(Window)}
    return _Window(**values, number=len(watch.windows) - 1, watch=watch)


def watched(policy: EscalationPolicy, watch: Watch) -> EscalationPolicy:
    """The same policy, with conditions that note what they are asked."""
    ladders = tuple(
        replace(ladder, steps=tuple(_step(step, watch) for step in ladder.steps)) for ladder in policy.ladders
    )
    return replace(policy, ladders=ladders)


def _step(step: Step, watch: Watch) -> Step:
    one = step.condition
    if one is None:
        return step
    watch.conditions.append(one)
    number = len(watch.conditions) - 1
    return replace(
        step, condition=_Condition(one.only, one.never, one.on_call, one.is_waiting, number=number, watch=watch)
    )
