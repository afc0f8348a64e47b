"""Whoever is on leave has somebody told in their place, if anybody is named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from escalation.decided import Skipped, SkipReason
from escalation.reason import of_notification
from escalation.roster import Roster
from escalation.schedule import Leave, taking_turns
from tests.fakes.policies import AT, Story, fired, ladder, notifies, person, policy, roster, step

HOUR = timedelta(hours=1)
PEOPLE = roster(noc=("alice", "bob"))


def away(*leaves: tuple[str, str], **usual: str) -> Roster:
    """These people on leave for an hour, each with whom that leave names; and whom the settings name."""
    people = {id: replace(one, delegate=usual.get(id, "")) for id, one in PEOPLE.people.items()}
    named = [Leave(id, AT, AT + HOUR, delegate=delegate, id=number) for number, (id, delegate) in enumerate(leaves)]
    return replace(PEOPLE, people=people).changed((), named)


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (away(("alice", "bob")), "bob"),
        (away(("alice", ""), alice="carol"), "carol"),
        (away(("alice", "bob"), alice="carol"), "bob"),
        (away(("alice", ""), ("alice", "bob")), "bob"),
        (away(("alice", "")), "alice"),
        (away(alice="bob"), "alice"),
        (away(("alice", "nobody")), "alice"),
        (away(("alice", "bob"), ("bob", "carol")), "carol"),
        (away(("alice", "bob"), ("bob", "")), "bob"),
        (away(("alice", "bob"), ("bob", "alice")), "alice"),
        (away(("alice", "bob"), ("bob", "carol"), ("carol", "bob")), "alice"),
    ],
)
def test_who_is_told_in_alices_place(people: Roster, told: str) -> None:
    assert people.stand_in("alice", AT) == told
    assert people.stand_in("alice", AT + HOUR) == "alice"


def test_a_person_who_is_away_and_their_mailbox_go_to_the_delegate() -> None:
    rules = policy(ladder(step("phone", "alice"), step("slack", "unread", after=5)))
    story = Story(rules, people=away(("alice", "bob")))
    story.run_until(5)
    assert story.notified == [(0, "phone", "phone-bob"), (5, "slack", "slack-bob")]
    (one,) = fired(story.decisions)[0].notified
    assert (one.person, one.stands_in_for, one.target) == ("bob", "alice", "alice")
    said = of_notification(notifies(story.decisions[0])[0], story.decisions[0])
    assert said.endswith("bob stands in for alice, who is on leave")


def test_a_team_is_told_each_once() -> None:
    story = Story(policy(ladder(step("phone", "team:noc"))), people=away(("alice", "bob")))
    assert story.notified == [(0, "phone", "phone-bob")]


def test_a_delegate_who_is_not_there_is_said_to_stand_in() -> None:
    lame = away(("alice", "dave"))
    people = replace(lame, people={**lame.people, "dave": person("dave", slack="s")})
    story = Story(policy(ladder(step("phone", "alice"), step("phone", "carol", after=5))), people=people)
    assert fired(story.decisions)[0].skipped == (Skipped("alice", SkipReason.NO_CONTACT, "dave", "alice"),)
    assert story.notified == [(0, "phone", "phone-carol")]


def test_a_schedule_steps_in_by_itself() -> None:
    turns = taking_turns("noc", ("alice", "carol"), "UTC", AT.date() - timedelta(days=1), days=7)
    people = replace(PEOPLE, schedules={"noc": turns}).changed((), [Leave("alice", AT, AT + HOUR, delegate="bob")])
    assert people.on_call("noc", AT) == ("carol",)
    story = Story(policy(ladder(step("phone", "oncall:noc"))), people=people)
    assert story.notified == [(0, "phone", "phone-carol")]
