"""What Kidoku publishes says what it does; and whatever bytes come as a calendar, they are shifts or a named error."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import icalendar
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendars.fault import FeedError
from bot.calendars.known import meaning_of
from bot.calendars.link import Subject
from bot.calendars.parse import read
from bot.calendars.publish import LEAVE, feed_between
from bot.language import Words
from bot.settings.calendar_shape import CalendarShape
from escalation.imported import CalendarShift, Imported
from escalation.roster import Person, Roster
from escalation.schedule import Schedule, on_call
from tests.fakes.feeds import calendar, sample
from tests.property.test_schedule_property import NAMES, moments, schedules, spans

PEOPLE = {id: Person(id, id.title(), (f"{id}@team.example",)) for id in NAMES}
WORDS = Words("en", "UTC")
MINUTE = timedelta(minutes=1)


@st.composite
def given_schedules(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    """A random schedule, often with a calendar of its own."""
    moment = draw(moments())
    schedule, at = draw(schedules(*moment)), moment[0]
    shift = st.builds(
        lambda who, span, level: CalendarShift(tuple(who), span[0], span[1], level),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
        spans(at),
        st.integers(0, 2),
    )
    calendars = [Imported.of(f"c{n}", draw(st.lists(shift, max_size=4))) for n in range(draw(st.integers(0, 2)))]
    return Schedule(
        "noc",
        schedule.layers,
        schedule.fixed,
        schedule.overrides,
        schedule.leaves,
        tuple(calendars),
    ), at


def published(subject: Subject, roster: Roster, at: datetime) -> bytes:
    """A feed of the days around."""
    return feed_between(subject, roster, WORDS, at, (at - timedelta(days=5), at + timedelta(days=5)))


def duties(data: bytes, start: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    """Who has the duty from when until when, as a program understands it that knows iCal and not Kidoku."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(start, end)
    return [
        (one.start, one.end, str(one["SUMMARY"]))
        for one in found
        if LEAVE not in str(one["CATEGORIES"].to_ical()) and "(" not in str(one["SUMMARY"])
    ]


@given(given_schedules())
@settings(max_examples=60, deadline=None)
def test_the_published_feed_gives_the_same_shifts_as_on_call(story: tuple[Schedule, datetime]) -> None:
    schedule, at = story
    roster = Roster(PEOPLE, schedules={"noc": schedule}).changed(schedule.overrides, schedule.leaves)
    found = duties(published(Subject("s", "noc"), roster, at), at - timedelta(days=4), at + timedelta(days=4))
    assert all(one[1] <= other[0] for one, other in pairwise(sorted(found)))
    for n in range(-5000, 5000, 83):
        now = at + n * MINUTE
        within = [summary for start, end, summary in found if start <= now < end]
        names = ", ".join(PEOPLE[one].name for one in on_call(roster.schedules["noc"], now))
        assert within == ([f"{names} – noc"] if names else []), now


@given(given_schedules(), st.sampled_from(NAMES))
@settings(max_examples=30, deadline=None)
def test_a_persons_feed_has_just_their_shifts(story: tuple[Schedule, datetime], person: str) -> None:
    schedule, at = story
    roster = Roster(PEOPLE, schedules={"noc": schedule}).changed(schedule.overrides, schedule.leaves)
    found = duties(published(Subject("p", person), roster, at), at - timedelta(days=4), at + timedelta(days=4))
    for n in range(-5000, 5000, 83):
        now = at + n * MINUTE
        is_on_call = person in on_call(roster.schedules["noc"], now)
        assert any(start <= now < end for start, end, _ in found) == is_on_call, now


@given(given_schedules())
@settings(max_examples=20, deadline=None)
def test_what_is_published_comes_back_as_the_same_shifts(story: tuple[Schedule, datetime]) -> None:
    """Another Kidoku reads it: the two have the same people on call."""
    schedule, at = story
    bare = Schedule("noc", tuple(one for one in schedule.layers if one.role == "primary"), imported=schedule.imported)
    roster = Roster(PEOPLE, schedules={"noc": bare})
    events = read(published(Subject("s", "noc"), roster, at), "UTC", at)
    meaning = meaning_of(events, CalendarShape.model_validate({"file": "x.ics"}), PEOPLE.values())
    copy = Schedule("copy", (), imported=(Imported.of("noc", meaning.shifts),))
    for n in range(-5000, 5000, 83):
        now = at + n * MINUTE
        assert set(on_call(copy, now)) == set(on_call(bare, now)), now


NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
LINES = st.sampled_from(
    [line.decode() for name in ("google", "outlook", "grafana") for line in sample(name).splitlines()]
    + ["RRULE:FREQ=WEEKLY;BYDAY=MO", "EXDATE:20260505", "DTSTART:", "DURATION:-P1D", "RDATE;VALUE=PERIOD:x/y", "é\x00"]
)


def _is_named(data: bytes) -> None:
    try:
        events = read(data, "Asia/Tokyo", NOW)
    except FeedError as error:
        assert str(error)
        return
    assert all(one.start.tzinfo is UTC and one.end.tzinfo is UTC for one in events)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_shifts_or_a_named_error(data: bytes) -> None:
    _is_named(data)
    _is_named(calendar("SUMMARY:x").replace(b"SUMMARY:x", data))


@given(st.lists(LINES, max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_lines_of_calendars_are_shifts_or_a_named_error(lines: list[str]) -> None:
    _is_named(calendar("\n".join(one for one in lines if not one.startswith(("BEGIN", "END")))))
    _is_named("\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]).encode())
