"""The rules at the top of policy.py; windows, mornings and turns on call."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalation.alert import AlertStatus
from escalation.calendar import ALWAYS, Span, Window, next_morning
from escalation.fold import fold
from escalation.policy import EscalationPolicy, Ladder, Target, TargetKind
from escalation.roster import Roster
from escalation.schedule import on_call, taking_turns
from tests.fakes.policies import AT, SPINE, Story, ladder, minutes, person, policy, roster, step

WEEKDAYS = frozenset(range(5))


def at(text: str, zone: str = "Asia/Tokyo") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# Policies ------------------------------------------------------------------------------------------------------------


def test_rule_1_delays_count_from_the_step_before() -> None:
    assert [rung.offset for rung in SPINE.rungs] == [minutes(0), minutes(5), minutes(10)]


def test_rule_2_retries_are_rungs_in_order_of_time() -> None:
    rungs = ladder(step("phone", "alice", retry=2, every=5), step("phone", "bob", after=5)).rungs
    assert [(rung.offset, rung.step, rung.attempt) for rung in rungs] == [
        (minutes(0), 0, 0),
        (minutes(5), 0, 1),
        (minutes(5), 1, 0),
        (minutes(10), 0, 2),
    ]


def test_rule_3_a_loop_ends_its_wait_after_the_last_rung() -> None:
    assert SPINE.loop_length == minutes(15)
    assert [SPINE.gap_after(n) for n in range(3)] == [minutes(5)] * 3
    assert [SPINE.offset_of(n) for n in range(4)] == [minutes(0), minutes(5), minutes(10), minutes(15)]
    assert Ladder((), wait=minutes(3)).loop_length == minutes(3)


def test_a_ladder_is_climbed_once_unless_it_says_more() -> None:
    assert (Ladder(()).repeat, Ladder(()).wait, Ladder(()).window) == (0, minutes(5), ALWAYS)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("alice", TargetKind.PERSON, "alice"),
        ("team:noc", TargetKind.TEAM, "noc"),
        ("oncall:noc", TargetKind.ONCALL, "noc"),
        ("unread", TargetKind.UNREAD, ""),
        ("#ops", TargetKind.ROOM, "#ops"),
        ("person:x", TargetKind.PERSON, "person:x"),
    ],
)
def test_a_target_is_written_as_it_is_read(text: str, kind: TargetKind, name: str) -> None:
    assert Target.parse(text) == Target(kind, name)
    assert str(Target.parse(text)) == text


def test_the_first_ladder_whose_window_holds_is_climbed() -> None:
    office = Window("office", "Asia/Tokyo", (Span(WEEKDAYS, time(9), time(18)),))
    rules = EscalationPolicy(name="p", ladders=(Ladder((), office), Ladder((), ALWAYS)), last_resort=())
    assert rules.ladder_at(at("2026-05-01T17:59")) == 0
    assert rules.ladder_at(at("2026-05-01T18:00")) == 1
    assert EscalationPolicy(name="p", ladders=(), last_resort=()).ladder_at(AT) is None


# Windows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "instant", "holds"),
    [
        (Span(WEEKDAYS, time(9), time(18)), "2026-05-01T09:00", True),
        (Span(WEEKDAYS, time(9), time(18)), "2026-05-01T18:00", False),
        (Span(WEEKDAYS, time(9), time(18)), "2026-05-02T12:00", False),
        (Span(WEEKDAYS, time(22), time(6)), "2026-05-01T23:00", True),
        (Span(WEEKDAYS, time(22), time(6)), "2026-05-02T05:59", True),
        (Span(WEEKDAYS, time(22), time(6)), "2026-05-02T06:00", False),
        (Span(WEEKDAYS, time(22), time(6)), "2026-05-02T22:00", False),
        (Span(WEEKDAYS, time(22), time(6)), "2026-05-04T05:00", False),
        (Span(frozenset({4}), time(9), time(9)), "2026-05-02T08:59", True),
        (Span(frozenset({4}), time(9), time(9)), "2026-05-01T08:59", False),
    ],
)
def test_a_span_holds_on_the_wall(span: Span, instant: str, holds: bool) -> None:
    assert Window("w", "Asia/Tokyo", (span,)).contains(at(instant)) is holds


@pytest.mark.parametrize(("rule", "noon", "night"), [(None, True, False), (True, True, True), (False, False, False)])
def test_a_holiday_is_inside_outside_or_nothing_special(rule: bool | None, noon: bool, night: bool) -> None:
    holidays = frozenset({date(2026, 5, 4)})
    window = Window("office", "Asia/Tokyo", (Span(WEEKDAYS, time(9), time(18)),), rule, holidays)
    assert window.contains(at("2026-05-04T12:00")) is noon
    assert window.contains(at("2026-05-04T23:00")) is night
    assert window.contains(at("2026-05-05T12:00"))


def test_a_window_is_on_the_wall_before_and_after_a_dst_change() -> None:
    window = Window("office", "Europe/Berlin", (Span(start=time(9), end=time(18)),))
    assert window.contains(datetime(2026, 3, 28, 8, 0, tzinfo=UTC))
    assert not window.contains(datetime(2026, 3, 28, 7, 59, tzinfo=UTC))
    assert window.contains(datetime(2026, 3, 29, 7, 0, tzinfo=UTC))


# Mornings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-05-01T03:00", "2026-05-01T08:00"),
        ("2026-05-01T08:00", "2026-05-02T08:00"),
        ("2026-05-01T23:00", "2026-05-02T08:00"),
    ],
)
def test_morning_is_the_next_one(now: str, morning: str) -> None:
    assert next_morning(at(now), "Asia/Tokyo") == at(morning)


def test_morning_is_later_even_in_the_hour_that_comes_twice() -> None:
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert next_morning(second, "Europe/Berlin", time(2, 30)) > second
    assert next_morning(second, "Europe/Berlin", time(2, 30)) == at("2026-10-26T02:30", "Europe/Berlin")


# On call -------------------------------------------------------------------------------------------------------------

TURNS = taking_turns("noc", ("alice", "bob"), "Asia/Tokyo", date(2026, 5, 1), days=2)


@pytest.mark.parametrize(
    ("instant", "holder"),
    [
        ("2026-05-01T08:59", None),
        ("2026-05-01T09:00", "alice"),
        ("2026-05-03T08:59", "alice"),
        ("2026-05-03T09:00", "bob"),
        ("2026-05-05T09:00", "alice"),
    ],
)
def test_turns_are_handed_over_on_the_wall(instant: str, holder: str | None) -> None:
    assert on_call(TURNS, at(instant)) == ((holder,) if holder else ())


def test_nobody_is_on_call_in_an_empty_or_unknown_rotation() -> None:
    assert on_call(taking_turns("noc", (), "UTC", date(2020, 1, 1)), AT) == ()
    assert Roster().on_call("noc", AT) == ()


def test_a_handoff_in_the_hour_that_comes_twice_happens_once() -> None:
    turns = taking_turns("noc", ("alice", "bob"), "Europe/Berlin", date(2026, 10, 24), time(2, 30), days=1)
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    holders = [on_call(turns, start + timedelta(minutes=n)) for n in range(150)]
    assert holders == [("alice",)] * 30 + [("bob",)] * 120


# People --------------------------------------------------------------------------------------------------------------


def test_people_are_found_by_address_and_contact() -> None:
    people = roster(person("alice"), person("bob"))
    assert people.person_of("Alice@Example.com") is people.people["alice"]
    assert people.person_of("eve@example.com") is None
    assert people.person_at("phone", "phone-bob") is people.people["bob"]
    assert people.person_at("phone", "phone-eve") is None


# The fold ------------------------------------------------------------------------------------------------------------


def test_a_list_of_events_begins_with_opened() -> None:
    story = Story(policy())
    listed = [(event, AT) for event in story.decisions[0].events]
    assert fold(1, listed).status is AlertStatus.TRIGGERED
    with pytest.raises(ValueError, match="alert 1: the first event is ClimbStarted, not Opened"):
        fold(1, listed[1:])
