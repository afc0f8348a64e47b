"""Walks the windows of a policy over a year: when no ladder holds, and which ladders are never first.

Only the instants at which a window changes are looked at.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.condition import Condition
from escalation.policy import EscalationPolicy
from escalation.roster import Roster

_DAYS = 371
"""A year and a week: every holiday, both DST changes, and the first week whole."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """``gaps`` are (from, to), aware, in the zone of the first ladder, each weekly one once; ``unused`` are ladders
    that are never the first to hold."""

    gaps: tuple[tuple[datetime, datetime], ...]
    unused: tuple[int, ...]


def coverage(policy: EscalationPolicy, today: date) -> Coverage:
    """What the windows of a policy leave out in the year from ``today``."""
    windows = [ladder.window for ladder in policy.ladders]
    zone = ZoneInfo(windows[0].zone)
    start = datetime.combine(today - timedelta(days=1), time(0), zone).astimezone(UTC)
    end = start + timedelta(days=_DAYS + 1)
    instants = sorted({start, end, *(at for window in windows for at in window.changes(start, end))})
    first = [policy.ladder_at(at) for at in instants]
    gaps = [(at.astimezone(zone), end.astimezone(zone)) for at, end in _runs_of_none(instants, first)]
    return Coverage(_each_once(gaps), tuple(n for n in range(len(windows)) if n not in first))


def has_time(policy: EscalationPolicy, ladder: int, condition: Condition, today: date) -> bool:
    """Whether in the year from ``today`` there is an instant at which this ladder is climbed and the windows of such a
    step hold. Whether somebody is on call is not asked: schedules change."""
    windows = [*(one.window for one in policy.ladders), *(one for one in (condition.only, condition.never) if one)]
    start = datetime.combine(today - timedelta(days=1), time(0), ZoneInfo(windows[0].zone)).astimezone(UTC)
    end = start + timedelta(days=_DAYS + 1)
    instants = (at for window in windows for at in (start, *window.changes(start, end)))
    by_time = replace(condition, on_call="")
    return any(
        by_time.holds(at, Roster()) and (by_time.is_waiting or policy.ladder_at(at) == ladder) for at in instants
    )


def _runs_of_none(instants: list[datetime], first: list[int | None]) -> list[tuple[datetime, datetime]]:
    """The stretches in which no ladder holds; without one that the year cuts, for it comes again."""
    runs: list[tuple[datetime, datetime]] = []
    for at, end, ladder in zip(instants, [*instants[1:], instants[-1]], first, strict=True):
        if ladder is not None:
            continue
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((at, end))
    whole = [run for run in runs if run[0] != instants[0] and run[1] != instants[-1]]
    return whole or [run for run in runs if run[0] < run[1]][:1]


def _each_once(gaps: list[tuple[datetime, datetime]]) -> tuple[tuple[datetime, datetime], ...]:
    """Of gaps that come back every week, the first."""
    seen = {(start.weekday(), start.time(), end.weekday(), end.time()): (start, end) for start, end in reversed(gaps)}
    return tuple(sorted(seen.values()))
