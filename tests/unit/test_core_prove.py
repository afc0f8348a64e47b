"""``prove``: what a policy does at most, and the instants at which it pages nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from escalation.calendar import ALWAYS, EVERY_DAY, Span, Window
from escalation.condition import Condition
from escalation.occasion import Almanac, Timeline, recipients_of
from escalation.policy import EscalationPolicy, Ladder, Step
from escalation.prove import Most, Proof, almanac_of, prove
from escalation.roster import Roster
from escalation.rotation import Layer, Unit
from escalation.schedule import Leave, Schedule, taking_turns
from tests.fakes.policies import AT, action, ladder, minutes, person, policy, roster, step

WEEK = timedelta(days=7)
OFFICE = Window("office", "Europe/Berlin", (Span(frozenset(range(5)), time(9), time(18)),))
TURNS = taking_turns("noc", ("alice", "bob", "carol"), "Europe/Berlin", date(2026, 4, 27))


def with_schedule(schedule: Schedule) -> Roster:
    people = roster()
    return Roster(people.people, {}, {"noc": schedule}, people.rooms)


def proof(rules: EscalationPolicy, people: Roster | None = None, ahead: timedelta = WEEK) -> Proof:
    people = people or roster()
    return prove(rules, almanac_of(people, AT, ahead), recipients_of(rules, people))


def silences(found: Proof) -> list[tuple[str | None, bool, str]]:
    return [(one.down, one.is_last_resort, str(one.why)) for one in found.silences]


def test_a_policy_that_never_changes_is_walked_once_for_each_channel() -> None:
    found = proof(policy(), ahead=timedelta(days=396))
    assert (found.places, found.walks, found.is_whole) == (0, 4, True)
    assert found.ends
    assert (found.ends_after, found.latest_page) == (minutes(15), minutes(10))
    assert (found.calls, found.messages, found.dearest(1, 1)) == (Most("alice", 1), Most(), (2, 0))
    assert silences(found) == []


def test_a_policy_of_one_channel_pages_nobody_while_that_is_down() -> None:
    alone = policy(ladder(step("slack", "#ops")), last_resort=(action("slack", "#ops"),))
    assert silences(proof(alone)) == [("slack", False, "every step goes over slack")]
    helped = replace(alone, last_resort=(action("phone", "alice"),))
    assert silences(proof(helped)) == [("slack", True, "every step goes over slack")]


def test_the_console_is_never_down() -> None:
    assert (
        silences(
            proof(policy(ladder(step("console", "alice")), last_resort=()), roster(person("alice", console="alice")))
        )
        == []
    )


def test_a_gap_in_a_schedule_is_found_with_its_first_instant_and_the_schedule() -> None:
    day = Layer("day", (("alice",), ("bob",)), "UTC", date(2026, 4, 1), time(0), Unit.DAY, window=OFFICE)
    rules = policy(ladder(step("slack", "oncall:noc", "oncall:noc")), last_resort=())
    first, _ = proof(rules, with_schedule(Schedule("noc", (day,)))).silences
    assert (first.down, first.why) == (None, "nobody is on call in noc")
    assert first.at == AT, "a Friday, five in the morning in Berlin"
    assert "add a layer to noc" in first.fix
    assert first.times == 11, "each morning's gap before, each evening's after, and now"


def test_leave_of_everybody_is_a_gap() -> None:
    away = [Leave(one, AT + minutes(600), AT + minutes(700)) for one in ("alice", "bob", "carol")]
    rules = policy(ladder(step("phone", "oncall:noc", after=5)), last_resort=())
    (one, *_) = proof(rules, with_schedule(TURNS.changed((), away))).silences
    assert one.at == AT + minutes(600 - 5), "the first mail whose call would be due then"


def test_a_time_without_a_ladder_is_found() -> None:
    rules = policy(Ladder((step("slack", "#ops"),), OFFICE), last_resort=())
    (first, *others) = proof(rules).silences
    assert (first.down, first.why) == (None, "no window holds")
    assert "when: always" in first.fix
    assert [one.down for one in others] == ["slack"]


def test_somebody_without_a_contact_is_named() -> None:
    people = roster(person("alice", slack="U1"))
    (one, *_) = proof(policy(ladder(step("phone", "alice")), last_resort=()), people).silences
    assert one.why == "alice has no contact for phone"
    (other, *_) = proof(policy(ladder(step("phone", "#lost")), last_resort=()), people).silences
    assert other.why == "#lost can't be told over phone"


def test_a_climb_that_crosses_is_met_at_its_worst_minute() -> None:
    office = Ladder(tuple(step("phone", "alice", after=1) for _ in range(3)), OFFICE)
    night = ladder(*(step("phone", "alice", after=5) for _ in range(3)))
    assert proof(policy(night, last_resort=())).calls.count == 3
    assert proof(policy(office, night, last_resort=())).calls.count == 6, "who comes four minutes before the night"


def test_weeks_of_a_rotation_are_alike_whoever_has_them() -> None:
    rules = policy(ladder(step("phone", "oncall:noc"), step("phone", "oncall:noc", after=5)))
    year = timedelta(days=396)
    few, many = (proof(rules, with_schedule(one), year) for one in (TURNS, replace(TURNS, layers=TURNS.layers)))
    assert few.places == many.places == 59, "57 handoffs, two clock changes"
    assert few.walks < 40


def test_people_who_differ_are_not_taken_for_one_another() -> None:
    deaf = Roster(roster(person("alice"), person("bob", slack="U2")).people, {}, {}, {})
    turns = taking_turns("noc", ("alice", "bob"), "UTC", date(2026, 4, 27))
    rules = policy(ladder(step("phone", "oncall:noc")), last_resort=())
    (one, *_) = proof(rules, Roster(deaf.people, {}, {"noc": turns}, {}), 3 * WEEK).silences
    assert (one.at, one.why) == (datetime(2026, 5, 4, 9, tzinfo=UTC), "bob has no contact for phone")


def test_members_of_a_team_in_turn_are_not_taken_for_one_another() -> None:
    """Whoever is on call is told first; the turn goes to alice, whether that is her or not."""
    turns = taking_turns("noc", ("alice", "bob"), "UTC", date(2026, 4, 27))
    people = Roster(roster().people, {"noc": ("alice", "bob")}, {"noc": turns}, {})
    rules = policy(ladder(step("phone", "oncall:noc"), step("phone", "roundrobin:noc", after=5)), last_resort=())
    assert proof(rules, people, 3 * WEEK).calls == Most("alice", 2)
    later = replace(people, teams={"noc": ("bob", "alice")})
    assert proof(rules, later, 3 * WEEK).calls == Most("bob", 2), "in the second week"


def test_a_step_that_waits_is_walked_until_its_time() -> None:
    held = Step(action("slack", "#ops"), condition=Condition(only=OFFICE, is_waiting=True))
    found = proof(policy(Ladder((held,)), last_resort=(action("phone", "alice"),)), ahead=2 * WEEK)
    assert found.is_whole
    assert timedelta(hours=63) - minutes(1) < found.latest_page <= timedelta(hours=63), "from Friday evening to Monday"


def test_a_very_long_climb_says_that_it_was_not_laid_against_every_change_wholly() -> None:
    long = Ladder(tuple(step("phone", "alice", after=1) for _ in range(50)), repeat=9)
    assert not proof(policy(replace(long, window=OFFICE), replace(long, repeat=8))).is_whole


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    rules = policy(Ladder((step("slack", "#ops"),), OFFICE), ladder(step("slack", "#ops")))
    prove(rules, almanac_of(roster(), AT, WEEK), (), on_place=lambda done, all: told.append((done, all)))
    assert told[-1] == (10, 10)


def test_places_are_changes_clock_changes_and_holidays() -> None:
    holiday = replace(OFFICE, on_holidays=False, holidays=frozenset({date(2026, 5, 2)}))
    span = Almanac(roster(), AT, AT + timedelta(days=200))
    rules = policy(Ladder((step("slack", "#ops"),), holiday), Ladder((), Window("day", spans=(Span(EVERY_DAY),))))
    found = Timeline(rules, span, ()).places()
    assert datetime(2026, 5, 1, 22, tzinfo=UTC) in found, "a Saturday: nothing changes then"
    assert datetime(2026, 10, 25, 1, tzinfo=UTC) in found, "the end of summer time"
    assert datetime(2026, 5, 4, 7, tzinfo=UTC) in found, "the office opens"


def test_recipients_are_whom_the_policy_names() -> None:
    people = Roster(roster().people, {"noc": ("bob", "nobody")}, {}, {})
    named = recipients_of(policy(ladder(step("slack", "team:noc")), last_resort=()), people)
    assert [one.id for one in named] == ["bob"]
    everybody = recipients_of(policy(Ladder((step("slack", "unread"),), ALWAYS), last_resort=()), people)
    assert [one.id for one in everybody] == ["alice", "bob", "carol"]


def test_the_dearest_climb_is_that_of_the_given_prices() -> None:
    """While calls are down two text messages leave for one call: which of the two climbs costs more, the prices say."""
    alice = person("alice", sms="sms-alice", phone="phone-alice")
    rules = policy(
        ladder(step("phone", "alice", otherwise=action("sms", "alice"))), last_resort=(action("sms", "alice"),)
    )
    found = proof(rules, roster(alice))
    assert found.dearest(1, 0.1) == (1, 1)
    assert found.dearest(0.1, 1) == (0, 2)
