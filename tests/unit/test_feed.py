"""Whom the events of somebody else's calendar mean, and what of several at once counts."""

from datetime import UTC, datetime, timedelta

import pytest

from escalation.feed import Directory, FeedEvent
from escalation.imported import CalendarShift, Imported
from escalation.roster import Person, Roster
from escalation.schedule import FixedShift, Leave, Override, Schedule, on_call, shifts, taking_turns

AT = datetime(2026, 5, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = [
    Person("alice", "Alice Smith", ("alice@team.example", "a.smith@home.example")),
    Person("bob", "Bob", ("bob@team.example",)),
    Person("bo", "Bob Jones"),
    Person("sato", "佐藤 花子"),
    Person("it", "I. Tanaka"),
    Person("t1", "Twin"),
    Person("t2", "twin"),
]
DIRECTORY = Directory(PEOPLE, {"Smith, Al": "alice", "当番A": "sato"})


def event(summary: str = "", *attendees: str, organizer: str = "", names: tuple[str, ...] = ()) -> FeedEvent:
    return FeedEvent(AT, AT + HOUR, summary, attendees, organizer, names)


@pytest.mark.parametrize(
    ("one", "people"),
    [
        (event("Day shift", "alice@team.example", "room@team.example"), ["alice"]),
        (event("Bob", "alice@team.example"), ["alice"]),
        (event("", "alice@team.example", "bob@team.example"), ["alice", "bob"]),
        (event("A.Smith@HOME.example is on call"), ["alice"]),
        (event("alice@other.example"), []),
        (event("On Call - Alice Smith - NOC, Primary"), ["alice"]),
        (event("ＡＬＩＣＥ　ＳＭＩＴＨ"), ["alice"]),
        (event("alice smithson"), []),
        (event("Bob Jones"), ["bo"]),
        (event("Bob / Alice Smith"), ["bob", "alice"]),
        (event("[L1] alice"), ["alice"]),
        (event("[L12] alice, bob"), ["alice", "bob"]),
        (event("On call: alice & bob"), ["alice", "bob"]),
        (event("alice is on call"), []),
        (event("the IT department"), []),
        (event("IT"), ["it"]),
        (event("佐藤花子 当番"), ["sato"]),
        (event("当番:佐藤　花子さん"), ["sato"]),
        (event("佐藤"), []),
        (event("Twin"), []),
        (event("Smith, Al."), ["alice"]),
        (event("当番A"), ["sato"]),
        (event("Shift", names=("Bob",)), ["bob"]),
        (event("Shift", organizer="bob@team.example"), ["bob"]),
        (event("Alice Smith", organizer="bob@team.example"), ["alice"]),
        (event(""), []),
    ],
)
def test_people_are_found_by_address_name_or_summary(one: FeedEvent, people: list[str]) -> None:
    assert list(DIRECTORY.people_of(one)) == people


def test_nobody_is_found_among_nobody() -> None:
    assert Directory([], {}).people_of(event("Alice", "alice@team.example")) == ()


def test_the_level_and_the_words_of_an_event() -> None:
    assert [event(text).level for text in ("[L2] alice", "[l10]bob", "alice [L2]", "")] == [2, 10, 0, 0]
    assert event("", "alice@team.example").words == "alice@team.example"
    assert event("Day", "alice@team.example").words == "Day"


def hours(people: str, start: int, end: int, level: int = 0) -> CalendarShift:
    return CalendarShift(tuple(people.split()), AT + start * HOUR, AT + end * HOUR, level)


def test_everybody_who_has_an_event_then_is_on_call_and_a_higher_level_wins() -> None:
    given = Imported.of("duty", [hours("alice", 0, 6), hours("bob", 3, 9), hours("sato", 5, 7, 1), hours("", 9, 12)])
    found = [given.people_at(AT + n * HOUR) for n in (-1, 0, 3, 5, 6, 7, 9)]
    assert found == [(), ("alice",), ("alice", "bob"), ("sato",), ("sato",), ("bob",), ()]
    assert given.people_at(AT + 5 * HOUR, {"sato"}) == ("alice", "bob")
    assert given.people_at(AT + 5 * HOUR, {"sato", "alice"}) == ("bob",)
    assert (given.people, given.most) == (("alice", "bob", "sato"), 2)
    assert given.changes(AT, AT + 6 * HOUR) == (AT + 3 * HOUR, AT + 5 * HOUR)
    assert Imported("never read").people_at(AT) == ()


def test_a_calendar_wins_over_layers_and_loses_to_fixed_shifts_and_overrides() -> None:
    layers = taking_turns("noc", ["t1"], "UTC", AT.date() - timedelta(days=7)).layers
    fixed = FixedShift("t2", AT + HOUR, AT + 2 * HOUR)
    schedule = Schedule("noc", layers, (fixed,), imported=(Imported("first"), Imported("second")))
    calendars = {
        "first": Imported.of("first", [hours("alice", 0, 8)]),
        "second": Imported.of("second", [hours("bob", 2, 4)]),
    }
    override = Override("noc", "sato", AT + 3 * HOUR, AT + 4 * HOUR)
    away = [Leave("alice", AT + 5 * HOUR, AT + 6 * HOUR), Leave("nobody", AT, AT + HOUR)]
    fed = schedule.changed([override], []).fed(calendars, away)
    assert [on_call(fed, AT + n * HOUR) for n in range(-1, 9)] == [
        ("t1",), ("alice",), ("t2",), ("bob",), ("sato",), ("alice",), ("t1",), ("alice",), ("alice",), ("t1",),
    ]  # fmt: skip
    assert [one.source for one in shifts(fed, AT, AT + 4 * HOUR)] == ["first", "shift", "second", "override"]
    assert fed.away == (away[0],)
    assert fed.most(next(iter(fed.roles))) == 1


def test_a_calendar_that_is_not_read_again_stays_when_overrides_change() -> None:
    schedule = Schedule("noc", (), imported=(Imported("duty"),))
    leave = Leave("alice", AT, AT + HOUR)
    roster = Roster(schedules={"noc": schedule}).fed({"duty": Imported.of("duty", [hours("alice bob", 0, 2)])}, [leave])
    assert roster.on_call("noc", AT) == ("bob",)
    assert roster.changed([], []).on_call("noc", AT) == ("bob",)
    late = roster.changed([Override("noc", "alice", AT + HOUR, AT + 2 * HOUR)], [])
    assert late.on_call("noc", AT + HOUR) == ("alice",)
