"""Reads an iCal file (RFC 5545) into events with instants. Whatever stands in it, the outcome is events or a FeedError.

A calendar that is cut off, or of which the time of one event can't be told, is refused as a whole: half a calendar
would leave somebody asleep. Tasks, alarms and cancelled events are left out.
"""

import codecs
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component, Event, vCalAddress
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from bot.calendars.fault import MOST_BYTES, TOO_MUCH, FeedError
from bot.tame import cut, plain
from escalation.feed import FeedEvent
from escalation.phrase import Phrase
from escalation.wall import begin_on

MOST_PARTS = 20_000
"""Components of one file."""
MOST_DEPTH = 5
MOST_EVENTS = 10_000
MOST_AT_ONCE = 200
MOST_NAMED = 50
"""People of one event who are looked at."""
MOST_WORDS = 200
BEHIND = timedelta(days=31)
AHEAD = timedelta(days=400)
"""Thirteen months, and whatever began in the last one."""

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"\r?\n")
_NAME = re.compile(r"[A-Za-z0-9-]+(?=[:;])")
_OF_CALENDAR = frozenset({"BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "X-WR-TIMEZONE"})
_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "EXRULE"})
_OF_EVENT = _TIMES | {"BEGIN", "END", "UID", "SUMMARY", "ATTENDEE", "ORGANIZER", "STATUS", "SEQUENCE"}
_SHORT = frozenset({"SECONDLY", "MINUTELY"})
_CLOCKS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_MOST_A_DAY = 24
_DAY = timedelta(days=1)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)


_CUT_OFF = Phrase("it is cut off: not everything that begins ends")


def read(data: bytes, zone: str, now: datetime) -> tuple[FeedEvent, ...]:
    """The events from ``BEHIND`` before ``now`` until ``AHEAD`` after it, by their beginning. ``zone`` is that of whole
    days and floating times where the calendar names none. Raises FeedError."""
    _check_start(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(data, zone, now)
    except FeedError:
        raise
    except Exception as error:
        # Two libraries read a stranger's text: whatever they raise, it is this calendar that can't be read.
        raise FeedError(Phrase("it is no valid calendar (%(error)s)", error=type(error).__name__)) from error


def _check_start(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise FeedError(TOO_MUCH)
    start = data.removeprefix(codecs.BOM_UTF8).lstrip()[:200]
    if start.startswith(b"<"):
        raise FeedError(Phrase("it is a web page, not a calendar: the link may be wrong, or need a login"))
    if not start.upper().startswith(b"BEGIN:VCALENDAR"):
        raise FeedError(Phrase("it is no calendar: it does not begin with BEGIN:VCALENDAR"))


def _kept(data: bytes) -> str:
    """The lines that matter, of a calendar that is whole. What does not matter may be wrong: the exports of Grafana
    OnCall have a REFRESH-INTERVAL that is no duration."""
    try:
        text = _FOLD.sub("", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FeedError(Phrase("it is no text in UTF-8")) from error
    kept, within = list[str](), list[str]()
    parts = 0
    for line in filter(None, _LINE.split(text.strip())):
        name = _NAME.match(line)
        key, rest = (name[0].upper(), line[name.end() + 1 :].strip().upper()) if name else ("", "")
        parts += key == "BEGIN"
        if key == "BEGIN":
            within.append(rest)
        if not within or parts > MOST_PARTS or len(within) > MOST_DEPTH:
            raise FeedError(TOO_MUCH if within else _CUT_OFF)
        if _matters(key, within):
            kept.append(line)
        if key == "END" and within.pop() != rest:
            raise FeedError(_CUT_OFF)
    if within:
        raise FeedError(_CUT_OFF)
    return "\r\n".join([*kept, ""])


def _matters(key: str, within: Sequence[str]) -> bool:
    match within:
        case ["VCALENDAR"]:
            return key in _OF_CALENDAR
        case ["VCALENDAR", "VEVENT"]:
            return key in _OF_EVENT
        case ["VCALENDAR", "VTIMEZONE", *_]:
            return True
    return False


def _read(data: bytes, zone: str, now: datetime) -> tuple[FeedEvent, ...]:
    calendars = Calendar.from_ical(_kept(data), multiple=True)
    found = list(chain.from_iterable(_events_of(one, zone, now) for one in calendars))
    found.sort(key=lambda one: (one.start, one.end, one.summary))
    _check_crowd(found)
    return tuple(found)


def _events_of(calendar: Component, zone: str, now: datetime) -> Iterator[FeedEvent]:
    own = _own_zone(calendar)
    calendar.pop("X-WR-TIMEZONE", None)
    if own:
        calendar.add("X-WR-TIMEZONE", own)
    for event in calendar.walk("VEVENT"):
        _check_event(event)
    query = recurring_ical_events.of(calendar)
    for number, event in enumerate(query.between(now - BEHIND, now + AHEAD)):
        if number >= MOST_EVENTS:
            raise FeedError(Phrase("it has more than %(most)s events in 13 months", most=str(MOST_EVENTS)))
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield _event(event, own or zone)


def _own_zone(calendar: Component) -> str:
    """The zone that Google and others write at the top, if it is one."""
    name = str(calendar.get("X-WR-TIMEZONE", "")).strip()
    name = WINDOWS_TO_OLSON.get(name, name)
    try:
        return ZoneInfo(name).key if name else ""
    except (ValueError, OSError, KeyError):
        return ""


def _check_event(event: Component) -> None:
    """Whether its times can be told; the libraries would leave out what they can't read."""
    broken = [name for name, _ in event.errors if str(name).upper() in _TIMES]
    if broken or "DTSTART" not in event:
        raise FeedError(Phrase("the time of “%(event)s” can't be read", event=_words(event)))
    for key in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        value = event.get(key)
        if value is not None and "TZID" in value.params and getattr(value.dt, "tzinfo", True) is None:
            what = Phrase("there is no time zone %(zone)s", zone=cut(plain(str(value.params["TZID"])), 60))
            raise FeedError(Phrase("the time of “%(event)s” can't be read: %(why)s", event=_words(event), why=what))
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        _check_rule(rule, event)


def _check_rule(rule: dict[str, list[object]], event: Component) -> None:
    """Whether it recurs as shifts do: what comes every second would come half a million times a week."""
    often = 1
    for key in _CLOCKS:
        often *= max(1, len(rule.get(key, [])))
    interval = rule.get("INTERVAL", [1])
    is_endless = not all(isinstance(one, int) and one >= 1 for one in interval)
    if is_endless or often > _MOST_A_DAY or not _SHORT.isdisjoint(str(one).upper() for one in rule.get("FREQ", [])):
        raise FeedError(Phrase("“%(event)s” recurs too often for a shift", event=_words(event)))


def _event(event: Event, zone: str) -> FeedEvent:
    start, end = event.start, event.end
    first, last = _days_of(start, end, zone)
    attendees = [one for one in _listed(event.get("ATTENDEE")) if not _has_declined(one)]
    organizer = _listed(event.get("ORGANIZER"))
    named = (plain(str(one.params.get("CN", ""))) for one in (*attendees, *organizer))
    return FeedEvent(
        start=_instant(start, zone),
        end=_instant(end, zone),
        summary=_summary(event),
        attendees=tuple(dict.fromkeys(map(_address, attendees))),
        organizer=_address(organizer[0]) if organizer else "",
        names=tuple(dict.fromkeys(cut(one, 100) for one in named if one)),
        first=first,
        last=last,
    )


def _instant(at: date, zone: str) -> datetime:
    """In UTC. A whole day begins at the first instant of it that the wall clock shows."""
    if not isinstance(at, datetime):
        return begin_on(at, time(0), zone)
    return at.astimezone(UTC) if at.tzinfo else begin_on(at.date(), at.time(), zone)


def _days_of(start: date, end: date, zone: str) -> tuple[date, date] | tuple[None, None]:
    """The first and the last day of an event of whole days; Outlook writes some as from midnight until midnight."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        walls = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if at.tzinfo else at for at in (start, end)]
        if any(at.time() != time(0) for at in walls):
            return None, None
        start, end = walls[0].date(), walls[1].date()
    return (start, end - _DAY) if start < end else (None, None)


def _listed(value: object) -> list[vCalAddress]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found[:MOST_NAMED] if isinstance(one, vCalAddress)]


def _has_declined(attendee: vCalAddress) -> bool:
    return str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"


def _address(value: object) -> str:
    """ "mailto:Alice@Example.org", or without the scheme as PagerDuty writes it."""
    return cut(plain(_MAILTO.sub("", str(value))), 254).lower()


def _summary(event: Component) -> str:
    return cut(plain(str(event.get("SUMMARY", ""))), MOST_WORDS)


def _words(event: Component) -> str:
    return cut(_summary(event) or plain(str(event.get("UID", ""))) or "?", 60)


def _check_crowd(events: Iterable[FeedEvent]) -> None:
    """Whether so many last at once that no schedule or leave can be meant."""
    lasting = [one for one in events if one.start < one.end]
    changes = sorted([*((one.start, 1) for one in lasting), *((one.end, -1) for one in lasting)])
    count = 0
    for _, step in changes:
        count += step
        if count > MOST_AT_ONCE:
            raise FeedError(Phrase("more than %(most)s of its events last at once", most=str(MOST_AT_ONCE)))
