"""From what the clock on the wall of a zone shows to instants: where it is set forward or back, too."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=65_536)
def begin_on(day: date, handoff: time, zone: str) -> datetime:
    """The first instant at which the wall clock of ``zone`` shows this time or a later one, in UTC."""
    tz = ZoneInfo(zone)
    wall = datetime.combine(day, handoff)
    after = wall.replace(tzinfo=tz).astimezone(UTC)
    if after.astimezone(tz).replace(tzinfo=None) == wall:
        return after
    # PEP 495: in a gap, fold 0 gives an instant after the change and fold 1 one before it.
    return change_between(wall.replace(tzinfo=tz, fold=1).astimezone(UTC), after, tz)


@lru_cache(maxsize=4096)
def shown_on(day: date, walls: frozenset[time], zone: str) -> frozenset[datetime]:
    """Every instant from which on the wall clock shows one of these times or has passed over it, forwards or back."""
    tz = ZoneInfo(zone)
    found = set()
    for wall in walls:
        first = begin_on(day, wall, zone)
        second = datetime.combine(day, wall, tz).replace(fold=1).astimezone(UTC)
        found |= {first, second, change_between(first, second, tz)} if second > first else {first}
    return frozenset(found)


def change_between(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    """The instant between the two at which the zone's offset changes."""
    offset = before.astimezone(tz).utcoffset()
    while after - before > timedelta.resolution:
        middle = before + (after - before) / 2
        if middle.astimezone(tz).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
