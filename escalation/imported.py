"""Shifts that another calendar gives: at each instant everybody who has an event then, those of the highest level."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Crews = tuple[tuple[str, ...], ...]
"""Who has the duty, by level, the highest first."""


class CalendarShift(NamedTuple):
    """Some people have the duty from ``start`` until ``end`` (UTC)."""

    people: tuple[str, ...]
    start: datetime
    end: datetime
    level: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """A calendar as steps: from each of ``begins`` on, the crews beside it have the duty; before the first nobody."""

    name: str
    begins: tuple[datetime, ...] = ()
    crews: tuple[Crews, ...] = ()

    @classmethod
    def of(cls, name: str, shifts: Iterable[CalendarShift]) -> "Imported":
        """The steps of these shifts, however they overlap."""
        lasting = sorted((one for one in shifts if one.people and one.start < one.end), key=lambda one: one.start)
        instants = sorted({at for one in lasting for at in (one.start, one.end)})
        crews, active, upcoming = list[Crews](), list[CalendarShift](), 0
        for at in instants:
            active = [one for one in active if one.end > at]
            while upcoming < len(lasting) and lasting[upcoming].start <= at:
                active.append(lasting[upcoming])
                upcoming += 1
            crews.append(_crews(active))
        return cls(name, tuple(instants), tuple(crews))

    def people_at(self, at: datetime, away: Collection[str] = ()) -> tuple[str, ...]:
        """Who has the duty, without those who are away: the highest level of which somebody is there."""
        place = bisect_right(self.begins, at) - 1
        crews = self.crews[place] if place >= 0 else ()
        present = (tuple(one for one in crew if one not in away) for crew in crews)
        return next((crew for crew in present if crew), ())

    def changes(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """Every instant after ``start`` and before ``end`` at which somebody else may have the duty."""
        return self.begins[bisect_right(self.begins, start) : bisect_left(self.begins, end)]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who ever has the duty."""
        return tuple(dict.fromkeys(one for crews in self.crews for crew in crews for one in crew))

    @property
    def most(self) -> int:
        """The most people who have it at once."""
        return max((len(crew) for crews in self.crews for crew in crews), default=0)


def _crews(active: Collection[CalendarShift]) -> Crews:
    levels = sorted({one.level for one in active}, reverse=True)
    by_level = ((id for one in active if one.level == level for id in one.people) for level in levels)
    return tuple(tuple(dict.fromkeys(crew)) for crew in by_level)
