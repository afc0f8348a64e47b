"""Windows of the week, in somebody's zone: office hours, nights, weekends, holidays.

A window is local time: 18:00 is what the clock on the wall says, before and after a DST change.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(7))


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
    """A named part of the week. ``holidays`` are dates; ``on_holidays`` says what they do to the window.

    ``None``: nothing. ``True``: a holiday is wholly inside. ``False``: a holiday is wholly outside.
    """

    name: str
    zone: str = "UTC"
    spans: tuple[Span, ...] = ()
    on_holidays: bool | None = None
    holidays: frozenset[date] = frozenset()

    def contains(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone))
        if self.on_holidays is not None and local.date() in self.holidays:
            return self.on_holidays
        return any(span.contains(local) for span in self.spans)


ALWAYS = Window("always", spans=(Span(),))


def next_morning(at: datetime, zone: str, morning: time = time(8)) -> datetime:
    """The next ``morning`` on the wall in that zone, strictly after ``at``; what "until morning" means."""
    tz = ZoneInfo(zone)
    today = at.astimezone(tz).date()
    mornings = (datetime.combine(today + timedelta(days=n), morning, tz).astimezone(UTC) for n in range(3))
    return next(one for one in mornings if one > at).astimezone(at.tzinfo)
