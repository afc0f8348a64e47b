"""What is told around a shift: a reminder before it, and a summary when it ends.

1. A reminder is for a stretch in which one person is on call without a break, by whatever layer, shift or override. It
   is due ``lead`` before the stretch begins, in elapsed time, and is due no longer when that has begun.
2. Of several that are due for one stretch, only the shortest lead counts: whoever hears late hears once.
3. Nobody is reminded of a shadow's shift.
4. A handoff is a change of the people on call as primaries, after a time in which somebody was. Where nobody follows at
   once, the handoff is to nobody.
5. A change that nobody planned, by a command or by other settings, is a handoff at the instant at which it is seen.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from escalation.rotation import Role
from escalation.schedule import Schedule, Shift, shifts, spans

LOOK = timedelta(days=1)
"""How far ahead the next thing that is due is looked for."""
FAR = timedelta(days=62)
"""How far the end of a stretch, its beginning, and the next people on call are looked for."""

_INSTANT = timedelta(microseconds=1)
_REMINDED = (Role.PRIMARY, Role.BACKUP)


class Reminder(NamedTuple):
    """Somebody is told ``lead`` before their shift begins (UTC)."""

    schedule: str
    role: Role
    person: str
    start: datetime
    lead: timedelta


class Held(NamedTuple):
    """Who has the duty, since when, and until when that is known to be so."""

    people: tuple[str, ...]
    since: datetime
    seen_at: datetime


class Handoff(NamedTuple):
    """``people`` had the duty from ``since`` until ``at``; then ``to`` have it, or nobody."""

    schedule: str
    people: tuple[str, ...]
    since: datetime
    at: datetime
    to: tuple[str, ...]


def reminders(schedule: Schedule, at: datetime) -> tuple[Reminder, ...]:
    """Those that are due at ``at``, also if they were due earlier; whether somebody was told is not known here."""
    if not schedule.remind:
        return ()
    found = []
    for role, person, start in _beginnings(schedule, at, at + max(schedule.remind)):
        lead = min((one for one in schedule.remind if start - one <= at), default=None)
        if lead is not None:
            found.append(Reminder(schedule.id, role, person, start, lead))
    return tuple(found)


def next_reminder_at(schedule: Schedule, at: datetime) -> datetime | None:
    """The next instant after ``at``, within ``LOOK``, at which one more is due."""
    if not schedule.remind:
        return None
    begun = _beginnings(schedule, at, at + LOOK + max(schedule.remind))
    due = (start - lead for _, _, start in begun for lead in schedule.remind)
    return min((one for one in due if at < one <= at + LOOK), default=None)


def is_expected(schedule: Schedule, one: Reminder, at: datetime) -> bool:
    """Whether this shift still begins when it was to, and has not begun at ``at``."""
    begun = _beginnings(schedule, one.start - _INSTANT, one.start)
    return at < one.start and (one.role, one.person, one.start) in begun


def end_of(schedule: Schedule, person: str, role: Role, start: datetime) -> datetime | None:
    """When the stretch that begins at ``start`` ends; None if that is further away than ``FAR``."""
    listed = spans(shifts(schedule, start, start + FAR, role), start + FAR)
    ends = (end for who, begin, end in listed if who == person and begin == start)
    return next((end for end in ends if end < start + FAR), None)


def held_at(schedule: Schedule, at: datetime) -> Held:
    """Who is on call at ``at``, and since when as the schedule stands."""
    last = _stretches(shifts(schedule, at - FAR, at + _INSTANT))[-1]
    return Held(last.people, last.start, at)


def handoffs(schedule: Schedule, held: Held, at: datetime) -> tuple[tuple[Handoff, ...], Held]:
    """What happened after ``held`` was seen and until ``at``, in order; and who has the duty at ``at``."""
    found: list[Handoff] = []
    people, since = held.people, held.since
    listed = _stretches(shifts(schedule, held.seen_at, at + _INSTANT))
    for number, one in enumerate(listed):
        if set(one.people) == set(people):
            continue
        changed_at = at if number == 0 and len(listed) == 1 else one.start
        if people:
            found.append(Handoff(schedule.id, people, since, changed_at, one.people))
        people, since = one.people, changed_at
    return tuple(found), Held(people, since, max(at, held.seen_at))


def next_handoff_at(schedule: Schedule, at: datetime) -> datetime | None:
    """When the people on call change next, within ``LOOK`` after ``at``."""
    _, *later = _stretches(shifts(schedule, at, at + LOOK + _INSTANT))
    return later[0].start if later else None


def next_on_call(schedule: Schedule, at: datetime) -> Shift | None:
    """The first shift from ``at`` on that has somebody; it begins at ``at`` if that is under way. None: none soon."""
    return next((one for one in shifts(schedule, at, at + FAR) if one.people), None)


def _beginnings(schedule: Schedule, at: datetime, until: datetime) -> Iterator[tuple[Role, str, datetime]]:
    """Whose stretch begins after ``at``, and at ``until`` at the latest."""
    at, end = at.astimezone(UTC), until.astimezone(UTC) + _INSTANT
    for role in _REMINDED:
        if role in schedule.roles:
            listed = spans(shifts(schedule, at, end, role), end)
            yield from ((role, person, start) for person, start, _ in listed if start > at)


def _stretches(listed: Iterable[Shift]) -> list[Shift]:
    """Without the seams where only the source changes."""
    grouped = (list(group) for _, group in groupby(listed, key=lambda one: frozenset(one.people)))
    return [group[0]._replace(end=group[-1].end) for group in grouped]
