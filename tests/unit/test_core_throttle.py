"""The rules at the top of throttle.py, one by one; what happens to what is held back."""

from dataclasses import replace

import pytest

from escalation.alert import AlertStatus
from escalation.condition import Condition
from escalation.event import CallBackAsked, DeliveryReported, EscalatedNow, Outcome
from escalation.policy import Step
from escalation.throttle import may_be_held_back
from tests.fakes import strategies as some
from tests.fakes.policies import Story, action, after, alarms, ladder, policy, roster, step, told

HELD = DeliveryReported("1.0", Outcome.HELD_BACK)
ELSE = action("slack", "#ops")


def story_of(*steps: Step) -> Story:
    return Story(policy(ladder(*steps)), people=roster(noc=("alice", "bob")))


def test_a_call_with_a_later_step_brings_that_forward_without_an_alarm() -> None:
    story = story_of(step("phone", "alice", retry=2), step("slack", "#ops", after=20))
    assert may_be_held_back(story.alert, "1.0")
    decision = story.tell(HELD, 0)
    assert (told(decision), alarms(decision)) == (["C-OPS"], [])


def test_a_call_with_an_else_goes_to_it_without_an_alarm() -> None:
    story = story_of(step("phone", "alice", otherwise=ELSE))
    assert may_be_held_back(story.alert, "1.0")
    decision = story.tell(HELD, 0)
    assert (told(decision), alarms(decision)) == (["C-OPS"], [])


@pytest.mark.parametrize(
    "steps",
    [
        (step("phone", "alice", retry=2),),
        (step("slack", "#ops"), step("phone", "alice")),
        (step("phone", "alice"), replace(step("phone", "bob", after=5), condition=Condition(only=some.EARLY))),
        (step("phone", "team:noc", otherwise=ELSE), step("slack", "#ops", after=5)),
    ],
    ids=["only step", "last step", "the next may not come", "another is called"],
)
def test_what_nothing_stands_for_rings(steps: tuple[Step, ...]) -> None:
    story = story_of(*steps)
    assert not any(may_be_held_back(story.alert, one.key) for one in story.alert.current)


def test_the_call_of_an_else_needs_a_later_step() -> None:
    both = step("phone", "alice", otherwise=action("phone", "bob"))
    for steps, may in (((both,), False), ((both, step("slack", "#ops", after=5)), True)):
        story = story_of(*steps)
        story.tell(HELD, 0)
        assert may_be_held_back(story.alert, "1.1") is may


def test_an_older_call_one_asked_for_and_one_of_the_last_resort_ring() -> None:
    story = story_of(step("phone", "alice"), step("slack", "#ops", after=5), step("discord", "#ops", after=5))
    story.tell(CallBackAsked("alice", "phone", "phone-alice", after(6)), 1)
    assert not may_be_held_back(story.alert, "1.1")
    story.tell(EscalatedNow("bob", to="alice"), 2)
    assert not may_be_held_back(story.alert, "1.2")
    story.run_until(5)
    assert not may_be_held_back(story.alert, "1.0")
    story.run_until(30)
    assert story.alert.status is AlertStatus.EXHAUSTED
    assert [may_be_held_back(story.alert, one.key) for one in story.alert.current] == [False]


def test_an_exercise_rings() -> None:
    story = story_of(step("phone", "alice", otherwise=ELSE))
    assert not may_be_held_back(story.alert._replace(is_exercise=True), "1.0")
    assert not may_be_held_back(story.alert._replace(newest=None), "1.0")


def test_a_call_that_was_held_back_is_one_that_a_retry_makes() -> None:
    redialled = replace(step("phone", "alice", retry=1, every=3, otherwise=ELSE), retry_on=frozenset({Outcome.BUSY}))
    story = story_of(redialled)
    story.tell(HELD, 0)
    story.run_until(3)
    assert [(at, one) for at, _, one in story.notified] == [(0, "phone-alice"), (0, "C-OPS"), (3, "phone-alice")]
