"""Our schedules as a calendar that others subscribe to (RFC 5545): final shifts, overrides and leave, in one language.

The same schedule gives the same bytes for a day: a UID belongs to a schedule, a role and the instant at which a shift
begins, whoever has it; DTSTAMP is the beginning of the day.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from itertools import islice

from icalendar import Calendar, Event

from bot.calendars.link import Subject
from bot.language import N_, Words
from bot.wording.name import name_of, plain
from escalation.phrase import Phrase
from escalation.roster import Roster
from escalation.rotation import Role
from escalation.schedule import FIXED, OVERRIDE, Leave, Schedule, Shift, shifts

AHEAD = timedelta(days=366)
MOST_EVENTS = 10_000
REFRESH = timedelta(hours=1)
DUTY, LEAVE = "ON-CALL", "LEAVE"
"""Categories, by which a program tells the two apart."""
_ROLES = {Role.BACKUP: Phrase("backup"), Role.SHADOW: Phrase("shadow")}
_SOURCES = {OVERRIDE: N_("override"), FIXED: N_("fixed shift")}


def feed_of(subject: Subject, roster: Roster, words: Words, now: datetime) -> bytes:
    """The calendar: from the first of the month before this until a year from now."""
    today = datetime.combine(now.astimezone(UTC).date(), time(0), UTC)
    month_before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return feed_between(subject, roster, words, today, (month_before, today + AHEAD))


def feed_between(
    subject: Subject, roster: Roster, words: Words, today: datetime, span: tuple[datetime, datetime]
) -> bytes:
    """The same of any time."""
    calendar = _calendar(_title(subject, roster, words))
    for event in islice(_events(subject, roster, words, span), MOST_EVENTS):
        event.DTSTAMP = today
        calendar.add_component(event)
    data: bytes = calendar.to_ical()
    return data


def _calendar(title: str) -> Calendar:
    calendar = Calendar()
    fields = {"VERSION": "2.0", "PRODID": "-//Kidoku//Schedules//EN", "CALSCALE": "GREGORIAN", "METHOD": "PUBLISH"}
    for key, value in (fields | {"NAME": title, "X-WR-CALNAME": title, "X-WR-TIMEZONE": "UTC"}).items():
        calendar.add(key, value)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", REFRESH)
    return calendar


def _title(subject: Subject, roster: Roster, words: Words) -> str:
    name = name_of(subject.id, roster, words) if subject.kind == "p" else subject.id
    return words.gettext("On call: %(name)s") % {"name": name}


def _events(subject: Subject, roster: Roster, words: Words, span: tuple[datetime, datetime]) -> Iterator[Event]:
    for schedule in roster.schedules.values():
        if subject.kind == "p" or subject.id == schedule.id:
            yield from _of_schedule(subject, schedule, roster, words, span)
    for leave in _leaves(subject, roster):
        if leave.end > span[0] and leave.start < span[1]:
            yield _leave(leave, roster, words)


def _of_schedule(
    subject: Subject, schedule: Schedule, roster: Roster, words: Words, span: tuple[datetime, datetime]
) -> Iterator[Event]:
    for role in (one for one in Role if one in schedule.roles):
        for shift in shifts(schedule, *span, role):
            if subject.id in shift.people if subject.kind == "p" else shift.people:
                yield _duty(subject, schedule, shift, roster, words)


def _duty(subject: Subject, schedule: Schedule, shift: Shift, roster: Roster, words: Words) -> Event:
    name = schedule.id if shift.role is Role.PRIMARY else f"{schedule.id} ({words.said(_ROLES[shift.role])})"
    people = words.listed([name_of(one, roster, words) for one in shift.people])
    form = words.gettext("On call: %(name)s") if subject.kind == "p" else "%(people)s – %(name)s"
    event = _event(f"{schedule.id} {shift.role} {shift.start.isoformat()}", shift.start, shift.end)
    event.add("SUMMARY", form % {"name": name, "people": people})
    source = words.gettext(_SOURCES[shift.source]) if shift.source in _SOURCES else plain(shift.source)
    event.add("DESCRIPTION", f"{people} ({source})")
    event.add("CATEGORIES", [DUTY])
    event.add("TRANSP", "TRANSPARENT")
    return event


def _leaves(subject: Subject, roster: Roster) -> Iterator[Leave]:
    """Of the person, or of those who are in the schedule."""
    people = roster.schedules[subject.id].everybody if subject.kind == "s" else frozenset({subject.id})
    yield from (one for one in (*roster.leaves, *roster.away) if one.person in people)


def _leave(leave: Leave, roster: Roster, words: Words) -> Event:
    event = _event(f"leave {leave.person} {leave.start.isoformat()} {leave.end.isoformat()}", leave.start, leave.end)
    event.add("SUMMARY", words.gettext("On leave: %(name)s") % {"name": name_of(leave.person, roster, words)})
    event.add("CATEGORIES", [LEAVE])
    event.add("TRANSP", "OPAQUE")
    return event


def _event(key: str, start: datetime, end: datetime) -> Event:
    event = Event()
    event.add("UID", f"{sha256(key.encode()).hexdigest()[:32]}@kidoku")
    event.add("DTSTART", start)
    event.add("DTEND", end)
    return event
