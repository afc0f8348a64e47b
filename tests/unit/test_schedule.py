"""Schedules: what a handoff does where the clock changes, and who wins."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from escalation.calendar import Span, Window
from escalation.decided import Skipped, SkipReason
from escalation.policy import Action, Target
from escalation.roster import Person, Roster
from escalation.rotation import Layer, Role, Unit
from escalation.schedule import (
    FixedShift,
    Leave,
    Override,
    Schedule,
    double_bookings,
    gaps,
    on_call,
    shifts,
    taking_turns,
)
from escalation.target import Reached, resolve

TOKYO = "Asia/Tokyo"
BERLIN = "Europe/Berlin"


def at(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def turns(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.split("+")) for name in names)


def daily(zone: str, start: date, handoff: time = time(9), *names: str) -> Schedule:
    return taking_turns("noc", names or ("alice", "bob"), zone, start, handoff, 1)


def told(schedule: Schedule, start: str, end: str, role: Role = Role.PRIMARY) -> list[str]:
    """ "alice 01-31 09:00" and so on, in UTC."""
    found = shifts(schedule, utc(start), utc(end), role)
    assert all(one.end == other.start for one, other in pairwise(found))
    return [f"{'+'.join(one.people) or '-'} {one.start:%m-%d %H:%M}" for one in found]


WEEK = Schedule("noc", (Layer("week", turns("alice", "bob", "carol"), "UTC", date(2026, 5, 4)),))
"""Monday 9:00: alice, bob, carol."""


# Where the clock changes ----------------------------------------------------------------------------------------------


def test_a_handoff_in_the_hour_that_comes_twice_is_the_first_time() -> None:
    night = daily(BERLIN, date(2026, 10, 24), time(2, 30))
    assert told(night, "2026-10-24T12:00", "2026-10-25T12:00") == ["alice 10-24 12:00", "bob 10-25 00:30"]


def test_a_handoff_in_the_gap_is_the_first_instant_after_it() -> None:
    night = daily(BERLIN, date(2026, 3, 28), time(2, 30))
    assert told(night, "2026-03-28T12:00", "2026-03-29T12:00") == ["alice 03-28 12:00", "bob 03-29 01:00"]


def test_a_shift_over_midnight_is_an_hour_shorter_or_longer_when_the_clock_changes() -> None:
    window = Window("night", BERLIN, (Span(start=time(22), end=time(6)),))
    nights = Schedule("noc", (Layer("night", turns("alice"), BERLIN, date(2026, 1, 1), window=window),))
    spring = shifts(nights, at("2026-03-28T12:00", BERLIN), at("2026-03-29T12:00", BERLIN))
    autumn = shifts(nights, at("2026-10-24T12:00", BERLIN), at("2026-10-25T12:00", BERLIN))
    assert [one.end - one.start for one in (*spring, *autumn) if one.people] == [timedelta(hours=7), timedelta(hours=9)]


def test_a_window_that_ends_in_the_hour_that_comes_twice_is_open_twice() -> None:
    window = Window("early", BERLIN, (Span(start=time(1), end=time(2, 30)),))
    early = Schedule("noc", (Layer("early", turns("alice"), BERLIN, date(2026, 10, 1), window=window),))
    found = told(early, "2026-10-24T20:00", "2026-10-25T06:00")
    assert found == ["- 10-24 20:00", "alice 10-24 23:00", "- 10-25 00:30", "alice 10-25 01:00", "- 10-25 01:30"]


def test_lord_howe_changes_by_half_an_hour() -> None:
    night = daily("Australia/Lord_Howe", date(2026, 10, 3), time(2, 15))
    assert told(night, "2026-10-03T12:00", "2026-10-04T00:00") == ["alice 10-03 12:00", "bob 10-03 15:30"]
    night = daily("Australia/Lord_Howe", date(2026, 4, 4), time(1, 45))
    assert told(night, "2026-04-04T12:00", "2026-04-05T00:00") == ["alice 04-04 12:00", "bob 04-04 14:45"]


def test_apia_skipped_a_day_and_with_it_most_of_a_turn() -> None:
    days = daily("Pacific/Apia", date(2011, 12, 28), time(9), "alice", "bob", "carol", "dave")
    assert told(days, "2011-12-29T20:00", "2011-12-31T10:00") == [
        "bob 12-29 20:00",
        "carol 12-30 10:00",
        "dave 12-30 19:00",
    ]


def test_a_clock_set_back_over_midnight_hands_over_once() -> None:
    days = daily("America/St_Johns", date(2010, 11, 5), time(0))
    assert told(days, "2010-11-06T12:00", "2010-11-07T12:00") == ["bob 11-06 12:00", "alice 11-07 02:30"]
    assert on_call(days, utc("2010-11-07T02:45")) == ("alice",)


def test_hours_are_counted_as_they_elapse() -> None:
    layer = Layer("hours", turns("alice", "bob"), BERLIN, date(2026, 3, 28), time(22), Unit.HOUR, 6)
    assert told(Schedule("noc", (layer,)), "2026-03-28T21:00", "2026-03-29T10:00") == [
        "alice 03-28 21:00",
        "bob 03-29 03:00",
        "alice 03-29 09:00",
    ]


# The calendar ---------------------------------------------------------------------------------------------------------


def test_months_end_where_they_end() -> None:
    layer = Layer("month", turns("alice", "bob"), "UTC", date(2024, 1, 31), unit=Unit.MONTH)
    assert told(Schedule("noc", (layer,)), "2024-02-01T00:00", "2024-05-01T00:00") == [
        "alice 02-01 00:00",
        "bob 02-29 09:00",
        "alice 03-31 09:00",
        "bob 04-30 09:00",
    ]
    assert told(Schedule("noc", (layer,)), "2026-02-01T00:00", "2026-03-01T00:00")[1] == "bob 02-28 09:00"


def test_a_turn_goes_over_the_end_of_the_year() -> None:
    assert told(WEEK, "2026-12-28T00:00", "2027-01-05T00:00") == [
        "alice 12-28 00:00",
        "bob 12-28 09:00",
        "carol 01-04 09:00",
    ]


def test_a_cycle_of_weekdays_and_weekends() -> None:
    layer = Layer("parts", turns("alice", "bob", "carol"), "UTC", date(2026, 5, 4), cycle=(5, 2))
    assert told(Schedule("noc", (layer,)), "2026-05-04T09:00", "2026-05-17T00:00") == [
        "alice 05-04 09:00",
        "bob 05-09 09:00",
        "carol 05-11 09:00",
        "alice 05-16 09:00",
    ]


def test_an_empty_rotation_and_the_time_before_the_first_turn_are_gaps() -> None:
    empty = Schedule("noc", (Layer("week", (), "UTC", date(2026, 5, 4)),))
    assert [one.people for one in gaps(empty, utc("2026-05-01"), utc("2026-06-01"))] == [()]
    assert [(one.start, one.end) for one in gaps(WEEK, utc("2026-05-01"), utc("2026-06-01"))] == [
        (utc("2026-05-01"), utc("2026-05-04T09:00"))
    ]
    assert shifts(WEEK, utc("2026-06-01"), utc("2026-06-01")) == ()


# Who wins -------------------------------------------------------------------------------------------------------------


def override(person: str, start: str, end: str, replaces: str = "", made: int = 0, schedule: str = "noc") -> Override:
    return Override(schedule, person, utc(start), utc(end), replaces, at=utc("2026-01-01") + timedelta(hours=made))


def changed(*overrides: Override, leaves: tuple[Leave, ...] = (), schedule: Schedule = WEEK) -> Schedule:
    return schedule.changed(overrides, leaves)


def test_a_later_layer_wins_where_it_has_somebody() -> None:
    window = Window("night", "UTC", (Span(start=time(22), end=time(6)),))
    night = Layer("night", turns("dave"), "UTC", date(2026, 5, 1), window=window)
    both = Schedule("noc", (*WEEK.layers, night))
    assert told(both, "2026-05-05T12:00", "2026-05-06T12:00") == [
        "alice 05-05 12:00",
        "dave 05-05 22:00",
        "alice 05-06 06:00",
    ]
    assert [one.source for one in shifts(both, utc("2026-05-05T12:00"), utc("2026-05-06T12:00"))] == [
        "week",
        "night",
        "week",
    ]


def test_a_fixed_shift_wins_over_layers_and_an_override_over_both() -> None:
    fixed = FixedShift("dave", utc("2026-05-06"), utc("2026-05-08"))
    schedule = changed(override("erin", "2026-05-07", "2026-05-09"), schedule=Schedule("noc", WEEK.layers, (fixed,)))
    found = shifts(schedule, utc("2026-05-05"), utc("2026-05-10"))
    assert [(*one.people, one.source) for one in found] == [
        ("alice", "week"),
        ("dave", "shift"),
        ("erin", "override"),
        ("alice", "week"),
    ]


def test_of_two_overrides_the_newer_wins_in_whatever_order_they_stand() -> None:
    older = override("dave", "2026-05-05", "2026-05-07")
    newer = override("erin", "2026-05-06", "2026-05-08", made=1)
    for schedule in (changed(older, newer), changed(newer, older)):
        found = told(schedule, "2026-05-05T00:00", "2026-05-09T00:00")
        assert found == ["dave 05-05 00:00", "erin 05-06 00:00", "alice 05-08 00:00"]


def test_an_override_goes_over_a_handoff() -> None:
    found = told(
        changed(override("dave", "2026-05-11T06:00", "2026-05-11T12:00")), "2026-05-11T00:00", "2026-05-12T00:00"
    )
    assert found == ["alice 05-11 00:00", "dave 05-11 06:00", "bob 05-11 12:00"]


def test_an_override_that_replaces_somebody_stands_only_where_they_would_be_on_call() -> None:
    swap = changed(override("dave", "2026-05-04", "2026-06-01", "bob"))
    assert told(swap, "2026-05-04T09:00", "2026-05-25T09:00") == [
        "alice 05-04 09:00",
        "dave 05-11 09:00",
        "carol 05-18 09:00",
    ]


def test_two_people_swap_all_their_turns() -> None:
    swap = changed(
        override("bob", "2026-05-04", "2026-06-01", "alice"), override("alice", "2026-05-04", "2026-06-01", "bob")
    )
    assert told(swap, "2026-05-04T09:00", "2026-05-25T09:00") == [
        "bob 05-04 09:00",
        "alice 05-11 09:00",
        "carol 05-18 09:00",
    ]


def test_a_swap_keeps_the_others_of_the_turn() -> None:
    pairs = Schedule("noc", (Layer("pairs", turns("alice+bob", "carol"), "UTC", date(2026, 5, 4)),))
    swap = changed(override("dave", "2026-05-05", "2026-05-06", "bob"), schedule=pairs)
    assert on_call(swap, utc("2026-05-05")) == ("alice", "dave")
    assert on_call(swap, utc("2026-05-06")) == ("alice", "bob")


def test_an_override_of_another_schedule_changes_nothing() -> None:
    assert changed(override("dave", "2026-05-04", "2026-06-01", schedule="web")) == WEEK


def test_who_is_on_leave_is_not_on_call_and_the_next_turn_steps_in() -> None:
    leave = Leave("alice", utc("2026-05-06"), utc("2026-05-08"))
    assert told(changed(leaves=(leave,)), "2026-05-05T00:00", "2026-05-09T00:00") == [
        "alice 05-05 00:00",
        "bob 05-06 00:00",
        "alice 05-08 00:00",
    ]


def test_of_several_people_in_a_turn_those_who_are_there_stay() -> None:
    pairs = Schedule("noc", (Layer("pairs", turns("alice+bob", "carol"), "UTC", date(2026, 5, 4)),))
    leave = Leave("alice", utc("2026-05-05"), utc("2026-05-06"))
    assert on_call(changed(leaves=(leave,), schedule=pairs), utc("2026-05-05")) == ("bob",)


def test_when_all_are_on_leave_the_layer_below_has_it_or_nobody() -> None:
    top = Layer("top", turns("dave", "erin"), "UTC", date(2026, 5, 4))
    away = tuple(Leave(one, utc("2026-05-05"), utc("2026-05-06")) for one in ("dave", "erin"))
    assert on_call(changed(leaves=away, schedule=Schedule("noc", (*WEEK.layers, top))), utc("2026-05-05")) == ("alice",)
    assert on_call(changed(leaves=away, schedule=Schedule("noc", (top,))), utc("2026-05-05")) == ()


def test_an_override_and_a_fixed_shift_for_somebody_on_leave_are_void() -> None:
    leave = (Leave("dave", utc("2026-05-05"), utc("2026-05-06")),)
    fixed = Schedule("noc", WEEK.layers, (FixedShift("dave", utc("2026-05-04"), utc("2026-05-08")),))
    assert on_call(changed(leaves=leave, schedule=fixed), utc("2026-05-05")) == ("alice",)
    assert on_call(changed(override("dave", "2026-05-04", "2026-05-08"), leaves=leave), utc("2026-05-05")) == ("alice",)
    assert on_call(changed(override("dave", "2026-05-04", "2026-05-08"), leaves=leave), utc("2026-05-06")) == ("dave",)


# Roles ----------------------------------------------------------------------------------------------------------------


def test_a_backup_is_asked_for_by_name_and_a_shadow_never_paged() -> None:
    backup = Layer("backup", turns("bob", "carol", "alice"), "UTC", date(2026, 5, 4), role=Role.BACKUP)
    shadow = Layer("new", turns("zoe"), "UTC", date(2026, 5, 4), role=Role.SHADOW)
    schedule = Schedule("noc", (*WEEK.layers, backup, shadow))
    roster = Roster(schedules={"noc": schedule})
    now = utc("2026-05-05")
    assert [on_call(schedule, now, role) for role in Role] == [("alice",), ("bob",), ("zoe",)]
    assert roster.on_call("noc", now) == ("alice",)
    assert roster.on_call("noc/backup", now) == ("bob",)
    assert [roster.on_call(name, now) for name in ("noc/shadow", "noc/", "web/backup", "backup")] == [()] * 4
    assert "zoe" not in schedule.people
    assert schedule.roles == set(Role)


def test_everybody_of_the_turn_is_paged_and_counted() -> None:
    pairs = Schedule("noc", (Layer("pairs", turns("alice+bob", "carol"), "UTC", date(2026, 5, 4)),))
    people = {id: Person(id, id, contacts={"phone": f"+{id}"}) for id in ("alice", "bob")}
    roster = Roster(people, schedules={"noc": pairs})
    found = resolve(Action("phone", (Target.parse("oncall:noc"),)), None, roster, utc("2026-05-05"))
    assert [one.address for one in found if isinstance(one, Reached)] == ["+alice", "+bob"]
    (nobody,) = resolve(Action("phone", (Target.parse("oncall:noc/backup"),)), None, roster, utc("2026-05-05"))
    assert isinstance(nobody, Skipped)
    assert nobody.reason is SkipReason.NOBODY_ON_CALL
    assert (pairs.most(Role.PRIMARY), pairs.most(Role.BACKUP)) == (2, 1)


def test_a_changed_roster_has_the_changes_of_each_schedule() -> None:
    roster = Roster(schedules={"noc": WEEK}).changed([override("dave", "2026-05-05", "2026-05-06")], [])
    assert roster.on_call("noc", utc("2026-05-05")) == ("dave",)
    assert roster.changed([], []) == Roster(schedules={"noc": WEEK})


def test_an_override_takes_the_duty_and_a_replacement_goes_for_any_role() -> None:
    backup = Layer("backup", turns("bob"), "UTC", date(2026, 5, 4), role=Role.BACKUP)
    schedule = Schedule("noc", (*WEEK.layers, backup))
    now = utc("2026-05-05")
    taken = changed(override("dave", "2026-05-04", "2026-05-08"), schedule=schedule)
    assert [on_call(taken, now, role) for role in (Role.PRIMARY, Role.BACKUP)] == [("dave",), ("bob",)]
    swapped = changed(override("dave", "2026-05-04", "2026-05-08", "bob"), schedule=schedule)
    assert [on_call(swapped, now, role) for role in (Role.PRIMARY, Role.BACKUP)] == [("alice",), ("dave",)]


# Two schedules --------------------------------------------------------------------------------------------------------


def test_one_person_in_two_schedules_at_once() -> None:
    web = Schedule("web", (Layer("week", turns("bob", "alice"), "UTC", date(2026, 5, 6)),))
    (found,) = double_bookings([WEEK, web], utc("2026-05-01"), utc("2026-05-14"))
    assert (found.person, found.schedules) == ("bob", ("noc", "web"))
    assert (found.start, found.end) == (utc("2026-05-11T09:00"), utc("2026-05-13T09:00"))
    assert double_bookings([WEEK], utc("2026-05-01"), utc("2026-07-01")) == ()


@pytest.mark.parametrize("zone", ["UTC", TOKYO, "Pacific/Apia", "Australia/Lord_Howe"])
def test_an_instant_may_come_in_any_zone(zone: str) -> None:
    assert on_call(WEEK, utc("2026-05-11T09:00").astimezone(ZoneInfo(zone))) == ("bob",)
