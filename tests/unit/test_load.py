"""What being paged costs people: pages, calls, and nights on each one's own wall."""

from datetime import UTC, date, datetime

import pytest

from escalation.load import Load, Page, loads_of, night_of

TOKYO, BERLIN = "Asia/Tokyo", "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("wall", "night"),
    [
        ("2026-05-03T21:59+09:00", None),
        ("2026-05-03T22:00+09:00", date(2026, 5, 3)),
        ("2026-05-04T06:59+09:00", date(2026, 5, 3)),
        ("2026-05-04T07:00+09:00", None),
    ],
)
def test_a_night_is_that_of_its_evening(wall: str, night: date | None) -> None:
    assert night_of(Page("alice", "phone", at(wall)), TOKYO) == night
    assert night_of(Page("alice", "mail", at(wall)), TOKYO) is None


def test_the_same_instant_is_night_for_one_and_day_for_another() -> None:
    three = at("2026-05-04T03:00+09:00")
    found = loads_of([Page("alice", "phone", three), Page("bob", "phone", three)], {"alice": TOKYO, "bob": BERLIN})
    assert found == {"alice": Load(1, 1, 1), "bob": Load(1, 1, 0)}


def test_a_night_counts_once_and_everybody_is_there() -> None:
    pages = [
        Page("alice", "slack", at("2026-05-03T23:00+09:00")),
        Page("alice", "phone", at("2026-05-04T02:00+09:00")),
        Page("alice", "phone", at("2026-05-04T23:00+09:00")),
        Page("alice", "mail", at("2026-05-05T12:00+09:00")),
        Page("gone", "phone", at("2026-05-04T02:00+09:00")),
    ]
    assert loads_of(pages, {"alice": TOKYO, "bob": TOKYO}) == {"alice": Load(4, 2, 2), "bob": Load()}


def test_an_hour_that_comes_twice_is_one_night() -> None:
    twice = [Page("bob", "phone", at(f"2026-10-25T02:30+0{offset}:00")) for offset in (1, 2)]
    assert loads_of(twice, {"bob": BERLIN}) == {"bob": Load(2, 2, 1)}


def test_a_call_that_tells_of_several_mails_is_one_call() -> None:
    two, three = at("2026-05-04T02:00+09:00"), at("2026-05-04T03:00+09:00")
    pages = [Page("alice", "phone", two, "CA1")] * 3 + [Page("alice", "phone", three, "CA2")]
    pages += [Page("bob", "phone", two, "CA1"), Page("alice", "phone", three), Page("alice", "phone", three)]
    assert loads_of(pages, {"alice": TOKYO, "bob": TOKYO}) == {"alice": Load(6, 4, 1), "bob": Load(1, 1, 1)}
