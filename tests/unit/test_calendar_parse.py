"""What is read of calendars as Google, Outlook, PagerDuty and Grafana OnCall export them, and of broken ones."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.calendars.apart import run_apart
from bot.calendars.fault import MOST_BYTES, FeedError
from bot.calendars.parse import MOST_AT_ONCE, MOST_EVENTS, read
from escalation.feed import Directory, FeedEvent
from escalation.roster import Person
from tests.fakes.feeds import calendar, day, sample, shift

NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
DIRECTORY = Directory(
    [
        Person("alice", "Alice Smith", ("alice@team.example",)),
        Person("bob", "Bob Jones", ("bob@team.example",)),
        Person("sato", "佐藤 花子"),
    ],
    {},
)


def shown(data: bytes, zone: str = "UTC") -> list[str]:
    """ "0504T00-0504T12 alice": from until, in UTC, and who."""
    return [
        f"{one.start:%m%dT%H}-{one.end:%m%dT%H} {' '.join(DIRECTORY.people_of(one))}" for one in read(data, zone, NOW)
    ]


def test_google_calendar() -> None:
    """A recurrence with a day taken out and one moved to somebody else, who declined the rest; whole days."""
    assert shown(sample("google")) == [
        "0504T00-0504T12 alice",
        "0505T00-0505T12 alice",
        "0507T00-0507T12 alice",
        "0508T03-0508T12 bob",
        "0508T15-0510T15 sato",
        "0509T00-0509T12 alice",
        "0510T00-0510T12 alice",
    ]


def test_outlook() -> None:
    """Windows' names of zones, a zone that only the file knows, and whole days from midnight until midnight."""
    events = read(sample("outlook"), "Asia/Tokyo", NOW)
    assert shown(sample("outlook"), "Asia/Tokyo") == [
        "0504T09-0505T00 bob",
        "0505T15-0507T15 alice",
        "0511T09-0512T00 bob",
        "0512T07-0512T15 alice",
        "0518T09-0519T00 bob",
    ]
    assert events[1].dates == (date(2026, 5, 6), date(2026, 5, 7))


def test_pagerduty() -> None:
    """Addresses without a scheme, names between dashes, a folded line; whom nobody knows is nobody."""
    assert shown(sample("pagerduty")) == ["0504T00-0511T00 alice", "0511T00-0518T00 bob", "0518T00-0525T00 "]
    assert read(sample("pagerduty"), "UTC", NOW)[1].summary == "On Call - Bob Jones - NOC, Primary"


def test_grafana_oncall() -> None:
    """Levels, user names and addresses as summaries, and events that were taken back."""
    assert shown(sample("grafana")) == ["0504T00-0504T12 alice", "0504T06-0504T12 bob", "0504T10-0504T11 sato"]
    assert [one.level for one in read(sample("grafana"), "UTC", NOW)] == [1, 1, 2]


def test_a_whole_day_is_one_of_the_calendars_zone_and_else_of_ours() -> None:
    written = calendar(day("x", "20260505")).replace(b"VERSION", b"X-WR-TIMEZONE:America/New_York\r\nVERSION")
    assert shown(calendar(day("x", "20260505")), "Asia/Tokyo") == ["0504T15-0505T15 "]
    assert shown(written, "Asia/Tokyo") == ["0505T04-0506T04 "]
    assert shown(written.replace(b"America/New_York", b"Tokyo Standard Time")) == ["0504T15-0505T15 "]
    assert shown(written.replace(b"America/New_York", b"Nowhere")) == ["0505T00-0506T00 "]


def test_a_floating_time_that_the_clock_skips_is_the_first_instant_after_the_gap() -> None:
    data = calendar(shift("x", "20270328T023000", "20270328T120000"))
    (found,) = read(data, "Europe/Berlin", NOW)
    assert found.start == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_what_is_over_for_a_month_or_begins_in_more_than_thirteen_is_not_read() -> None:
    data = calendar(
        shift("x", "20200101T000000Z", "20200102T000000Z"), shift("y", "20300101T000000Z", "20300102T000000Z")
    )
    assert read(data, "UTC", NOW) == ()


def test_several_calendars_in_one_file_are_one() -> None:
    two = calendar(day("x", "20260505")) + calendar(day("y", "20260506"))
    assert [one.summary for one in read(two, "UTC", NOW)] == ["x", "y"]


def often(rule: str) -> bytes:
    return calendar(shift("x", "20260504T000000Z", "20260504T000001Z") + f"\nRRULE:{rule}")


HOURLY = shift("x", "20260504T000000Z", "20260504T000001Z") + "\nRRULE:FREQ=HOURLY"
EVERY = ",".join(map(str, range(60)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is no calendar: it does not begin with BEGIN:VCALENDAR"),
        (b"\xff\xfe\x00", "it is no calendar"),
        (b"\n <html>", "it is a web page, not a calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n", "it is cut off"),
        (b"BEGIN:VCALENDAR\r\n\xff\xfe\r\nEND:VCALENDAR\r\n", "it is no text in UTF-8"),
        (calendar().replace(b"VERSION", b"CALSCALE:JULIAN\r\nVERSION"), "it is no valid calendar"),
        (calendar("SUMMARY:no time"), "the time of “no time” can't be read"),
        (calendar(shift("Night", "20260504T000000Z", "later")), "the time of “Night” can't be read"),
        (
            calendar("SUMMARY:Day\nDTSTART;TZID=Nowhere/Else:20260504T090000\nDURATION:PT1H"),
            "the time of “Day” can't be read: there is no time zone Nowhere/Else",
        ),
        (often("FREQ=SECONDLY"), "“x” recurs too often for a shift"),
        (often("FREQ=MINUTELY;COUNT=9"), "“x” recurs too often for a shift"),
        (often("FREQ=DAILY;INTERVAL=0"), "“x” recurs too often for a shift"),
        (often(f"FREQ=DAILY;BYMINUTE={EVERY}"), "“x” recurs too often for a shift"),
        (often("FREQ=SOMETIMES"), "the time of “x” can't be read"),
        (calendar(*[HOURLY] * 2), f"it has more than {MOST_EVENTS} events in 13 months"),
        (b"BEGIN:VCALENDAR\r\n" * 6 + b"END:VCALENDAR\r\n" * 6, "it holds too much"),
        (calendar(*["DTSTART:20260504"] * 20_001), "it holds too much"),
        (calendar("DESCRIPTION:" + "x" * MOST_BYTES), "it holds too much"),
        (
            calendar(*[shift("x", "20260504T000000Z", "20260505T000000Z")] * (MOST_AT_ONCE + 1)),
            f"more than {MOST_AT_ONCE} of its events last at once",
        ),
    ],
)
def test_what_is_broken_is_said_and_nothing_of_it_is_read(data: bytes, said: str) -> None:
    with pytest.raises(FeedError) as error:
        read(data, "UTC", NOW)
    assert str(error.value).startswith(said)


def test_the_same_is_read_in_a_process_of_its_own() -> None:
    assert run_apart(sample("google"), "UTC", NOW) == read(sample("google"), "UTC", NOW)
    with pytest.raises(FeedError, match=r"^it is cut off"):
        run_apart(sample("google")[:-9], "UTC", NOW)


def test_what_would_take_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.calendars.apart.WAIT", 1.0)
    endless = shift("x", "00010101T000000Z", "00010101T000001Z") + "\nRRULE:FREQ=HOURLY"
    with pytest.raises(FeedError, match=r"^it holds too much"):
        run_apart(calendar(*[endless] * 50), "UTC", NOW)


def test_long_and_hostile_words_are_made_fit_for_a_line() -> None:
    (found,) = read(calendar(shift("a\\n\u202eb" + "c" * 999, "20260504T000000Z", "20260504T010000Z")), "UTC", NOW)
    assert found.summary.startswith("a bccc")
    assert len(found.summary) <= 201
    assert isinstance(found, FeedEvent)
    assert found.end - found.start == timedelta(hours=1)
