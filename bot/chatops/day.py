"""Days as people type them: "2026-06-03", "6/3", "6月3日", "tomorrow", "昨日", with a time of day or without."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.chatops.vocabulary import key_of
from bot.chatops.when import read_when

_OFFSETS = {
    **dict.fromkeys(("today", "今日", "本日", "今天"), 0),
    **dict.fromkeys(("tomorrow", "明日", "明天"), 1),
    **dict.fromkeys(("yesterday", "昨日", "昨天"), -1),
}
_DATE = re.compile(r"(?:(\d{4})(?:-|/|年))?(\d{1,2})(?:-|/|月)(\d{1,2})(?:日|号)?")
_PARTS = re.compile(r"(.*?[\d日号天yw])(?:\s+の?|t|(?<=[日号天])の?)\s*(\d.*)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d\d)|時半|点半|時|点)?")
_AFTER = re.compile(r"\s*(?:から|まで|以来|以降|の分|起)$")


@dataclass(frozen=True, slots=True)
class Day:
    """A day: so many from today, or a date, whose year may be left open; and the time of day, if one was named."""

    offset: int = 0
    month: int = 0
    number: int = 0
    year: int = 0
    clock: time | None = None

    def at(self, now: datetime, zone: str, otherwise: time, *, is_past: bool = False) -> datetime:
        """The instant, in UTC, on this wall; ``otherwise`` is the time of day where none was named. Of a date without a
        year the next one, or with ``is_past`` the last one."""
        today = now.astimezone(ZoneInfo(zone)).date()
        day = today + timedelta(days=self.offset) if not self.month else self._date(today, is_past)
        wall = datetime.combine(day, self.clock or otherwise, ZoneInfo(zone))
        return wall.astimezone(UTC)

    def _date(self, today: date, is_past: bool) -> date:
        if self.year:
            return date(self.year, self.month, self.number)
        step = -1 if is_past else 1
        years = (today.year + step * n for n in range(9))
        days = (one for one in (_date_of(year, self.month, self.number) for year in years) if one is not None)
        return next((one for one in days if (one <= today if is_past else one >= today)), today)


def read_day(text: str) -> Day | None:
    """What a text means as a day; None if it means none."""
    key = _AFTER.sub("", key_of(text))
    if (whole := _of(key)) is not None:
        return whole
    parts = _PARTS.fullmatch(key)
    day = _of(parts[1]) if parts else None
    clock = _clock(parts[2]) if parts else None
    return None if day is None or clock is None else replace(day, clock=clock)


def _of(key: str) -> Day | None:
    if key in _OFFSETS:
        return Day(_OFFSETS[key])
    found = _DATE.fullmatch(key)
    if found is None:
        return None
    year, month, number = (int(part or 0) for part in found.groups())
    is_there = _date_of(year or 2024, month, number) is not None and (not year or 2000 <= year < 9000)
    return Day(month=month, number=number, year=year) if is_there else None


def _date_of(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), 30 if text.endswith("半") else int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


NOON = time(12)
_MIDNIGHT = time(0)


def in_shift(text: str, now: datetime, zone: str, morning: time) -> datetime | None:
    """The coming instant that a text means as one of a shift: a day alone is its noon. None if it means none."""
    if (day := read_day(text)) is not None:
        return day.at(now, zone, NOON)
    when = read_when(text)
    return None if when is None else when.at(now, zone, morning)


def in_past(text: str, now: datetime, zone: str) -> datetime | None:
    """The instant behind us that a text means: "3d" is so long ago, "9:00" was last, a day alone begins. None if it
    means none."""
    if (day := read_day(text)) is not None:
        return day.at(now, zone, _MIDNIGHT, is_past=True)
    when = read_when(_AFTER.sub("", key_of(text)))
    if when is None:
        return None
    if when.span is not None:
        return now - when.span
    if when.instant is not None:
        return when.at(now, zone)
    return when.at(now - timedelta(days=1), zone)
