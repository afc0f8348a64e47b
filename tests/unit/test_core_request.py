"""What a person asks for beyond the ladder: one step, one person, the unread; and a note."""

from dataclasses import replace

import pytest

from escalation.alert import AlertStatus
from escalation.calendar import ALWAYS
from escalation.command import Notify, Purpose, Refresh
from escalation.contact import Quiet
from escalation.decided import Skipped, SkipReason, ToldBeside
from escalation.event import (
    Acknowledged,
    Cancelled,
    EscalatedNow,
    Input,
    Noted,
    Opened,
    Outcome,
    ReceiptReported,
    RemindedNow,
    Resolved,
    SenderCalled,
    Snoozed,
)
from escalation.policy import MAIL, EscalationPolicy
from escalation.receipt import ALL, ReceiptKind, Recipient
from escalation.roster import Person
from escalation.schedule import Leave
from tests.fakes.policies import (
    AT,
    Story,
    after,
    alarms,
    ladder,
    minutes,
    notifies,
    opened,
    person,
    policy,
    roster,
    step,
    told,
)

STEPS = ladder(
    step("slack", "#ops"), step("discord", "#ops", after=5), step("phone", "alice", after=5, retry=1), wait=7
)


class Ordinary(Story):
    """Of a mail that breaks nobody's quiet hours."""

    def opened(self, rules: EscalationPolicy, *recipients: Recipient) -> Opened:
        return replace(opened(rules, *recipients), severity="error")


def told_beside(story: Story) -> ToldBeside:
    return next(event for event in story.decisions[-1].events if isinstance(event, ToldBeside))


def exhausted() -> Story:
    story = Story(policy(STEPS))
    story.run_until(60)
    assert story.alert.status is AlertStatus.EXHAUSTED
    return story


# A step ---------------------------------------------------------------------------------------------------------------


def test_a_step_that_is_asked_for_fires_now_and_the_climb_goes_on_from_there() -> None:
    story = Story(policy(STEPS))
    assert told(story.tell(EscalatedNow("bob", step=2), 1)) == ["phone-alice"]
    assert (story.alert.rung, story.alert.due_at) == (3, after(3))


def test_an_earlier_step_can_be_asked_for_again() -> None:
    story = Story(policy(STEPS))
    story.run_until(10)
    assert told(story.tell(EscalatedNow("bob", step=0), 11)) == ["C-OPS"]
    assert (story.alert.rung, story.alert.due_at) == (1, after(16))


def test_a_step_that_the_ladder_has_not_changes_nothing() -> None:
    story = Story(policy(STEPS))
    assert story.tell(EscalatedNow("bob", step=3), 1).events == ()
    story.tell(Acknowledged("bob"), 2)
    assert story.tell(EscalatedNow("bob", step=3), 3).events == ()


@pytest.mark.parametrize("before", [Acknowledged("bob"), Snoozed("bob", after(60))])
def test_a_step_can_be_asked_for_although_somebody_took_it_or_wants_silence(before: Input) -> None:
    story = Story(policy(STEPS))
    story.tell(before, 1)
    assert told(story.tell(EscalatedNow("alice", step=1), 2)) == ["D-OPS"]
    assert (story.alert.status, story.alert.snoozed_until) == (AlertStatus.TRIGGERED, None)


def test_of_an_ended_ladder_only_the_step_that_was_asked_for_fires() -> None:
    story = exhausted()
    assert told(story.tell(EscalatedNow("bob", step=1), 61)) == ["D-OPS"]
    assert story.alert.status is AlertStatus.TRIGGERED


# A person -------------------------------------------------------------------------------------------------------------


def test_a_person_is_called_and_written_to_and_the_ladder_stands() -> None:
    story = Story(policy(STEPS))
    before = story.alert
    decision = story.tell(EscalatedNow("alice", to="bob"), 1)
    assert told(decision) == ["phone-bob", "slack-bob"]
    assert {one.purpose for one in notifies(decision)} == {Purpose.ASKED}
    assert (story.alert.rung, story.alert.due_at) == (before.rung, before.due_at)


@pytest.mark.parametrize("before", [Acknowledged("alice"), Snoozed("alice", after(60))])
def test_a_climb_that_stood_still_goes_on_after_the_time_to_answer(before: Input) -> None:
    story = Story(policy(STEPS))
    story.tell(before, 1)
    assert told(story.tell(EscalatedNow("alice", to="bob"), 2)) == ["phone-bob", "slack-bob"]
    assert (story.alert.status, story.alert.due_at) == (AlertStatus.TRIGGERED, after(9))
    assert told(story.tick(9)) == ["D-OPS"]


def test_an_ended_ladder_begins_again_after_the_time_to_answer() -> None:
    story = exhausted()
    assert told(story.tell(EscalatedNow("alice", to="bob"), 61)) == ["phone-bob", "slack-bob"]
    assert story.alert.due_at == after(66)
    assert told(story.tick(66)) == ["C-OPS"]


def test_somebody_who_has_only_a_phone_is_called_and_no_more() -> None:
    people = roster(person("alice"), person("bob", phone="1", mail="b@x", console="bob"))
    assert told(Story(policy(STEPS), people=people).tell(EscalatedNow("alice", to="bob"), 1)) == ["1"]


def test_a_delegate_is_told_in_place_of_somebody_on_leave() -> None:
    people = replace(roster(person("alice"), person("bob")), leaves=(Leave("bob", AT, after(99), delegate="alice"),))
    story = Story(policy(STEPS), Recipient("bob"), people=people)
    assert told(story.tell(EscalatedNow("carol", to="bob"), 1)) == ["phone-alice", "slack-alice"]
    assert {(one.target, one.stands_in_for) for one in told_beside(story).notified} == {("bob", "bob")}
    assert told(story.tell(RemindedNow("carol"), 2)) == ["slack-alice"]


def test_quiet_hours_spare_from_a_reminder_and_not_from_being_wanted() -> None:
    quiet = replace(person("bob", slack="U", phone="1", mail="b@x"), quiet=Quiet(ALWAYS))
    story = Ordinary(policy(STEPS), Recipient("bob"), people=roster(person("alice"), quiet))
    assert told(story.tell(RemindedNow("alice"), 1)) == ["b@x"], "mail disturbs nobody"
    assert told(story.tell(EscalatedNow("alice", to="bob"), 2)) == ["1", "U"]
    people = roster(person("alice"), replace(quiet, contacts={"slack": "U"}))
    story = Ordinary(policy(STEPS), Recipient("bob"), people=people)
    assert told(story.tell(RemindedNow("alice"), 1)) == []
    assert told_beside(story).skipped == (Skipped("bob", SkipReason.QUIET_HOURS, "bob"),)


def test_whoever_can_not_be_told_is_said_and_raises_no_alarm() -> None:
    story = Story(policy(STEPS), people=roster(person("alice"), Person("bob", "Bob")))
    decision = story.tell(EscalatedNow("alice", to="bob"), 1)
    assert told_beside(story).skipped == (Skipped("bob", SkipReason.NO_CONTACT, "bob"),)
    assert alarms(decision) == []


# The unread -----------------------------------------------------------------------------------------------------------


def test_whoever_has_not_read_is_told_without_ringing() -> None:
    story = Story(policy(STEPS, read_by=ALL), Recipient("alice"), Recipient("bob"))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, AT), 1)
    assert told(story.tell(RemindedNow("carol"), 2)) == ["slack-bob"]
    assert story.alert.due_at == after(5)


@pytest.mark.parametrize("before", [Acknowledged("carol"), Snoozed("carol", after(60))])
def test_the_unread_are_reminded_although_the_climb_stands_still(before: Input) -> None:
    story = Story(policy(STEPS), Recipient("alice"))
    stopped = story.tell(before, 1).alert
    assert told(story.tell(RemindedNow("carol"), 2)) == ["slack-alice"]
    assert (story.alert.status, story.alert.due_at) == (stopped.status, stopped.due_at)


def test_a_team_is_each_of_its_members() -> None:
    people = roster(person("alice"), person("bob"), noc=("alice", "bob"))
    story = Story(policy(STEPS), Recipient("noc", is_team=True), people=people)
    assert told(story.tell(RemindedNow("alice"), 1)) == ["slack-alice", "slack-bob"]


def test_nobody_is_unread_so_nothing_happens() -> None:
    story = Story(policy(STEPS), Recipient("alice"))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, AT), 1)
    assert story.tell(RemindedNow("bob"), 2).events == ()


def sent(*recipients: Recipient) -> Story:
    from escalation import machine

    story = Story(policy(STEPS, remind_every=minutes(30), remind_most=2))
    mail = replace(opened(policy(STEPS, remind_every=minutes(30), remind_most=2), *recipients), sent_by="carol")
    story.decisions = [machine.open(1, mail, AT, story.people)]
    return story


def test_of_a_mail_that_was_sent_they_are_reminded_by_mail_within_its_bounds() -> None:
    story = sent(Recipient("eve@x.example", address="eve@x.example"))
    [reminded] = notifies(story.tell(RemindedNow("carol"), 1))
    assert (reminded.channel, reminded.address) == (MAIL, "eve@x.example")
    assert told(story.tell(RemindedNow("carol"), 2)) == []
    assert [one.reason for one in told_beside(story).skipped] == [SkipReason.TOO_SOON]
    assert len(told(story.tell(RemindedNow("carol"), 32))) == 1
    assert told(story.tell(RemindedNow("carol"), 99)) == []
    assert [one.reason for one in told_beside(story).skipped] == [SkipReason.REMINDED_ENOUGH]


def test_whom_mail_does_not_reach_is_told_otherwise_or_named() -> None:
    story = sent(Recipient("alice", address="a@x.example"), Recipient("eve@x.example", address="eve@x.example"))
    for one in ("alice", "eve@x.example"):
        story.tell(ReceiptReported(one, ReceiptKind.FAILED, AT), 1)
    decision = story.tell(RemindedNow("carol"), 2)
    assert told(decision) == ["slack-alice"]
    assert told_beside(story).skipped == (Skipped("eve@x.example", SkipReason.MAIL_FAILED, "eve@x.example"),)


def test_whom_mail_does_not_reach_is_told_by_the_next_of_their_calm_contacts() -> None:
    story = sent(Recipient("dave", address="dave@x.example"))
    story.people = roster(person("dave", mail="dave@x.example", sms="sms-dave"), person("carol"))
    story.tell(ReceiptReported("dave", ReceiptKind.FAILED, AT), 1)
    assert told(story.tell(RemindedNow("carol"), 2)) == ["sms-dave"]


# A note ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, Acknowledged("bob"), Snoozed("bob", after(60))])
def test_a_note_is_kept_and_changes_nothing_else(before: Input | None) -> None:
    story = Story(policy(STEPS))
    if before is not None:
        story.tell(before, 1)
    was = story.alert
    decision = story.tell(Noted("alice", "on my way", "slack"), 2)
    assert decision.events == (Noted("alice", "on my way", "slack"),)
    assert decision.alert == was._replace(seq=was.seq + 1)
    assert not any(isinstance(one, Notify) for one in decision.commands)


@pytest.mark.parametrize(
    "before", [None, Acknowledged("bob"), Snoozed("bob", after(60)), Resolved("bob"), Cancelled("bob")]
)
@pytest.mark.parametrize("outcome", [Outcome.SENT, Outcome.ENDED, Outcome.BUSY])
def test_a_call_to_the_sender_is_kept_and_changes_nothing_else(before: Input | None, outcome: Outcome) -> None:
    story = Story(policy(STEPS))
    if before is not None:
        story.tell(before, 1)
    was, event = story.alert, SenderCalled("alice", "Carrier NOC", outcome, 60)
    decision = story.tell(event, 2)
    assert (decision.events, decision.commands) == ((event,), (Refresh(),))
    assert decision.alert == was._replace(seq=was.seq + 1)
