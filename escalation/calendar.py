"""Windows of the week, in somebody's zone: office hours, nights, weekends, holidays.

A window is local time: 18:00 is what the clock on the wall says, before and after a DST change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.wall import begin_on, shown_on

EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Weekdays (Monday is 0) and a time of day; an end that is not after the start is on the next day."""

    days: frozenset[int] = EVERY_DAY
    start: time = time(0)
    end: time = time(0)

    def contains(self, local: datetime) -> bool:
        now = local.time()
        if self.start < self.end:
            return local.weekday() in self.days and self.start <= now < self.end
        if now >= self.start:
            return local.weekday() in self.days
        return now < self.end and (local.weekday() - 1) % 7 in self.days


@dataclass(frozen=True, slots=True)
class Window:
    """A named part of time. ``holidays`` are dates; ``on_holidays`` says what they do to the window.

    ``None``: nothing. ``True``: a holiday is wholly inside. ``False``: a holiday is wholly outside.
    ``dates`` are wholly inside, whatever day of the week they are. Other windows narrow it: an instant is inside only
    if it is in each of ``all_of``, in one of ``any_of`` if there are any, and in none of ``none_of``.
    """

    name: str
    zone: str = "UTC"
    spans: tuple[Span, ...] = ()
    on_holidays: bool | None = None
    holidays: frozenset[date] = frozenset()
    dates: frozenset[date] = frozenset()
    all_of: tuple["Window", ...] = ()
    any_of: tuple["Window", ...] = ()
    none_of: tuple["Window", ...] = ()

    @property
    def _others(self) -> tuple["Window", ...]:
        return (*self.all_of, *self.any_of, *self.none_of)

    @property
    def _is_of_others(self) -> bool:
        """Whether it says nothing itself, and is what the others make of it."""
        return bool(self._others) and not self.spans and not self.dates and self.on_holidays is None

    def contains(self, at: datetime) -> bool:
        if not self._others:
            return self._contains(at)
        return (
            (self._is_of_others or self._contains(at))
            and all(one.contains(at) for one in self.all_of)
            and (not self.any_of or any(one.contains(at) for one in self.any_of))
            and not any(one.contains(at) for one in self.none_of)
        )

    def next_change(self, at: datetime, within: timedelta) -> datetime | None:
        """The first instant after ``at`` and less than ``within`` away, in UTC, from which on the window holds if it
        did not, or does not if it did; None if there is none."""
        if self == ALWAYS:
            return None
        end, was_inside = at + within, self.contains(at)
        found = at.astimezone(UTC)
        while (upcoming := self._next_edge(found, end)) is not None:
            if self.contains(upcoming) != was_inside:
                return upcoming
            found = upcoming
        return None

    def changes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every change after ``start`` and before ``end``."""
        at = start
        while at < end and (found := self.next_change(at, end - at)) is not None:
            yield (at := found)

    def _next_edge(self, at: datetime, end: datetime) -> datetime | None:
        """The next instant at which it, or one of the others, may change."""
        found = [one._next_edge(at, end) for one in self._others]
        if not self._is_of_others:
            found.append(self._own_edge(at, end))
        return min((one for one in found if one is not None), default=None)

    def _own_edge(self, at: datetime, end: datetime) -> datetime | None:
        walls = frozenset({time(0), *(wall for span in self.spans for wall in (span.start, span.end))})
        day = self._wall(at).date()
        while begin_on(day - _DAY, time(0), self.zone) < end:
            # Where the clock is set back over midnight, the instants of two days are mixed.
            near = [one for days in (-1, 0, 1) for one in shown_on(day + days * _DAY, walls, self.zone)]
            for found in sorted(one for one in near if at < one < end):
                if self._contains(found) != self._contains(at):
                    return found
            day += _DAY
        return None

    def _wall(self, at: datetime) -> datetime:
        """What the clock of the zone shows. By way of UTC: a datetime that is in the zone already is not converted, and
        may show a time that was skipped."""
        utc = at if at.tzinfo is UTC else at.astimezone(UTC)
        return utc.astimezone(ZoneInfo(self.zone))

    def _contains(self, at: datetime) -> bool:
        local = self._wall(at)
        if local.date() in self.dates:
            return True
        if self.on_holidays is not None and local.date() in self.holidays:
            return self.on_holidays
        return any(span.contains(local) for span in self.spans)


ALWAYS = Window("always", spans=(Span(),))


def next_morning(at: datetime, zone: str, morning: time = time(8)) -> datetime:
    """The next ``morning`` on the wall in that zone, strictly after ``at``; what "until morning" means."""
    tz = ZoneInfo(zone)
    today = at.astimezone(UTC).astimezone(tz).date()
    mornings = (datetime.combine(today + timedelta(days=n), morning, tz).astimezone(UTC) for n in range(3))
    return next(one for one in mornings if one > at).astimezone(at.tzinfo)
