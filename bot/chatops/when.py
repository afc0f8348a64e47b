"""Times as people type them: "30m", "2時間", "until 9:00", "9時まで", "明天9点", "morning", "2026-05-03T02:00"."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.chatops.vocabulary import key_of
from escalation.calendar import next_morning

_BEFORE = re.compile(r"^(?:until|till|for|直到|到)\s*")
_AFTER = re.compile(r"\s*(?:まで|为止)$")
_SPAN = re.compile(
    r"(?:(\d{1,4})\s*(?:d|days?|日間?|天))?\s*(?:(\d{1,4})\s*(?:h|hrs?|hours?|時間|个?小时))?\s*"
    r"(?:(\d{1,5})\s*(?:m|mins?|minutes?|分間?|分钟))?"
)
_CLOCK = re.compile(
    r"(tomorrow|明日|明天)?\s*(?:の)?(\d{1,2})\s*(?::(\d\d)|時半|点半|時(?:(\d{1,2})分)?|点(?:(\d{1,2})分)?)"
)
MORNING = time(8)
"""When the morning is for whoever has said nothing."""
_MORNINGS = frozenset({"morning", "tomorrow morning", "朝", "翌朝", "明朝", "明日の朝", "早上", "明早", "明天早上"})


@dataclass(frozen=True, slots=True)
class When:
    """One of: so long from now; a time on the wall, ``days`` later; a whole instant; the morning (none of them)."""

    span: timedelta | None = None
    clock: time | None = None
    days: int = 0
    instant: datetime | None = None

    def at(self, now: datetime, zone: str, morning: time = MORNING) -> datetime:
        """The instant, in UTC, for somebody on whose wall it is ``zone``; a time that is past today is tomorrow's."""
        if self.span is not None:
            return now + self.span
        if self.instant is not None:
            aware = self.instant if self.instant.tzinfo else self.instant.replace(tzinfo=ZoneInfo(zone))
            return aware.astimezone(UTC)
        if self.clock is None:
            return next_morning(now, zone, morning)
        return next_morning(now if not self.days else _midnight_after(now, zone), zone, self.clock)


def _midnight_after(now: datetime, zone: str) -> datetime:
    """The last instant of today on that wall: what is after it is tomorrow's."""
    local = now.astimezone(ZoneInfo(zone))
    end = local.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return end.astimezone(UTC)


def read_when(text: str) -> When | None:
    """What a text means as a time; None if it means none."""
    key = _AFTER.sub("", _BEFORE.sub("", key_of(text)))
    if key in _MORNINGS:
        return When()
    if (span := _SPAN.fullmatch(key)) and key:
        days, hours, minutes = (int(part or 0) for part in span.groups())
        return When(span=timedelta(days=days, hours=hours, minutes=minutes))
    if clock := _CLOCK.fullmatch(key):
        return _clock(clock, key)
    return _instant(key)


def _clock(found: re.Match[str], key: str) -> When | None:
    day, hour, *minutes = found.groups()
    minute = 30 if key.endswith("半") else int(next((one for one in minutes if one), "0"))
    if int(hour) > 24 or minute > 59 or (int(hour) == 24 and minute):
        return None
    return When(clock=time(int(hour) % 24, minute), days=1 if day else 0)


def _instant(key: str) -> When | None:
    if "-" not in key:
        return None
    try:
        found = datetime.fromisoformat(key.upper())
    except ValueError:
        return None
    return When(instant=found) if 2000 <= found.year < 9000 else None
