"""Mail that a second person must approve: nothing leaves before, and silence is told."""

from datetime import timedelta

import pytest

from escalation import machine
from escalation.alert import AlertStatus
from escalation.command import AlarmKind, Notify, Purpose, RaiseAlarm, Withdraw
from escalation.decided import RungFired
from escalation.event import Acknowledged, Approved, Cancelled, DeliveryReported, Opened, Outcome, TimerFired
from escalation.fold import fold
from escalation.machine import Decision
from escalation.policy import Step
from escalation.receipt import ALL, Recipient
from tests.fakes.policies import AT, after, ladder, mail, person, policy, roster, step

ROSTER = roster(person("alice"), person("bob"), person("carol", mail="carol@example.com"))
GUEST = Recipient("guest@partner.example", address="guest@partner.example")
REMIND = policy(ladder(step("mail", "unread", after=10)), read_by=ALL)


def held(by: str = "bob", approvers: tuple[str, ...] = ("alice", "carol"), **more: object) -> Decision:
    asked = {"approvers": approvers, "approve_within": timedelta(hours=1)} | more
    opened = Opened(mail(), asked.pop("policy", REMIND), (GUEST,), sent_by=by, **asked)  # type: ignore[arg-type]
    return machine.open(7, opened, AT, ROSTER)


def told(decision: Decision) -> list[tuple[str, str, Purpose]]:
    return [(one.channel, one.address, one.purpose) for one in decision.commands if isinstance(one, Notify)]


def alarms(decision: Decision) -> list[AlarmKind]:
    return [one.kind for one in decision.commands if isinstance(one, RaiseAlarm)]


def test_nothing_leaves_before_and_those_who_may_approve_and_the_sender_are_told() -> None:
    decision = held()
    assert decision.alert.status is AlertStatus.HELD
    assert decision.alert.due_at == after(60)
    assert told(decision) == [
        ("slack", "slack-alice", Purpose.APPROVAL),
        ("mail", "carol@example.com", Purpose.APPROVAL),
        ("slack", "slack-bob", Purpose.SENDER),
    ]
    keys = [one.key for one in decision.commands if isinstance(one, Notify)]
    assert keys == ["7.0", "7.1", "7.2"]


def test_they_are_asked_where_there_are_buttons_and_never_called() -> None:
    many = person("alice", phone="+1", mail="a@example.com", console="a", discord="D-A")
    few = person("carol", phone="+1", console="c", mail="c@example.com")
    opened = Opened(mail(), REMIND, (GUEST,), sent_by="bob", approvers=("alice", "carol"), approve_within=after(1) - AT)
    decision = machine.open(7, opened, AT, roster(many, few, person("bob", phone="+2")))
    assert told(decision) == [("discord", "D-A", Purpose.APPROVAL), ("mail", "c@example.com", Purpose.APPROVAL)]


def test_approved_it_leaves_and_its_climb_begins_then() -> None:
    decision = machine.decide(held().alert, Approved("alice", "slack"), after(30), ROSTER)
    assert decision.alert.status is AlertStatus.TRIGGERED
    assert told(decision) == [("mail", GUEST.address, Purpose.MAIL)]
    assert Withdraw() in decision.commands
    assert decision.alert.due_at == after(40)
    reminded = machine.decide(decision.alert, TimerFired(), after(40), ROSTER)
    assert told(reminded) == [("mail", GUEST.address, Purpose.STEP)]


@pytest.mark.parametrize("by", ["bob", "dave"])
def test_neither_its_sender_nor_a_stranger_approves_it(by: str) -> None:
    for approvers in (("alice",), ("alice", "bob")):
        decision = machine.decide(held(approvers=approvers).alert, Approved(by), after(1), ROSTER)
        assert (decision.events, decision.commands) == ((), ())


def test_a_mail_for_later_leaves_when_it_was_to_or_when_it_is_approved() -> None:
    early = machine.decide(held(starts_at=after(50)).alert, Approved("alice"), after(30), ROSTER)
    late = machine.decide(held(starts_at=after(50)).alert, Approved("alice"), after(55), ROSTER)
    assert [one.due_at for one in early.commands if isinstance(one, Notify)] == [after(50)]
    assert [one.due_at for one in late.commands if isinstance(one, Notify)] == [after(55)]
    assert (early.alert.due_at, late.alert.due_at) == (after(60), after(65))


def test_a_step_before_the_deadline_has_its_place_from_the_approval_on() -> None:
    before = Step(step("mail", "unread").action, before=timedelta(minutes=20))
    decision = held(policy=policy(ladder(before, step("slack", "unread", after=90))), deadline=after(100))
    alert = machine.decide(decision.alert, Approved("alice"), after(30), ROSTER).alert
    assert alert.due_at == after(80)
    first = machine.decide(alert, TimerFired(), after(80), ROSTER)
    assert [event.due_at for event in first.events if isinstance(event, RungFired)] == [after(80)]


def test_those_who_may_are_asked_once_more_and_then_it_is_cancelled_loudly() -> None:
    early = machine.decide(held().alert, TimerFired(), after(59), ROSTER)
    assert (early.events, early.commands) == ((), ())
    again = machine.decide(held().alert, TimerFired(), after(60), ROSTER)
    assert [purpose for _, _, purpose in told(again)] == [Purpose.APPROVAL, Purpose.APPROVAL]
    assert (again.alert.status, again.alert.due_at) == (AlertStatus.HELD, after(120))
    last = machine.decide(again.alert, TimerFired(), after(120), ROSTER)
    assert (last.alert.status, last.alert.due_at) == (AlertStatus.CANCELLED, None)
    assert told(last) == [("slack", "slack-bob", Purpose.SENDER)]
    assert alarms(last) == [AlarmKind.NOT_APPROVED]
    assert Withdraw(is_recall=True) in last.commands
    late = machine.decide(last.alert, Approved("alice"), after(121), ROSTER)
    assert late.events == ()


def test_nobody_who_could_be_asked_is_an_alarm_at_once() -> None:
    assert alarms(held(approvers=())) == [AlarmKind.NOBODY_REACHED]
    assert alarms(held(approvers=("nobody",))) == [AlarmKind.NO_CONTACT, AlarmKind.NOBODY_REACHED]
    rejected = DeliveryReported("7.0", Outcome.REJECTED, "gone")
    first = machine.decide(held().alert, rejected, after(1), ROSTER)
    assert alarms(first) == []
    last = machine.decide(first.alert, DeliveryReported("7.1", Outcome.REJECTED, "gone"), after(1), ROSTER)
    assert alarms(last) == [AlarmKind.NOBODY_REACHED]


def test_it_can_be_recalled_and_not_taken() -> None:
    decision = machine.decide(held().alert, Cancelled("bob"), after(1), ROSTER)
    assert decision.alert.status is AlertStatus.CANCELLED
    taken = machine.decide(held().alert, Acknowledged("alice"), after(1), ROSTER)
    assert (taken.events, taken.commands) == ((), ())


def test_the_events_fold_to_the_alert() -> None:
    decisions = [held()]
    for at, event in ((60, TimerFired()), (70, Approved("carol")), (80, TimerFired())):
        decisions.append(machine.decide(decisions[-1].alert, event, after(at), ROSTER))
    marks = (0, 60, 70, 80)
    events = [(event, after(mark)) for mark, one in zip(marks, decisions, strict=True) for event in one.events]
    assert fold(7, events) == decisions[-1].alert
    keys = [one.key for decision in decisions for one in decision.commands if isinstance(one, Notify)]
    assert sorted(keys) == sorted(["7.m0", *(f"7.{n}" for n in range(decisions[-1].alert.keys))])
