"""A month, day by day: who is on call, which ladder would be climbed, which days are holidays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from escalation.policy import EscalationPolicy
from escalation.rotation import Role
from escalation.schedule import Schedule, Shift, shifts
from escalation.wall import begin_on

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a day in which one ladder would be climbed; ``window`` is empty where none holds."""

    window: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the zone. ``shifts`` are those of each (schedule, role), ``ladders`` those of policies with the same
    windows; both cover the day from midnight to midnight."""

    date: date
    holidays: tuple[str, ...]
    shifts: Mapping[tuple[str, Role], tuple[Shift, ...]]
    ladders: Mapping[tuple[str, ...], tuple[Stretch, ...]]


def month_of(
    first: date,
    zone: str,
    schedules: Sequence[Schedule],
    policies: Sequence[EscalationPolicy],
    holidays: Mapping[date, tuple[str, ...]],
) -> list[Day]:
    """The days of the month that begins on ``first``, in a zone (an IANA name)."""
    following = (first + 31 * _DAY).replace(day=1)
    start, end = (begin_on(one, time(0), zone) for one in (first, following))
    duties = {(one.id, role): shifts(one, start, end, role) for one in schedules for role in Role if role in one.roles}
    ladders = {names: list(_stretches(policy, start, end)) for names, policy in _alike(policies).items()}
    days: list[Day] = []
    for number in range((following - first).days):
        today = first + number * _DAY
        span = begin_on(today, time(0), zone), begin_on(today + _DAY, time(0), zone)
        held = {key: _shifts_within(listed, *span) for key, listed in duties.items()}
        climbed = {names: _within(listed, *span) for names, listed in ladders.items()}
        days.append(Day(today, holidays.get(today, ()), held, climbed))
    return days


def _alike(policies: Sequence[EscalationPolicy]) -> dict[tuple[str, ...], EscalationPolicy]:
    """The policies whose ladder depends on the time, those with the same windows together."""
    groups: dict[tuple[object, ...], list[EscalationPolicy]] = {}
    for policy in policies:
        windows = tuple(ladder.window for ladder in policy.ladders)
        if len(windows) > 1 or windows[0].name != "always":
            groups.setdefault(windows, []).append(policy)
    return {tuple(one.name for one in group): group[0] for group in groups.values()}


def _stretches(policy: EscalationPolicy, start: datetime, end: datetime) -> Iterator[Stretch]:
    at = start
    while at < end:
        phase = policy.phase_at(at)
        until = min(phase.until or end, end)
        yield Stretch("" if phase.ladder is None else policy.ladders[phase.ladder].window.name, at, until)
        at = until


def _within(listed: Sequence[Stretch], start: datetime, end: datetime) -> tuple[Stretch, ...]:
    clipped = (Stretch(one.window, max(one.start, start), min(one.end, end)) for one in listed)
    return tuple(one for one in clipped if one.start < one.end)


def _shifts_within(listed: Sequence[Shift], start: datetime, end: datetime) -> tuple[Shift, ...]:
    clipped = (one._replace(start=max(one.start, start), end=min(one.end, end)) for one in listed)
    return tuple(one for one in clipped if one.start < one.end)


def first_of(written: str, now: datetime) -> date:
    """The first day of a month as it is typed, ``2026-12``; for an empty text of the one that ``now`` (on the reader's
    wall) is in. Raises ValueError."""
    if not written:
        return now.date().replace(day=1)
    return datetime.strptime(written, "%Y-%m").replace(tzinfo=UTC).date()
