"""Windows made of others, days of one's own, and the holidays of Japan by the Cabinet Office's tables."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.settings.policy_fields import holiday_dates
from escalation.calendar import ALWAYS, Span, Window
from tests.unit.test_settings_load import MINIMAL, load_text

WORKDAYS = frozenset(range(5))
OFFICE = Window("office", "Asia/Tokyo", (Span(WORKDAYS, time(9), time(18)),))
YEAR = timedelta(days=400)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_the_next_change_of_the_office() -> None:
    assert OFFICE.next_change(utc(2026, 11, 27, 8, 50), YEAR) == utc(2026, 11, 27, 9)
    assert OFFICE.next_change(utc(2026, 11, 27, 9), YEAR) == utc(2026, 11, 30)
    assert OFFICE.next_change(utc(2026, 11, 27, 9), timedelta(days=2)) is None
    assert ALWAYS.next_change(utc(2026, 11, 27), YEAR) is None


@pytest.mark.parametrize(
    ("zone", "span", "at", "change"),
    [
        ("Europe/Berlin", Span(start=time(2, 30), end=time(5)), utc(2026, 3, 29, 0), utc(2026, 3, 29, 1)),
        ("Europe/Berlin", Span(start=time(2, 30), end=time(5)), utc(2026, 10, 25, 0), utc(2026, 10, 25, 0, 30)),
        ("Europe/Berlin", Span(start=time(2, 30), end=time(5)), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1)),
        ("Europe/Berlin", Span(start=time(2, 30), end=time(5)), utc(2026, 10, 25, 1), utc(2026, 10, 25, 1, 30)),
        ("Australia/Lord_Howe", Span(start=time(2, 15), end=time(5)), utc(2026, 10, 3, 15), utc(2026, 10, 3, 15, 30)),
        ("Pacific/Apia", Span(frozenset({5}), time(0), time(0)), utc(2011, 12, 30, 9), utc(2011, 12, 30, 10)),
        ("America/St_Johns", Span(frozenset({5}), time(23, 30)), utc(2010, 11, 7, 2, 30), utc(2010, 11, 7, 3)),
        ("Asia/Tokyo", Span(frozenset({3}), time(22), time(2)), utc(2026, 12, 31, 14), utc(2026, 12, 31, 17)),
        ("Asia/Tokyo", Span(frozenset({1}), time(0), time(0)), utc(2028, 2, 28, 15), utc(2028, 2, 29, 15)),
    ],
    ids=[
        "gap",
        "fold first",
        "fold back",
        "fold again",
        "half an hour",
        "skipped day",
        "back over midnight",
        "end of year",
        "leap day",
    ],
)
def test_the_wall_clock_decides(zone: str, span: Span, at: datetime, change: datetime) -> None:
    assert Window("one", zone, (span,)).next_change(at, YEAR) == change


@pytest.mark.parametrize("fold", [0, 1])
def test_a_local_time_that_never_was_is_the_instant_it_stands_for(fold: int) -> None:
    """A datetime in the window's own zone is not converted: it kept a wall time that the clock skipped."""
    skipped = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)
    window = Window("one", "Europe/Berlin", (Span(start=time(2), end=time(3)),))
    assert window.contains(skipped) is window.contains(skipped.astimezone(UTC)) is False
    assert window.next_change(skipped, YEAR) == window.next_change(skipped.astimezone(UTC), YEAR)


def test_windows_are_made_of_others() -> None:
    summer = Window("summer", "Asia/Tokyo", dates=frozenset({date(2026, 8, 11), date(2026, 8, 12)}))
    saturday = Window("saturday", "Asia/Tokyo", dates=frozenset({date(2026, 8, 15)}))
    work = Window("work", any_of=(OFFICE, saturday), none_of=(summer,))
    noon = {day: work.contains(utc(2026, 8, day, 3)) for day in (10, 11, 12, 13, 15, 16)}
    assert noon == {10: True, 11: False, 12: False, 13: True, 15: True, 16: False}
    assert work.next_change(utc(2026, 8, 10, 9), YEAR) == utc(2026, 8, 13)
    assert not Window("both", all_of=(OFFICE, summer)).contains(utc(2026, 8, 11, 12))
    assert Window("not", none_of=(OFFICE,)).contains(utc(2026, 8, 11, 12))


JAPAN = {
    2019: "01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-23 10-14 "
    "10-22 11-03 11-04 11-23",
    2020: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 11-03 11-23",
    2021: "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 11-23",
    2024: "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 09-23 10-14 "
    "11-03 11-04 11-23",
    2025: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 11-03 11-23 "
    "11-24",
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 11-23",
}
"""With days in lieu (2026-05-06, 2027-03-22), days between two holidays (2019-04-30, 2026-09-22), the accession of 2019
and the games of 2020 and 2021."""


@pytest.mark.parametrize("year", JAPAN)
def test_the_holidays_of_japan(year: int) -> None:
    found = holiday_dates(["JP"], range(year, year + 1))
    assert sorted(f"{day:%m-%d}" for day in found) == JAPAN[year].split()


def test_settings_name_them(tmp_path: Path) -> None:
    text = f"""{MINIMAL}
zone: Asia/Tokyo
windows:
  office: {{days: mon-fri, from: "9:00", to: "18:00"}}
  summer: {{dates: [2026-08-11..2026-08-15, 2026-12-29]}}
  work: {{and: office, not: [summer]}}
"""
    settings = load_text(tmp_path, text).settings
    assert settings is not None
    work = settings.windows()["work"]
    assert [work.contains(utc(2026, 8, day, 3)) for day in (10, 11, 14, 17)] == [True, False, False, True]


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ("a: {and: offfice}, office: {days: mon}", "there is no window offfice"),
        ("a: {not: b}, b: {or: [c]}, c: {and: a}", "a is made of itself"),
        ("a: {not: a}", "a is made of itself"),
        (
            ", ".join(["a0: {days: mon}", *(f"a{n}: {{or: [a{n - 1}, a{n - 1}]}}" for n in range(1, 9))]),
            "a7 is made of more than 100 windows",
        ),
        ("a: {dates: [2026-08-15..2026-08-11]}", "ends before it begins"),
        ("a: {dates: [2026-02-30]}", "2026-02-30 is no date"),
        ("a: {zone: UTC}", "the window says no days and no hours"),
    ],
)
def test_what_is_wrong_with_them_is_told(tmp_path: Path, windows: str, said: str) -> None:
    found = load_text(tmp_path, f"{MINIMAL}\nwindows: {{{windows}}}\n")
    assert found.settings is None
    assert any(said in str(one) for one in found.problems), [str(one) for one in found.problems]


def test_a_circle_is_told_of_those_in_it_alone(tmp_path: Path) -> None:
    """What is made of a circle has no fault of its own, and the telling ends."""
    found = load_text(tmp_path, f"{MINIMAL}\nwindows: {{a: {{and: b}}, b: {{and: c}}, c: {{and: b}}}}\n")
    told = [str(one).partition(": ")[2] for one in found.problems]
    assert told == [
        "windows.b.and[0]: b is made of itself; take c away",
        "windows.c.and[0]: c is made of itself; take b away",
    ]
