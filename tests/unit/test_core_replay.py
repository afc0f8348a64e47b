"""Past alerts under other policies: the same inputs, everything else decided anew."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation import machine
from escalation.alert import AlertStatus
from escalation.decided import Event
from escalation.event import Acknowledged, DeliveryReported, Input, Outcome, ReceiptReported, Resolved, TimerFired
from escalation.fold import fold
from escalation.policy import EscalationPolicy
from escalation.receipt import ReceiptKind
from escalation.replay import ChangeKind, Course, changes, lived, replayed
from escalation.roster import Roster
from escalation.turn import turns_of
from tests.fakes import strategies as some
from tests.fakes.policies import AT, Story, action, after, ladder, minutes, opened, policy, step

LATER = after(60 * 24 * 3)


def events_of(story: Story) -> list[tuple[Event, object]]:
    pairs = zip(story.instants, story.decisions, strict=True)
    return [(event, at) for at, made in pairs for event in made.events]


def both(story: Story, rules: EscalationPolicy, people: Roster | None = None) -> tuple[Course, Course]:
    events = events_of(story)
    return lived(events, story.alert.status), replayed(events, rules, people or story.people, LATER)  # type: ignore[arg-type]


def short(before: Course, now: Course) -> list[tuple[str, str]]:
    return [(one.kind.value, (one.after or one.before).address) for one in changes(before, now)]  # type: ignore[union-attr]


def test_the_same_policy_tells_the_same() -> None:
    story = Story(policy())
    story.run_until(60)
    before, now = both(story, policy())
    assert [kind for kind, _ in short(before, now)] == ["same"] * 4
    assert before == now


def test_an_acknowledgement_comes_at_its_instant_and_stops_what_would_have_come_later() -> None:
    story = Story(policy())
    story.run_until(5)
    story.tell(Acknowledged("bob"), 7)
    slow = policy(ladder(step("slack", "#ops"), step("discord", "#ops", after=10), step("phone", "alice", after=5)))
    before, now = both(story, slow)
    assert short(before, now) == [("same", "C-OPS"), ("gone", "D-OPS")]
    quick = policy(ladder(step("slack", "#ops"), step("phone", "alice", after=2)))
    assert short(*both(story, quick)) == [("same", "C-OPS"), ("new", "phone-alice"), ("gone", "D-OPS")]
    assert both(story, quick)[1].calls == 1


def test_the_same_notification_at_another_time_has_moved() -> None:
    story = Story(policy(ladder(step("slack", "#ops", after=5))))
    story.run_until(60)
    (moved, last) = changes(*both(story, policy(ladder(step("slack", "#ops", after=20)))))
    assert moved.kind is ChangeKind.MOVED
    assert moved.before is not None and moved.after is not None
    assert (moved.before.at, moved.after.at) == (after(5), after(20))
    assert last.after is not None and last.after.is_last


def test_what_was_rejected_then_is_rejected_again_as_long_after() -> None:
    story = Story(policy())
    story.tell(DeliveryReported("1.0", Outcome.REJECTED), 1)
    story.run_until(60)
    before, now = both(story, policy(ladder(step("slack", "#ops", after=3), step("phone", "alice", after=60))))
    assert [(one.channel, one.at) for one in now.told][:2] == [("slack", after(3)), ("phone", after(4))]
    assert before.told[1].at == after(1)


def test_a_receipt_and_a_resolution_by_a_person_are_inputs_and_one_by_time_is_not() -> None:
    story = Story(policy())
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(2), "imap"), 2)
    story.tick(2 + 60 * 24)
    assert story.alert.status is AlertStatus.RESOLVED
    before, now = both(story, policy())
    assert (before.status, now.status) == (AlertStatus.RESOLVED, AlertStatus.RESOLVED)
    never = replace(policy(), counts=frozenset({ReceiptKind.REPLIED}))
    assert both(story, never)[1].status is AlertStatus.EXHAUSTED
    by_hand = Story(policy())
    by_hand.tell(Resolved("bob"), 2)
    assert both(by_hand, policy())[1].status is AlertStatus.RESOLVED


def test_an_alert_that_is_open_still_is_run_until_now() -> None:
    story = Story(policy())
    story.run_until(6)
    events = events_of(story)
    now = replayed(events, policy(), story.people, after(6))  # type: ignore[arg-type]
    assert (len(now.told), now.status) == (2, AlertStatus.TRIGGERED)


def test_nobody_told_has_no_first() -> None:
    story = Story(policy(ladder(step("phone", "dave")), last_resort=()))
    assert both(story, policy(ladder(step("phone", "dave")), last_resort=()))[0].first_told is None
    assert both(story, policy(ladder(step("slack", "#ops", after=2)), last_resort=()))[1].first_told == minutes(2)
    assert action("slack", "#ops").channel == "slack"


def live(rules: EscalationPolicy, people: Roster, inputs: list[tuple[datetime, Input]]) -> list[tuple[Event, datetime]]:
    """Everything that happens to one alert, its timer punctual, these inputs between."""
    decision, now = machine.open(1, opened(rules), AT, people), AT
    events = [(event, now) for event in decision.events]
    for at, event in [*inputs, (LATER, None)]:
        while (due_at := decision.alert.wake_at) is not None and due_at <= at:
            people, now = people.turned(turns_of(decision)), max(now, due_at)
            decision = machine.decide(decision.alert, TimerFired(), now, people)
            events += [(one, now) for one in decision.events]
        if event is not None:
            people = people.turned(turns_of(decision))
            decision = machine.decide(decision.alert, event, at, people)
            events += [(one, at) for one in decision.events]
    return events


@given(some.policies(), some.rosters, st.lists(st.tuples(st.integers(1, 200), some.takes | some.requests), max_size=3))
@settings(max_examples=40, deadline=None)
def test_any_alert_through_its_own_policy_is_the_same(
    rules: EscalationPolicy, people: Roster, inputs: list[tuple[int, Input]]
) -> None:
    # Beside the full minutes, and beside those that another one begins: what comes at the instant of a timer may come
    # before it or after it.
    listed = enumerate(sorted(inputs, key=lambda one: one[0]))
    timed = [(after(at) - minutes(0.25 - number / 100), event) for number, (at, event) in listed]
    rules = replace(rules, ack_timeout=None)
    events = live(rules, people, timed)
    before = lived(events, fold(1, events).status)
    now = replayed(events, rules, people, LATER)
    assert before.told == now.told
    assert before.status is now.status
