"""The kinds of values: what is taken, and what is said of the rest."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from bot.settings import fields, policy_fields, rule_fields
from bot.settings.problem import shown
from escalation.receipt import ALL, ANY, ReadBy, ReceiptKind


def said(read: Callable[[Any], object], value: object) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        read(value)
    return caught.value.message()


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("5m", 5), ("1h30m", 90), ("90s", 1.5), ("2d", 2880), ("1d 2h", 1560), ("0m", 0), (0, 0), ("0", 0)],
)
def test_durations(written: object, minutes: float) -> None:
    assert fields.duration(written) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (5, "5 has no unit; write 5m for minutes, 5s for seconds"),
        ("5", "5 has no unit; write 5m for minutes, 5s for seconds"),
        ("", "'' is no duration; write it like 5m, 1h30m, 90s or 2d"),
        ("5 minutes", "'5 minutes' is no duration; write it like 5m, 1h30m, 90s or 2d"),
        ("30m1h", "'30m1h' is no duration; write it like 5m, 1h30m, 90s or 2d"),
        (1.5, "1.5 is no duration; write it like 5m, 1h30m, 90s or 2d"),
        (True, "true is no duration; write it like 5m, 1h30m, 90s or 2d"),
        (-5, "-5 is no duration; write it like 5m, 1h30m, 90s or 2d"),
        ("400d", "400d is longer than a year; write at most 366d"),
    ],
)
def test_wrong_durations(written: object, words: str) -> None:
    assert said(fields.duration, written) == words


def test_zones() -> None:
    assert fields.zone("Asia/Tokyo") == "Asia/Tokyo"
    assert said(fields.zone, "Asia/Tokio") == "there is no time zone 'Asia/Tokio'; did you mean Asia/Tokyo?"
    assert said(fields.zone, "../../etc/passwd").endswith("write an IANA name such as Asia/Tokyo")
    assert said(fields.zone, 9).startswith("there is no time zone '9'")


@pytest.mark.parametrize(
    ("written", "read"), [("09:00", time(9)), ("9:05", time(9, 5)), ("23:59", time(23, 59)), ("24:00", time(0))]
)
def test_times_of_day(written: str, read: time) -> None:
    assert fields.time_of_day(written) == read


@pytest.mark.parametrize("written", ["24:01", "25:00", "12:60", "9", "9am", 9, None, "12:00:00"])
def test_wrong_times_of_day(written: object) -> None:
    assert said(fields.time_of_day, written) == (
        f"{written!r} is no time of day; write it like 09:00, from 00:00 to 24:00"
    )


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat, sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("Mon", {0}),
        ("all", set(range(7))),
        (["mon", "wed-thu"], {0, 2, 3}),
    ],
)
def test_weekdays(written: object, days: set[int]) -> None:
    assert fields.weekdays(written) == days


def test_wrong_weekdays() -> None:
    words = "'fry' is no weekday; write mon, tue, wed, thu, fri, sat, sun, a range like mon-fri, or all"
    assert said(fields.weekdays, "mon-fry") == words


@pytest.mark.parametrize(
    ("written", "number"),
    [("+81 90-1234-5678", "+819012345678"), ("+1 (202) 555-0123", "+12025550123")],
)
def test_phone_numbers_become_e164(written: str, number: str) -> None:
    assert fields.phone(written) == number


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (
            "090-1234-5678",
            "'090-1234-5678' does not begin with + and a country code; write +819012345678 if it is in Japan",
        ),
        ("12", "'12' does not begin with + and a country code; write it like +819012345678"),
        ("alice", "'alice' does not begin with + and a country code; write it like +819012345678"),
        ("+8190", "+8190 is no valid phone number; check the digits; write it like +819012345678"),
    ],
)
def test_wrong_phone_numbers(written: str, words: str) -> None:
    assert said(fields.phone, written) == words


def test_addresses() -> None:
    assert fields.address("Alice@Company.example") == "alice@company.example"
    assert said(fields.address, "alice") == "'alice' is no mail address; write it like alice@company.example"


def test_days() -> None:
    assert fields.day("2026-05-04") == date(2026, 5, 4)
    assert said(fields.day, "2026-02-30") == "'2026-02-30' is no date; write it like 2026-05-04"


@pytest.mark.parametrize(
    ("written", "read"),
    [("any", ANY), ("all", ALL), (2, ReadBy(count=2)), ("2", ReadBy(count=2)), ("60%", ReadBy(percent=60))],
)
def test_read_by(written: object, read: ReadBy) -> None:
    assert policy_fields.read_by(written) == read


@pytest.mark.parametrize("written", ["none", 0, "0%", "101%", -1, "some", True, 1.5])
def test_wrong_read_by(written: object) -> None:
    fix = "write any, all, a number from 1, or a percentage like 60%"
    assert said(policy_fields.read_by, written) == f"{shown(written)} is no number of readers; {fix}"


def test_receipts_that_count() -> None:
    assert policy_fields.countable("seen") is ReceiptKind.SEEN
    assert said(policy_fields.countable, "sean").endswith("'sean' is no kind of receipt; did you mean seen?")
    assert said(policy_fields.countable, "delivered").startswith("'delivered' never counts as read; write any of: ack")


def test_holidays() -> None:
    assert policy_fields.holiday("JP") == "JP"
    assert policy_fields.holiday("DE-BY") == "DE-BY"
    assert policy_fields.holiday("2026-12-30") == date(2026, 12, 30)
    assert said(policy_fields.holiday, "Japan").startswith("no holidays are known of 'Japan'; write a country code")
    assert said(policy_fields.holiday, "DE-XX").startswith("DE has no part 'XX'")
    assert said(policy_fields.holiday, "2026-12-40") == "2026-12-40 is no date; write it like 2026-12-30"


def test_holiday_dates_are_those_of_the_country_and_ones_own() -> None:
    dates = policy_fields.holiday_dates(["JP", date(2026, 12, 30)], range(2026, 2027))
    assert {date(2026, 1, 1), date(2026, 11, 23), date(2026, 12, 30)} <= dates
    assert date(2026, 12, 31) not in dates


def test_regexes() -> None:
    assert rule_fields.pattern("［緊急］|a+") == "［緊急］|a+"
    assert said(rule_fields.pattern, "(a").startswith("the regex '(a' is not valid: missing ), unterminated subpattern")
    assert said(rule_fields.pattern, 5) == "5 is no regex; write it in quotes"
    assert said(rule_fields.pattern, "a{99999999999999999999}").startswith("the regex")


def test_sender_patterns() -> None:
    assert rule_fields.sender_pattern(" *@x.example ") == "*@x.example"
    assert "not valid" in said(rule_fields.sender_pattern, "/[/")
    assert "is no address" in said(rule_fields.sender_pattern, None)


def test_prefixes() -> None:
    assert rule_fields.prefix(True) is None
    assert rule_fields.prefix("障害") == ("障害",)
    assert rule_fields.prefix(["障害", " b "]) == ("障害", "b")
    for value in (False, [], [1], [""]):
        assert said(rule_fields.prefix, value).endswith("is no prefix; write true, or words such as [障害, OUTAGE]")
