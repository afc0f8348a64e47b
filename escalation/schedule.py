"""Who is on call at an instant: one rotation of people with handoffs at a local time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Schedule:
    """People who take turns of ``days`` days, handed over at ``handoff`` on the wall of ``zone``.

    The first shift begins on ``start``; before that nobody is on call. A handoff in the hour that a DST change repeats
    happens once, the first time.
    """

    id: str
    people: tuple[str, ...]
    zone: str
    start: date
    handoff: time = time(9)
    days: int = 7


def on_call(schedule: Schedule, at: datetime) -> str | None:
    """The person on call at ``at`` (aware), or None before the start and for an empty rotation."""
    zone = ZoneInfo(schedule.zone)
    today = at.astimezone(zone).date()
    handoff = datetime.combine(today, schedule.handoff, zone).astimezone(UTC)
    elapsed = (today - schedule.start).days - (at < handoff)
    if elapsed < 0 or not schedule.people:
        return None
    return schedule.people[elapsed // schedule.days % len(schedule.people)]
