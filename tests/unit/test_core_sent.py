"""Mail that the team sends: the mail itself, reminders within their bounds, and those whom mail can't reach."""

from datetime import timedelta

import pytest

from escalation import machine
from escalation.alert import AlertStatus
from escalation.command import Notify, Purpose, Withdraw
from escalation.decided import RungFired, Skipped, SkipReason, TakenForward
from escalation.event import (
    Acknowledged,
    Cancelled,
    DeliveryReported,
    Opened,
    Outcome,
    ReceiptReported,
    TimerFired,
)
from escalation.machine import Decision
from escalation.policy import EscalationPolicy
from escalation.receipt import ALL, ReceiptKind, Recipient
from escalation.roster import Person
from tests.fakes.policies import AT, after, ladder, mail, person, policy, roster, step

ROSTER = roster(person("alice"), person("bob"), person("carol", mail="carol@example.com"))
ALICE = Recipient("alice", address="alice@example.com")
GUEST = Recipient("guest@partner.example", address="guest@partner.example")
REMIND = policy(
    ladder(
        step("mail", "unread", after=10, retry=5, every=10),
        step("slack", "unread", after=60),
        step("phone", "unread", after=10),
    ),
    read_by=ALL,
    remind_every=timedelta(minutes=20),
    remind_most=2,
)


def sent(*recipients: Recipient, of: EscalationPolicy = REMIND, by: str = "bob", **more: object) -> Decision:
    opened = Opened(mail(), of, recipients, sent_by=by, **more)  # type: ignore[arg-type]
    return machine.open(7, opened, AT, ROSTER)


def told(decision: Decision) -> list[tuple[str, str, Purpose]]:
    return [(one.channel, one.address, one.purpose) for one in decision.commands if isinstance(one, Notify)]


def failed(id: str, kind: ReceiptKind = ReceiptKind.FAILED) -> ReceiptReported:
    return ReceiptReported(id, kind, after(1), "dsn", detail="550 5.1.1 no such user")


def climbed(decision: Decision, *marks: float) -> list[Decision]:
    decisions = [decision]
    for mark in marks:
        decisions.append(machine.decide(decisions[-1].alert, TimerFired(), after(mark), ROSTER))
    return decisions[1:]


def test_each_recipient_is_sent_a_mail_of_their_own() -> None:
    decision = sent(ALICE, GUEST)
    assert told(decision) == [
        ("mail", "alice@example.com", Purpose.MAIL),
        ("mail", "guest@partner.example", Purpose.MAIL),
    ]
    assert [one.key for one in decision.commands if isinstance(one, Notify)] == ["7.m0", "7.m1"]
    assert [one.person for one in decision.commands if isinstance(one, Notify)] == ["alice", None]


def test_a_mail_that_is_held_leaves_and_climbs_at_its_instant() -> None:
    decision = sent(ALICE, starts_at=after(60))
    assert [one.due_at for one in decision.commands if isinstance(one, Notify)] == [after(60)]
    assert decision.alert.due_at == after(70)


def test_the_unread_are_reminded_within_the_policys_bounds() -> None:
    first, second, third, fourth, fifth = climbed(sent(ALICE, GUEST), 10, 20, 30, 40, 50)
    assert told(first) == [
        ("mail", "alice@example.com", Purpose.STEP),
        ("mail", "guest@partner.example", Purpose.STEP),
    ]
    assert (told(second), [one.reason for one in _skipped(second)]) == ([], [SkipReason.TOO_SOON] * 2)
    assert len(told(third)) == 2
    assert (told(fourth), told(fifth)) == ([], [])
    assert [one.reason for one in _skipped(fifth)] == [SkipReason.REMINDED_ENOUGH] * 2


def _skipped(decision: Decision) -> list[Skipped]:
    return [one for event in decision.events if isinstance(event, RungFired) for one in event.skipped]


def test_whoever_has_read_is_left_alone() -> None:
    decision = sent(ALICE, GUEST)
    read = ReceiptReported("alice", ReceiptKind.CONFIRMED, after(2), "web")
    alert = machine.decide(decision.alert, read, after(2), ROSTER).alert
    reminded = machine.decide(alert, TimerFired(), after(10), ROSTER)
    assert told(reminded) == [("mail", "guest@partner.example", Purpose.STEP)]


def test_everybody_having_read_ends_it() -> None:
    alert = sent(ALICE).alert
    read = ReceiptReported("alice", ReceiptKind.DISPLAYED, after(2), "mdn")
    decision = machine.decide(alert, read, after(2), ROSTER)
    assert decision.alert.status is AlertStatus.ACKNOWLEDGED
    assert Withdraw() in decision.commands


@pytest.mark.parametrize("kind", [ReceiptKind.FAILED, ReceiptKind.JUNKED])
def test_whom_mail_cant_reach_is_told_at_once_otherwise_and_the_sender_too(kind: ReceiptKind) -> None:
    before = sent(ALICE, GUEST).alert
    decision = machine.decide(before, failed("alice", kind), after(1), ROSTER)
    assert told(decision) == [("slack", "slack-alice", Purpose.STEP), ("slack", "slack-bob", Purpose.SENDER)]
    assert isinstance(decision.events[-1], TakenForward)
    assert decision.alert.due_at == before.due_at
    again = machine.decide(decision.alert, failed("alice", kind), after(3), ROSTER)
    assert told(again) == []


def test_somebody_outside_who_cant_be_reached_costs_the_others_no_time_and_the_sender_knows() -> None:
    before = sent(ALICE, GUEST).alert
    decision = machine.decide(before, failed(GUEST.id), after(1), ROSTER)
    assert told(decision) == [("slack", "slack-bob", Purpose.SENDER)]
    assert (decision.alert.due_at, decision.alert.rung) == (before.due_at, before.rung)


def test_a_mail_that_reaches_nobody_any_more_reminds_nobody_and_ends_in_the_last_resort() -> None:
    other = Recipient("other@partner.example", address="other@partner.example")
    alert = machine.decide(sent(GUEST, other).alert, failed(GUEST.id), after(1), ROSTER).alert
    decision = machine.decide(alert, failed(other.id), after(2), ROSTER)
    assert told(decision) == [("slack", "slack-bob", Purpose.SENDER)]
    assert decision.alert.due_at is not None
    end = machine.decide(decision.alert, TimerFired(), decision.alert.due_at, ROSTER)
    assert end.alert.status is AlertStatus.EXHAUSTED
    alert = machine.decide(sent(ALICE, GUEST).alert, ReceiptReported("alice", ReceiptKind.SEEN, AT), AT, ROSTER).alert
    lost = machine.decide(alert, failed(GUEST.id), after(1), ROSTER)
    assert [one for one in told(lost) if one[0] == "mail"] == []


def test_where_the_sender_cant_be_told_either_the_next_step_comes_forward() -> None:
    alert = sent(ALICE, GUEST, by="nobody").alert
    nobody = roster(person("alice"), Person("nobody", "Nobody"))
    decision = machine.decide(alert, failed(GUEST.id), after(1), nobody)
    assert ("mail", "alice@example.com", Purpose.STEP) in told(decision)


def test_a_sender_who_is_nobody_in_the_settings_hears_by_mail() -> None:
    alert = sent(ALICE, by="desk@example.com").alert
    decision = machine.decide(alert, failed("alice"), after(1), ROSTER)
    assert told(decision)[-1] == ("mail", "desk@example.com", Purpose.SENDER)


def test_whoever_has_read_is_not_told_because_of_a_late_failure() -> None:
    alert = sent(ALICE, GUEST).alert
    alert = machine.decide(alert, ReceiptReported("alice", ReceiptKind.SEEN, after(1)), after(1), ROSTER).alert
    assert told(machine.decide(alert, failed("alice"), after(2), ROSTER)) == []


def test_only_a_recall_takes_back_the_mail_itself() -> None:
    alert = sent(ALICE).alert
    assert Withdraw(is_recall=True) in machine.decide(alert, Cancelled("bob"), after(1), ROSTER).commands
    assert Withdraw() in machine.decide(alert, Acknowledged("alice"), after(1), ROSTER).commands


def test_nobody_outside_is_looked_for_in_chat() -> None:
    steps = policy(ladder(step("slack", "unread"), step("phone", "alice", after=5)), read_by=ALL)
    decision = sent(GUEST, of=steps)
    fired = [event for event in decision.events if isinstance(event, RungFired)]
    assert [one.reason for one in fired[0].skipped] == [SkipReason.OUTSIDE]
    assert ("phone", "phone-alice", Purpose.STEP) in told(decision)


def arrived(kind: ReceiptKind, mark: float, id: str = "alice") -> ReceiptReported:
    return ReceiptReported(id, kind, after(mark), "dsn")


def test_no_reminder_goes_to_an_address_that_failed_and_every_other_channel_goes_on() -> None:
    alert = machine.decide(sent(ALICE, GUEST).alert, failed("alice"), after(1), ROSTER).alert
    first, *_, chat, phone = climbed(Decision(alert, (), ()), 10, 60, 70)
    assert told(first) == [("mail", GUEST.id, Purpose.STEP)]
    assert _skipped(first) == [Skipped("unread", SkipReason.MAIL_FAILED, "alice")]
    assert ("slack", "slack-alice", Purpose.STEP) in told(chat)
    assert ("phone", "phone-alice", Purpose.STEP) in told(phone)


def test_where_only_a_failed_address_is_left_the_next_step_comes_forward() -> None:
    alert = machine.decide(sent(ALICE).alert, failed("alice"), after(1), ROSTER).alert
    (decision,) = climbed(Decision(alert, (), ()), 10)
    assert told(decision) == [("slack", "slack-alice", Purpose.STEP)]


def test_whoever_is_outside_is_named_as_not_reminded() -> None:
    alert = machine.decide(sent(ALICE, GUEST).alert, failed(GUEST.id), after(1), ROSTER).alert
    (decision,) = climbed(Decision(alert, (), ()), 10)
    assert _skipped(decision) == [Skipped("unread", SkipReason.MAIL_FAILED, GUEST.id)]


def test_a_failed_address_is_spared_where_a_step_names_its_person_too() -> None:
    dave = Recipient("dave", address="mail-dave")
    people = roster(person("dave", mail="mail-dave"), person("bob"))
    of = policy(ladder(step("mail", "dave", after=10), step("contacts", "dave", after=10)), read_by=ALL)
    alert = machine.open(7, Opened(mail(), of, (dave,), sent_by="bob"), AT, people).alert
    alert = machine.decide(alert, failed("dave"), after(1), people).alert
    assert [one for one in told(machine.decide(alert, TimerFired(), after(60), people)) if one[0] == "mail"] == []


@pytest.mark.parametrize(
    ("kind", "is_lifted"),
    [
        (ReceiptKind.DELIVERED, True),
        (ReceiptKind.OPENED, True),
        (ReceiptKind.ACCEPTED, False),
        (ReceiptKind.OPENED_BY_MACHINE, False),
        (ReceiptKind.DELETED_UNREAD, False),
    ],
)
def test_a_later_receipt_that_shows_that_mail_arrives_lifts_a_failure(kind: ReceiptKind, is_lifted: bool) -> None:
    before = sent(ALICE, GUEST).alert
    alert = machine.decide(before, failed("alice"), after(1), ROSTER).alert
    alert = machine.decide(alert, arrived(kind, 2), after(2), ROSTER).alert
    (decision,) = climbed(Decision(alert, (), ()), 10)
    assert (("mail", "alice@example.com", Purpose.STEP) in told(decision)) is is_lifted


@pytest.mark.parametrize("mark", [0.5, 1])
def test_a_receipt_that_is_no_later_does_not_lift_a_failure(mark: float) -> None:
    alert = machine.decide(sent(ALICE, GUEST).alert, arrived(ReceiptKind.DELIVERED, mark), after(1), ROSTER).alert
    alert = machine.decide(alert, failed("alice"), after(1), ROSTER).alert
    assert alert.mail_fails("alice@example.com")
    alert = machine.decide(alert, arrived(ReceiptKind.DELIVERED, 3), after(3), ROSTER).alert
    assert not alert.mail_fails("alice@example.com"), "the first delivery stays the one that is shown"


def test_a_refused_reminder_is_a_failure_of_its_recipient_and_takes_them_forward() -> None:
    (reminded,) = climbed(sent(ALICE, GUEST), 10)
    key = next(one.key for one in reminded.commands if isinstance(one, Notify) and one.person == "alice")
    refused = DeliveryReported(key, Outcome.REJECTED, "550 5.1.1 no such user", address="alice@example.com")
    decision = machine.decide(reminded.alert, refused, after(11), ROSTER)
    assert told(decision) == [("slack", "slack-alice", Purpose.STEP), ("slack", "slack-bob", Purpose.SENDER)]
    assert decision.alert.mail_fails("alice@example.com")


def test_a_refused_reminder_of_the_last_of_those_told_brings_the_next_step_forward() -> None:
    (reminded,) = climbed(sent(ALICE), 10)
    key = next(one.key for one in reminded.commands if isinstance(one, Notify))
    refused = DeliveryReported(key, Outcome.REJECTED, "550 5.1.1 no such user", address="alice@example.com")
    decision = machine.decide(reminded.alert, refused, after(11), ROSTER)
    assert told(decision) == [("slack", "slack-alice", Purpose.STEP)]
    assert decision.alert.mail_fails("alice@example.com")
