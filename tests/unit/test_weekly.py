"""When the weekly test is due: once a week, in office hours, on the person's own wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.calendar import Span, Window
from escalation.weekly import WeeklyPlan

PLAN = WeeklyPlan(1, time(10))
WEEK = date(2026, 5, 4)
"""A Monday."""


@pytest.mark.parametrize(
    ("wall", "week"),
    [
        ("2026-05-04T10:00+09:00", None),
        ("2026-05-05T09:59+09:00", None),
        ("2026-05-05T10:00+09:00", WEEK),
        ("2026-05-05T17:59+09:00", WEEK),
        ("2026-05-05T18:00+09:00", None),
        ("2026-05-06T08:59+09:00", None),
        ("2026-05-06T09:00+09:00", WEEK),
        ("2026-05-09T12:00+09:00", None),
        ("2026-05-10T12:00+09:00", None),
        ("2026-05-12T10:00+09:00", date(2026, 5, 11)),
    ],
)
def test_once_a_week_from_its_day_and_hour_on_in_office_hours(wall: str, week: date | None) -> None:
    assert PLAN.week_due(datetime.fromisoformat(wall), "Asia/Tokyo") == week


def test_office_hours_are_those_of_the_settings_where_they_name_some() -> None:
    evening = Window("evening", "UTC", (Span(frozenset({5, 6}), time(20), time(22)),))
    plan = WeeklyPlan(1, time(10), evening)
    assert plan.week_due(datetime(2026, 5, 5, 12, tzinfo=UTC), "UTC") is None
    assert plan.week_due(datetime(2026, 5, 9, 21, tzinfo=UTC), "UTC") == WEEK


HOURS = timedelta(hours=4)


@pytest.mark.parametrize(
    ("wall", "week"),
    [
        ("2026-05-05T10:00+09:00", None),
        ("2026-05-05T13:59+09:00", None),
        ("2026-05-05T14:00+09:00", WEEK),
        ("2026-05-05T18:00+09:00", None),
        ("2026-05-06T09:00+09:00", WEEK),
        ("2026-05-08T17:59+09:00", WEEK),
        ("2026-05-11T09:00+09:00", None),
        ("2026-05-12T14:00+09:00", date(2026, 5, 11)),
    ],
)
def test_of_the_week_is_told_when_its_test_is_over(wall: str, week: date | None) -> None:
    assert PLAN.told_due(datetime.fromisoformat(wall), "Asia/Tokyo", HOURS) == week


@pytest.mark.parametrize(
    ("wall", "week"),
    [
        ("2026-05-08T17:59+09:00", None),
        ("2026-05-09T10:00+09:00", None),
        ("2026-05-11T09:00+09:00", WEEK),
        ("2026-05-12T17:59+09:00", WEEK),
        ("2026-05-13T09:00+09:00", None),
    ],
)
def test_a_test_late_on_friday_is_told_of_after_the_weekend(wall: str, week: date | None) -> None:
    late = WeeklyPlan(4, time(16))
    assert late.told_due(datetime.fromisoformat(wall), "Asia/Tokyo", HOURS) == week


@given(
    st.integers(0, 2 * 366 * 24 * 60).map(
        lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(0, 6),
    st.times(),
)
def test_never_at_night_nor_before_its_hour_and_the_week_is_that_of_the_wall(
    now: datetime, zone: str, day: int, at: time
) -> None:
    week = WeeklyPlan(day, at.replace(second=0, microsecond=0)).week_due(now, zone)
    wall = now.astimezone(ZoneInfo(zone))
    if week is not None:
        assert week <= wall.date() < week + timedelta(days=7)
        assert week.weekday() == 0
        assert 9 <= wall.hour < 18 and wall.weekday() < 5
        assert (wall.weekday(), wall.time()) >= (day, at.replace(second=0, microsecond=0))
    else:
        early = (wall.weekday(), wall.time()) < (day, at.replace(second=0, microsecond=0))
        assert early or not 9 <= wall.hour < 18 or wall.weekday() >= 5
