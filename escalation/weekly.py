"""When the weekly test of somebody's contacts is due: on their own wall, in office hours only.

1. In each week, which begins on Monday, there is one test, not before ``day`` and ``at``.
2. It is due at any later instant of that week that is within office hours: whoever was on leave, or a bot that was
   down, catches up in the same week, or lets it go.
3. What is told of the week is due once its test is over, at any instant of the next days that is within office hours.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.calendar import Window

OPENS, CLOSES = time(9), time(18)
WORKDAYS = range(5)
LONGEST_LATE = timedelta(days=4)
"""So long what was to be told of a week still is: over a weekend, no longer."""


@dataclass(frozen=True, slots=True)
class WeeklyPlan:
    """``day`` counts from Monday, 0. ``window`` are the office hours; None: Monday to Friday, 9:00 to 18:00 there."""

    day: int
    at: time
    window: Window | None = None

    def week_due(self, now: datetime, zone: str) -> date | None:
        """The Monday of the week whose test is due at ``now``; None if none is."""
        wall = now.astimezone(ZoneInfo(zone))
        monday = wall.date() - timedelta(days=wall.weekday())
        begins = datetime.combine(monday + timedelta(days=self.day), self.at)
        return monday if wall.replace(tzinfo=None) >= begins and self._is_office(now, wall) else None

    def told_due(self, now: datetime, zone: str, after: timedelta) -> date | None:
        """The Monday of the week of which is to be told at ``now``; None if of none. ``after``: how long its test is
        open."""
        wall = now.astimezone(ZoneInfo(zone))
        then = wall.replace(tzinfo=None) - after
        monday = then.date() - timedelta(days=then.weekday())
        begins = datetime.combine(monday + timedelta(days=self.day), self.at)
        if then < begins:
            monday, begins = monday - timedelta(weeks=1), begins - timedelta(weeks=1)
        return monday if then < begins + LONGEST_LATE and self._is_office(now, wall) else None

    def _is_office(self, now: datetime, wall: datetime) -> bool:
        if self.window is not None:
            return self.window.contains(now.astimezone(UTC))
        return wall.weekday() in WORKDAYS and OPENS <= wall.time() < CLOSES
