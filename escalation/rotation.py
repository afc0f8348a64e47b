"""People who take turns, and the instants at which they hand over.

1. A handoff is the first instant at which the clock on the wall of the zone shows its time, or a later one: a time that
   a DST change skips is the first instant after the gap, and of a time that comes twice it is the first.
2. Hours are counted as they elapse. Days, weeks and months are those of the zone's calendar.
3. A monthly handoff is on the start's day of the month, or on the last day of a shorter month.
4. A turn lasts until the next one begins. Before the first, nobody has a turn.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, count, takewhile
from zoneinfo import ZoneInfo

from escalation.calendar import Window
from escalation.wall import begin_on

_DAY = timedelta(days=1)


class Role(StrEnum):
    """What being on call means: to be paged, to be paged as ``oncall:NAME/backup``, or only to be shown."""

    PRIMARY = "primary"
    BACKUP = "backup"
    SHADOW = "shadow"


class Unit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Layer:
    """One rotation. Each turn is one or several people, and lasts ``count`` units; or as many days as ``cycle`` says,
    round and round. The first begins on ``start`` at ``handoff``. Outside ``window`` the layer has nobody.
    """

    name: str
    turns: tuple[tuple[str, ...], ...]
    zone: str
    start: date
    handoff: time = time(9)
    unit: Unit = Unit.WEEK
    count: int = 1
    cycle: tuple[int, ...] = ()
    window: Window | None = None
    role: Role = Role.PRIMARY

    @property
    def is_hourly(self) -> bool:
        return self.unit is Unit.HOUR and not self.cycle

    def people_at(self, at: datetime, away: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Who has the turn at ``at``, without those who are ``away``. If nobody of the turn is there, the next turn in
        order of which somebody is."""
        if not self.turns or (self.window is not None and not self.window.contains(at)):
            return ()
        number = turn_at(self, at)
        if number < 0:
            return ()
        return self._present(number, away) if away else self.turns[number % len(self.turns)]

    def _present(self, number: int, away: frozenset[str]) -> tuple[str, ...]:
        size = len(self.turns)
        following = (self.turns[(number + step) % size] for step in range(size))
        present = (tuple(one for one in turn if one not in away) for turn in following)
        return next((turn for turn in present if turn), ())


def turn_at(layer: Layer, at: datetime) -> int:
    """The number of the turn that has begun last at ``at``; negative before the first."""
    if layer.is_hourly:
        return (at - begin_of(layer, 0)) // timedelta(hours=layer.count)
    # Where the clock is set back over midnight, tomorrow's handoff may have been already.
    number = _turn_on(layer, at.astimezone(ZoneInfo(layer.zone)).date() + _DAY)
    while number >= 0 and begin_of(layer, number) > at:
        number -= 1
    return number


def begin_of(layer: Layer, number: int) -> datetime:
    """When a turn begins, in UTC."""
    if layer.is_hourly:
        return begin_on(layer.start, layer.handoff, layer.zone) + number * timedelta(hours=layer.count)
    return begin_on(_day_of(layer, number), layer.handoff, layer.zone)


def begins(layer: Layer, start: datetime, end: datetime) -> Iterator[datetime]:
    """The handoffs after ``start`` and before ``end``."""
    if layer.turns:
        following = (begin_of(layer, number) for number in count(max(turn_at(layer, start) + 1, 0)))
        yield from takewhile(lambda begin: begin < end, following)


def _day_of(layer: Layer, number: int) -> date:
    if layer.cycle:
        rounds, place = divmod(number, len(layer.cycle))
        return layer.start + timedelta(days=rounds * sum(layer.cycle) + sum(layer.cycle[:place]))
    if layer.unit is Unit.MONTH:
        return _month_on(layer.start, number * layer.count)
    return layer.start + timedelta(days=number * _days(layer))


def _turn_on(layer: Layer, day: date) -> int:
    """The last turn whose day is not after ``day``."""
    elapsed = (day - layer.start).days
    if layer.cycle:
        rounds, rest = divmod(elapsed, sum(layer.cycle))
        return rounds * len(layer.cycle) + bisect_right(list(accumulate(layer.cycle)), rest)
    if layer.unit is Unit.MONTH:
        months = (day.year - layer.start.year) * 12 + day.month - layer.start.month
        return (months - (_month_on(layer.start, months) > day)) // layer.count
    return elapsed // _days(layer)


def _days(layer: Layer) -> int:
    return layer.count * 7 if layer.unit is Unit.WEEK else layer.count


def _month_on(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
