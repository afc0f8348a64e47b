"""Which of a policy's ladders holds at an instant, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.calendar import Window

FAR = timedelta(days=400)
"""How far ahead a change is looked for: more than a year, so that every holiday of the year is met."""
_GOOD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Phase:
    """From ``since`` until just before ``until`` the ladder of this index holds; None: no window holds.

    ``until`` is None if there is no change for more than a year from ``since``.
    """

    ladder: int | None
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.since <= at < (self.until or self.since + _GOOD_FOR)


def first_holding(windows: Sequence[Window], at: datetime) -> int | None:
    """The index of the first window that holds ``at``; None if there is none."""
    return next((n for n, window in enumerate(windows) if window.contains(at)), None)


def phase_at(windows: Sequence[Window], at: datetime) -> Phase:
    """The phase that holds ``at`` (aware), for ladders with these windows."""
    first = first_holding(windows, at)
    end, found = at + FAR, at
    while (upcoming := _next_change(windows, found, end)) is not None:
        if first_holding(windows, upcoming) != first:
            return Phase(first, at, upcoming)
        found = upcoming
    return Phase(first, at, None)


def _next_change(windows: Sequence[Window], at: datetime, end: datetime) -> datetime | None:
    earliest: datetime | None = None
    for window in windows:
        earliest = window.next_change(at, (earliest or end) - at) or earliest
    return earliest
