"""The members of a team in turn: one for each rung, whoever can't be told passed over."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation import machine
from escalation.contact import Quiet
from escalation.decided import Skipped, SkipReason
from escalation.event import Opened
from escalation.policy import EscalationPolicy
from escalation.roster import Roster
from escalation.schedule import Leave
from escalation.simulate import EntryKind, simulate
from escalation.turn import turns_of
from tests.fakes.policies import AT, Story, action, fired, ladder, notifies, opened, person, policy, roster, step

TEAM = roster(noc=("alice", "bob", "carol"))
TURNS = policy(ladder(step("phone", "roundrobin:noc", retry=3, every=2)))
ONE = policy(ladder(step("phone", "roundrobin:noc")), last_resort=())


def told(rules: EscalationPolicy, people: Roster) -> list[str]:
    """Who is told until the ladder ends, in a story in which each decision knows of the turns before it."""
    found = simulate(rules, people, AT, (), ())
    return [one.person or "" for one in found if one.kind is EntryKind.NOTIFY]


def test_each_rung_tells_the_next_member() -> None:
    assert told(TURNS, TEAM) == ["alice", "bob", "carol", "alice"]


def test_whoever_follows_the_last_one_begins() -> None:
    assert told(TURNS, TEAM.turned({"noc": "bob"})) == ["carol", "alice", "bob", "carol"]
    assert told(TURNS, TEAM.turned({"noc": "somebody who left"})) == ["alice", "bob", "carol", "alice"]


def test_two_rungs_of_one_decision_are_two_turns() -> None:
    story = Story(TURNS, people=TEAM)
    decision = story.tick(9)
    assert [one.person for one in notifies(story.decisions[0])] == ["alice"]
    assert len({one.person for one in notifies(decision)}) == 3
    assert turns_of(decision) == {"noc": "carol"}


def test_whoever_is_on_leave_is_passed_over_and_said_to_be() -> None:
    away = TEAM.changed((), [Leave("alice", AT, AT + timedelta(days=1), delegate="carol")])
    story = Story(ONE, people=away)
    assert [one.person for one in notifies(story.decisions[0])] == ["bob"]
    assert fired(story.decisions)[0].skipped == (Skipped("roundrobin:noc", SkipReason.ON_LEAVE, "alice"),)


def test_when_all_are_on_leave_a_delegate_is_told() -> None:
    leaves = [Leave(id, AT, AT + timedelta(days=1), delegate="dave") for id in ("alice", "bob", "carol")]
    people = replace(TEAM, people={**TEAM.people, "dave": person("dave")}).changed((), leaves)
    decision = Story(ONE, people=people).decisions[0]
    assert [one.person for one in notifies(decision)] == ["dave"]
    assert turns_of(decision) == {"noc": "alice"}


def test_whoever_is_told_through_a_delegate_is_not_said_to_be_passed_over() -> None:
    people = replace(TEAM, people={"alice": person("alice"), "dave": person("dave")})
    away = people.changed((), [Leave("alice", AT, AT + timedelta(days=1), delegate="dave")])
    (event,) = fired(Story(ONE, people=away).decisions)
    assert [(one.person, one.stands_in_for) for one in event.notified] == [("dave", "alice")]
    assert [(one.person, one.reason) for one in event.skipped] == [
        ("bob", SkipReason.UNKNOWN_TARGET),
        ("carol", SkipReason.UNKNOWN_TARGET),
    ]


def test_whoever_sleeps_or_has_no_phone_is_passed_over() -> None:
    people = roster(
        replace(person("alice"), quiet=Quiet(policy().ladders[0].window)),
        person("bob", slack="s"),
        person("carol"),
        noc=("alice", "bob", "carol"),
    )
    mild = replace(opened(ONE), severity="info")
    decision = machine.open(1, mild, AT, people)
    assert [one.person for one in notifies(decision)] == ["carol"]
    assert turns_of(decision) == {"noc": "carol"}


def test_nobody_who_can_be_told_brings_the_next_step() -> None:
    people = roster(person("alice", slack="s"), person("bob"), noc=("alice",))
    story = Story(policy(ladder(step("phone", "roundrobin:noc"), step("phone", "bob", after=5))), people=people)
    assert story.notified == [(0, "phone", "phone-bob")]


def test_a_team_that_is_not_there_has_no_turn() -> None:
    story = Story(policy(ladder(step("phone", "roundrobin:void", otherwise=action("phone", "bob")))), people=TEAM)
    assert story.notified == [(0, "phone", "phone-bob")]


@given(st.lists(st.booleans(), max_size=40))
def test_turns_are_fair_over_alerts_and_a_mail_that_is_read_in_time_costs_none(reads: list[bool]) -> None:
    """Of alerts whose step fires, no member has two more than another."""
    people, count = TEAM, dict.fromkeys(TEAM.teams["noc"], 0)
    for number, is_read in enumerate(reads):
        later = policy(ladder(step("phone", "roundrobin:noc", after=0 if not is_read else 5)))
        decision = machine.open(number, Opened(mail=opened(later).mail, policy=later, recipients=()), AT, people)
        people = people.turned(turns_of(decision))
        for one in notifies(decision):
            count[one.person or ""] += 1
    assert max(count.values()) - min(count.values()) <= 1
