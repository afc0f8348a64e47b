"""The rules at the top of redial.py, one by one."""

import json
from dataclasses import replace

import pytest

from bot.store import codec
from escalation.alert import AlertStatus
from escalation.decided import LadderChanged, Skipped, SkipReason
from escalation.event import UNREACHED, DeliveryReported, EscalatedNow, Outcome, Snoozed
from escalation.policy import EscalationPolicy, Step
from escalation.receipt import Recipient
from escalation.redial import Called, not_again, who_of
from tests.fakes import strategies as some
from tests.fakes.policies import Story, action, after, alarms, fired, ladder, notifies, policy, roster, step, told

OVER = sorted(set(Outcome) - UNREACHED - {Outcome.SENT})
BUSY = frozenset({Outcome.BUSY})


def calls(*targets: str, on: frozenset[Outcome] | None = BUSY, **others: float) -> Step:
    """A step that calls at once, and twice more, three minutes between."""
    return replace(step("phone", *targets, retry=2, every=3, **others), retry_on=on)  # type: ignore[arg-type]


def story_of(*steps: Step, **people: tuple[str, ...]) -> Story:
    return Story(policy(ladder(*steps)), people=roster(noc=("alice", "bob")) if not people else roster(**people))


def rung(story: Story, until: float) -> list[tuple[float, str]]:
    story.run_until(until)
    return [(at, address) for at, _, address in story.notified]


# Rule 1 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", OVER)
def test_without_it_a_retry_rings_whatever_became_of_the_call(outcome: Outcome) -> None:
    story = story_of(calls("alice", on=None))
    story.tell(DeliveryReported("1.0", outcome), 1)
    assert rung(story, 6) == [(0, "phone-alice"), (3, "phone-alice"), (6, "phone-alice")]
    assert story.alert.called == ()


# Rule 2 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", OVER)
def test_it_rings_again_after_what_the_policy_names(outcome: Outcome) -> None:
    story = story_of(calls("alice", on=frozenset({outcome})))
    story.tell(DeliveryReported("1.0", outcome), 1)
    assert rung(story, 3) == [(0, "phone-alice"), (3, "phone-alice")]


@pytest.mark.parametrize("outcome", OVER)
def test_it_does_not_after_anything_else_and_the_next_step_keeps_its_time(outcome: Outcome) -> None:
    story = story_of(calls("alice", on=frozenset(OVER) - {outcome}), step("phone", "bob", after=10))
    story.tell(DeliveryReported("1.0", outcome), 1)
    assert rung(story, 10) == [(0, "phone-alice"), (10, "phone-bob")]
    assert [alarms(one) for one in story.decisions] == [[]] * len(story.decisions)
    assert fired(story.decisions)[1].skipped == (Skipped("alice", SkipReason.NO_REDIAL, "alice"),)


def test_the_loop_ends_when_it_would_have() -> None:
    story = story_of(calls("alice"))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    story.run_until(10)
    assert (story.alert.status, story.alert.due_at) == (AlertStatus.TRIGGERED, after(11))
    story.run_until(11)
    assert story.alert.status is AlertStatus.EXHAUSTED


@pytest.mark.parametrize("outcome", [None, Outcome.SENT, Outcome.STALLED])
def test_a_call_of_whose_end_nobody_heard_is_made_again(outcome: Outcome | None) -> None:
    story = story_of(calls("alice", "bob"))
    if outcome is not None:
        story.tell(DeliveryReported("1.0", outcome), 1)
    assert (3, "phone-alice") in rung(story, 3)


def test_each_of_a_team_has_their_own_outcome() -> None:
    story = story_of(calls("team:noc"))
    story.tell(DeliveryReported("1.0", Outcome.BUSY), 1)
    story.tell(DeliveryReported("1.1", Outcome.HUNG_UP), 1)
    assert rung(story, 3)[2:] == [(3, "phone-alice")]
    story.tell(DeliveryReported("1.2", Outcome.NO_ANSWER), 4)
    assert rung(story, 6)[3:] == []


def test_a_call_that_failed_is_made_again_where_the_policy_says_so_beside_the_else() -> None:
    failed = frozenset({Outcome.REJECTED})
    for on, again in ((failed, [(3, "phone-alice")]), (BUSY, [])):
        story = story_of(calls("alice", on=on, otherwise=action("slack", "#ops")))  # type: ignore[arg-type]
        story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)
        assert rung(story, 3) == [(0, "phone-alice"), (1, "C-OPS"), *again]


def test_whoever_was_not_called_before_is_called_now() -> None:
    story = story_of(calls("team:noc"))
    story.people = roster(noc=("carol",))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    assert rung(story, 3)[2:] == [(3, "phone-carol")]


def test_a_report_that_comes_twice_or_after_another_call_changes_nothing() -> None:
    story = story_of(calls("alice"))
    story.tell(DeliveryReported("1.0", Outcome.BUSY), 1)
    known = story.alert.called
    assert story.tell(DeliveryReported("1.0", Outcome.BUSY), 2).alert.called == known
    story.tick(3)
    before = story.alert.called
    assert story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 4).alert.called == before
    assert (6, "phone-alice") in rung(story, 6)


def test_what_is_said_after_the_end_does_not_take_it_back() -> None:
    story = story_of(calls("alice"))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    story.tell(DeliveryReported("1.0", Outcome.SENT), 2)
    assert rung(story, 3) == [(0, "phone-alice")]


def test_each_step_asks_of_its_own_calls() -> None:
    story = story_of(calls("alice"), calls("alice", after=1))
    story.tick(1)
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 2)
    story.tell(DeliveryReported("1.1", Outcome.BUSY), 2)
    assert rung(story, 4) == [(0, "phone-alice"), (1, "phone-alice"), (4, "phone-alice")]


# Rule 3 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outcome", "next"), [(Outcome.BUSY, [(3, "phone-bob")]), (Outcome.HUNG_UP, [])])
def test_the_next_member_is_called_only_if_the_call_to_the_one_before_asks_for_it(
    outcome: Outcome, next: list[tuple[float, str]]
) -> None:
    story = story_of(calls("roundrobin:noc"))
    story.tell(DeliveryReported("1.0", outcome), 1)
    story.people = story.people.turned({"noc": "alice"})
    assert rung(story, 3)[1:] == next


@pytest.mark.parametrize(
    ("target", "person", "who"),
    [("alice", "alice", "alice"), ("team:noc", "bob", "bob"), ("roundrobin:noc", "bob", "roundrobin:noc"),
     ("#ops", None, "#ops")],
)  # fmt: skip
def test_who_it_is(target: str, person: str | None, who: str) -> None:
    assert who_of(target, person) == who


# Rule 4 --------------------------------------------------------------------------------------------------------------


def test_a_snooze_that_called_it_off_forgets_what_became_of_it() -> None:
    story = story_of(calls("alice"))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    story.tell(Snoozed("bob", after(30)), 2)
    assert story.alert.called == ()
    assert rung(story, 30) == [(0, "phone-alice"), (30, "phone-alice")]


def test_another_loop_begins_anew() -> None:
    story = Story(policy(ladder(calls("alice"), repeat=1)))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    assert rung(story, 14) == [(0, "phone-alice"), (11, "phone-alice"), (14, "phone-alice")]


def test_a_step_that_is_asked_for_rings_and_begins_anew() -> None:
    story = story_of(calls("alice"), step("phone", "bob", after=30))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    assert told(story.tell(EscalatedNow("bob", step=0), 2)) == ["phone-alice"]
    assert [one.key for one in story.alert.called] == ["1.1"]
    assert rung(story, 5)[2:] == [(5, "phone-alice")]


def test_a_ladder_that_is_left_and_comes_again_knows_its_calls() -> None:
    steps = (calls("alice"), step("slack", "#ops", after=60))
    first = replace(ladder(*steps), window=some.EARLY)
    story = Story(policy(first, ladder(step("discord", "#ops"), calls("bob", after=1))))
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    story.run_until(40)
    assert any(isinstance(event, LadderChanged) for one in story.decisions for event in one.events)
    assert [one.address for made in story.decisions for one in notifies(made)].count("phone-alice") == 1
    assert {one.ladder for one in story.alert.called} == {0, 1}


def test_the_first_try_and_another_loop_know_nothing_of_those_before() -> None:
    story = Story(policy(ladder(calls("team:noc", after=1), repeat=1)), people=roster(noc=("alice", "bob")))
    story.tick(1)
    story.people = roster(noc=("carol",))
    assert told(story.tell(EscalatedNow("bob", step=0), 2)) == ["phone-carol"]
    assert [one.who for one in story.alert.called] == ["carol"]
    story.run_until(13)
    assert (story.alert.loop, story.alert.called) == (2, ())


# Rule 5 --------------------------------------------------------------------------------------------------------------


def test_those_told_before_may_still_turn_out_to_be_unreached() -> None:
    story = story_of(calls("team:noc", otherwise=action("slack", "#ops")))  # type: ignore[arg-type]
    story.tell(DeliveryReported("1.0", Outcome.HUNG_UP), 1)
    story.tell(DeliveryReported("1.1", Outcome.HUNG_UP), 1)
    story.tick(3)
    assert [one.key for one in story.alert.current] == ["1.0", "1.1"]
    story.tell(DeliveryReported("1.0", Outcome.REJECTED), 4)
    assert told(story.tell(DeliveryReported("1.1", Outcome.REJECTED), 4)) == ["C-OPS"]


def test_an_else_that_was_used_stays_used() -> None:
    story = story_of(calls("alice", otherwise=action("slack", "#ops")), step("discord", "#ops", after=20))  # type: ignore[arg-type]
    story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)
    story.tick(3)
    assert story.alert.is_else
    assert told(story.tell(DeliveryReported("1.1", Outcome.REJECTED), 4)) == ["D-OPS"]


def test_somebody_who_can_not_be_told_takes_it_to_no_else_where_another_is_let_be() -> None:
    story = story_of(calls("team:noc", otherwise=action("slack", "#ops")))  # type: ignore[arg-type]
    story.tell(DeliveryReported("1.1", Outcome.HUNG_UP), 1)
    people = dict(story.people.people)
    story.people = replace(story.people, people={**people, "alice": replace(people["alice"], contacts={})})
    decision = story.tick(3)
    assert (told(decision), decision.alert.due_at) == ([], after(6))
    assert not decision.alert.is_else


def test_nobody_is_called_again_who_has_read_since() -> None:
    unread = calls("unread")
    story = Story(policy(ladder(unread)), Recipient("alice"), Recipient("bob"))
    story.tell(DeliveryReported("1.0", Outcome.BUSY), 1)
    assert not_again(story.alert.called, (0, 0), unread) == frozenset()
    assert not_again((*story.alert.called, Called("9.9", 0, 0, "carol", Outcome.ENDED)), (0, 0), unread) == {"carol"}


# What is stored ------------------------------------------------------------------------------------------------------


def test_a_policy_that_was_stored_before_means_what_it_meant() -> None:
    made = policy(ladder(calls("alice", on=None)))
    data = json.loads(codec.encode_policy(made)[1])
    del data["ladders"][0]["steps"][0]["retry_on"]
    again: EscalationPolicy = codec.decode_policy(json.dumps(data).encode())
    assert again == made
