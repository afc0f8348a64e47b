"""The rules at the top of machine.py, one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from escalation import machine
from escalation.alert import AlertStatus
from escalation.command import Notify, Refresh, Withdraw
from escalation.decided import ClimbReason, ClimbStarted, Event, ReadReached
from escalation.event import (
    Acknowledged,
    Approved,
    CallBackAsked,
    Cancelled,
    DeliveryReported,
    EscalatedNow,
    Input,
    MailJoined,
    Noted,
    Opened,
    Outcome,
    PassedOn,
    ReceiptReported,
    ReceiptWithdrawn,
    RecipientAdded,
    RemindedNow,
    Resolved,
    Snoozed,
    TimerFired,
)
from escalation.policy import StopOn
from escalation.receipt import ALL, ReadBy, ReceiptKind, Recipient, with_receipt
from tests.fakes.policies import (
    AT,
    SPINE,
    Story,
    after,
    alarms,
    ladder,
    mail,
    minutes,
    opened,
    policy,
    roster,
    step,
    told,
)

T, A, E = AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED, AlertStatus.EXHAUSTED


def seen(by: str = "alice", at: float = 0) -> ReceiptReported:
    return ReceiptReported(by, ReceiptKind.SEEN, after(at), "imap", by)


def failed(who: str = "alice", at: float = 0) -> ReceiptReported:
    return ReceiptReported(who, ReceiptKind.FAILED, after(at), "dsn")


def reasons(events: tuple[Event, ...]) -> list[ClimbReason]:
    return [one.reason for one in events if isinstance(one, ClimbStarted)]


def exhausted() -> Story:
    story = Story(policy())
    story.run_until(1000)
    assert story.alert.status is E
    return story


# Rule 1 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [Resolved("alice"), Cancelled("alice")])
@pytest.mark.parametrize(
    "event",
    [
        RecipientAdded(Recipient("bob")),
        MailJoined(mail(2)),
        seen(),
        ReceiptWithdrawn("alice", ReceiptKind.SEEN, AT),
        Acknowledged("alice"),
        PassedOn("alice"),
        EscalatedNow("alice"),
        EscalatedNow("alice", to="bob"),
        EscalatedNow("alice", step=1),
        RemindedNow("alice"),
        Noted("alice", "on my way"),
        Snoozed("alice", after(60)),
        Resolved("bob"),
        Cancelled("bob"),
        TimerFired(),
        DeliveryReported("1.0", Outcome.SENT),
        opened(policy()),
    ],
    ids=lambda event: type(event).__name__,
)
def test_nothing_changes_a_closed_alert(end: Input, event: Input) -> None:
    story = Story(policy())
    closed = story.tell(end, 1).alert
    assert closed.status.is_closed
    decision = story.tell(event, 2)
    assert (decision.alert, decision.events, decision.commands) == (closed, (), ())


def test_a_known_recipient_is_not_added_again() -> None:
    story = Story(policy())
    assert story.tell(RecipientAdded(Recipient("alice"))).events == ()
    story.tell(seen())
    assert story.tell(RecipientAdded(Recipient("alice"))).events == ()


def test_a_receipt_that_says_nothing_new_is_no_event() -> None:
    story = Story(policy(read_by=ALL), Recipient("alice"), Recipient("bob"))
    assert story.tell(seen(at=1), 1).events
    for known in (seen(at=1), seen(at=0), seen("stranger")):
        assert story.tell(known, 2).events == ()


def test_a_withdrawal_for_a_stranger_is_no_event() -> None:
    assert Story(policy()).tell(ReceiptWithdrawn("stranger", ReceiptKind.SEEN, AT)).events == ()


def test_the_same_person_takes_an_alert_once() -> None:
    story = Story(policy())
    story.tell(Acknowledged("alice"), 1)
    assert story.tell(Acknowledged("alice"), 2).events == ()
    assert story.tell(Acknowledged("bob"), 3).alert.taken_by == ("alice", "bob")


def test_the_same_snooze_is_one() -> None:
    story = Story(policy())
    story.tell(Snoozed("alice", after(30)), 1)
    assert story.tell(Snoozed("alice", after(30)), 2).events == ()
    assert story.tell(Snoozed("alice", after(40)), 2).alert.snoozed_until == after(40)


def test_a_timer_that_fires_early_changes_nothing() -> None:
    story = Story(policy(ack_timeout=minutes(30)))
    assert story.tick(4.9).events == ()
    story.tell(Acknowledged("alice"), 5)
    assert story.tick(34).events == ()
    ended = exhausted()
    ended.tell(Snoozed("alice", after(2000)), 1500)
    assert ended.tick(1999).events == ()


# Rule 3: reading, acknowledging, resolving ---------------------------------------------------------------------------


def test_reading_acknowledges_in_the_readers_name() -> None:
    decision = Story(policy()).tell(seen(), 1)
    assert (decision.alert.status, decision.alert.taken_by) == (A, ("alice",))
    assert ReadReached(("alice",), ReceiptKind.SEEN) in decision.events
    assert {Withdraw(), Refresh()} <= set(decision.commands)


def test_a_team_is_the_reader_if_nobody_knows_who() -> None:
    story = Story(policy(), Recipient("noc", is_team=True))
    assert story.tell(ReceiptReported("noc", ReceiptKind.SEEN_SHARED, AT)).alert.taken_by == ("noc",)


def test_all_must_read_if_the_policy_says_so() -> None:
    story = Story(policy(read_by=ALL), Recipient("alice"), Recipient("bob"))
    assert story.tell(seen("alice"), 1).alert.status is T
    assert story.tell(seen("bob"), 2).alert.taken_by == ("alice", "bob")


def test_the_shared_mailbox_is_no_evidence_where_more_than_one_must_read() -> None:
    team = Recipient("noc", is_team=True)
    story = Story(policy(read_by=ReadBy(count=2)), team, Recipient("alice"), Recipient("bob"))
    story.tell(ReceiptReported("noc", ReceiptKind.SEEN_SHARED, AT))
    story.tell(ReceiptReported("noc", ReceiptKind.REPLIED, after(1), by="carol"), 1)
    assert story.tell(seen("alice", 2), 2).events[-1] == ReadReached(("carol", "alice"), ReceiptKind.SEEN)


def test_reading_does_not_stop_a_policy_that_stops_on_acknowledgement() -> None:
    story = Story(policy(stop_on=StopOn.ACKNOWLEDGED))
    assert story.tell(seen(), 1).alert.status is T
    assert told(story.tick(5)) == ["D-OPS"]
    assert story.tell(Acknowledged("alice"), 6).alert.status is A


def test_an_alert_that_was_read_before_it_opened_tells_nobody() -> None:
    reader = with_receipt(Recipient("alice"), ReceiptKind.SEEN, AT, by="alice")
    story = Story(policy(), reader)
    assert (story.alert.status, story.notified) == (A, [])


@pytest.mark.parametrize(("event", "status"), [(Resolved("bob"), "resolved"), (Cancelled("bob"), "cancelled")])
@pytest.mark.parametrize("before", [None, Acknowledged("alice")])
def test_a_resolution_closes(before: Input | None, event: Input, status: str) -> None:
    story = Story(policy())
    if before:
        story.tell(before, 1)
    decision = story.tell(event, 2)
    assert (decision.alert.status, decision.alert.due_at) == (status, None)
    assert decision.commands == (Withdraw(is_recall=status == "cancelled"), Refresh())


def test_an_exhausted_alert_can_still_be_read_taken_and_closed() -> None:
    assert exhausted().tell(seen(), 100).alert.status is A
    assert exhausted().tell(Acknowledged("bob"), 100).alert.status is A
    assert exhausted().tell(Resolved("bob"), 100).alert.status is AlertStatus.RESOLVED
    assert exhausted().tell(Cancelled("bob"), 100).alert.status is AlertStatus.CANCELLED


def test_one_more_recipient_may_have_read_already() -> None:
    reader = with_receipt(Recipient("bob"), ReceiptKind.SEEN, AT, by="bob")
    assert Story(policy()).tell(RecipientAdded(reader), 1).alert.taken_by == ("bob",)
    assert exhausted().tell(RecipientAdded(reader), 100).alert.taken_by == ("bob",)


# Rule 4 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", [seen(), Acknowledged("alice"), Resolved("alice"), Snoozed("alice", after(60))])
def test_whatever_stops_the_climb_withdraws_and_refreshes(event: Input) -> None:
    commands = Story(policy()).tell(event, 1).commands
    assert Withdraw() in commands
    assert Refresh() in commands


# Rule 5 --------------------------------------------------------------------------------------------------------------


def test_an_acknowledged_alert_starts_again_after_its_timeout() -> None:
    story = Story(policy(ack_timeout=minutes(30)))
    story.tell(Acknowledged("alice"), 7)
    decision = story.tick(37)
    assert (decision.alert.status, told(decision)) == (T, ["C-OPS"])
    assert reasons(decision.events) == [ClimbReason.ACK_TIMEOUT]
    assert decision.alert.taken_by == ()


def test_after_the_timeout_only_new_reading_counts() -> None:
    story = Story(policy(ack_timeout=minutes(30)), Recipient("alice"), Recipient("bob"))
    story.tell(seen(at=6), 6)
    story.tell(Acknowledged("alice"), 7)
    story.tick(37)
    assert story.tell(seen(at=6.5), 38).alert.status is T
    assert story.tell(seen("bob", 39), 39).alert.taken_by == ("bob",)


def test_without_a_timeout_time_resolves_it() -> None:
    for rules in (policy(resolve_after=minutes(60)), policy(resolve_after=minutes(60), ack_timeout=timedelta(0))):
        story = Story(rules)
        story.tell(Acknowledged("alice"), 1)
        assert story.tick(61).events == (Resolved(None, "timer"),)


def test_reading_has_no_timeout() -> None:
    story = Story(policy(resolve_after=minutes(60), ack_timeout=minutes(30)))
    story.tell(seen(), 1)
    assert story.tick(31).events == ()
    assert story.tick(61).alert.status is AlertStatus.RESOLVED


def test_a_person_who_takes_what_was_read_has_the_timeout() -> None:
    story = Story(policy(ack_timeout=minutes(30)))
    story.tell(seen(), 1)
    taken = story.tell(Acknowledged("alice"), 2).alert
    assert (taken.taken_by, taken.is_taken_by_reading, taken.due_at) == (("alice",), False, after(32))


# Rule 6: snooze ------------------------------------------------------------------------------------------------------


def test_a_snoozed_climb_goes_on_where_it_was() -> None:
    story = Story(policy())
    story.tell(Snoozed("alice", after(20)), 2)
    story.run_until(24)
    assert story.notified == [(0, "slack", "C-OPS"), (20, "discord", "D-OPS")]
    assert story.alert.due_at == after(25)


def test_a_snooze_never_makes_a_step_come_earlier() -> None:
    story = Story(policy(ladder(step("slack", "#ops"), step("phone", "alice", after=60))))
    assert story.tell(Snoozed("alice", after(15)), 1).alert.due_at == after(60)


def test_a_snooze_at_the_top_of_the_last_loop_ends_with_the_last_resort() -> None:
    story = Story(policy())
    story.run_until(10)
    story.tell(Snoozed("alice", after(30)), 12)
    story.run_until(29)
    assert story.alert.status is T
    assert told(story.tick(30)) == ["phone-carol"]


def test_a_snoozed_acknowledged_alert_starts_again() -> None:
    story = Story(policy(ack_timeout=minutes(5)))
    story.tell(Acknowledged("alice"), 1)
    story.tell(Snoozed("alice", after(60)), 2)
    story.run_until(59)
    assert story.alert.status is A
    assert reasons(story.tick(60).events) == [ClimbReason.SNOOZE_ENDED]


def test_a_snoozed_exhausted_alert_starts_again() -> None:
    story = exhausted()
    assert story.tell(Snoozed("alice", after(2000)), 1500).alert.status is E
    assert reasons(story.tick(2000).events) == [ClimbReason.SNOOZE_ENDED]
    assert story.alert.status is T


def test_a_snooze_until_a_past_instant_is_none() -> None:
    assert Story(policy()).tell(Snoozed("alice", after(1)), 1).events == ()


@pytest.mark.parametrize(
    "event",
    [failed(), PassedOn("alice"), DeliveryReported("1.0", Outcome.REJECTED), MailJoined(mail(2))],
    ids=lambda event: type(event).__name__,
)
def test_a_snoozed_climb_is_silent(event: Input) -> None:
    story = Story(policy())
    story.tell(Snoozed("bob", after(60)), 1)
    decision = story.tell(event, 2)
    assert decision.events == (event,)
    assert told(decision) == []


@pytest.mark.parametrize(
    "event",
    [MailJoined(mail(2)), RecipientAdded(Recipient("bob")), ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(2))],
    ids=lambda event: type(event).__name__,
)
def test_a_snoozed_read_alert_is_silent(event: Input) -> None:
    story = Story(policy(read_by=ALL, reopen_on_unread=True))
    story.tell(seen(), 1)
    story.tell(Snoozed("alice", after(60)), 1)
    assert story.tell(event, 2).alert.status is A
    assert told(story.tick(60)) == ["C-OPS"]


def test_a_person_who_escalates_breaks_the_snooze() -> None:
    story = Story(policy())
    story.tell(Snoozed("alice", after(60)), 1)
    decision = story.tell(EscalatedNow("bob"), 2)
    assert (told(decision), decision.alert.snoozed_until) == (["D-OPS"], None)


# Rule 7 and 8: unread again ------------------------------------------------------------------------------------------


def test_a_later_mail_starts_again_what_reading_had_stopped() -> None:
    story = Story(policy())
    story.tell(seen(), 1)
    decision = story.tell(MailJoined(mail(2)), 2)
    assert (decision.alert.status, decision.alert.mails, told(decision)) == (T, 2, ["C-OPS"])
    assert story.tell(seen(at=1.5), 3).alert.status is T
    assert story.tell(seen(at=4), 4).alert.status is A


def test_a_later_mail_leaves_an_alert_to_whoever_took_it() -> None:
    story = Story(policy())
    story.tell(Acknowledged("alice"), 1)
    decision = story.tell(MailJoined(mail(2)), 2)
    assert (decision.alert.status, decision.commands) == (A, (Refresh(),))


def test_a_later_mail_starts_an_exhausted_alert_again() -> None:
    story = exhausted()
    decision = story.tell(MailJoined(mail(2)), 100)
    assert (reasons(decision.events), told(decision)) == ([ClimbReason.MAIL_JOINED], ["C-OPS"])


def test_a_later_mail_does_not_disturb_a_climb() -> None:
    story = Story(policy())
    assert story.tell(MailJoined(mail(2)), 2).alert.due_at == after(5)


def test_one_more_recipient_starts_again_if_now_too_few_have_read() -> None:
    story = Story(policy(read_by=ALL))
    story.tell(seen(), 1)
    assert reasons(story.tell(RecipientAdded(Recipient("bob")), 2).events) == [ClimbReason.RECIPIENT_ADDED]
    enough = Story(policy())
    enough.tell(seen(), 1)
    assert enough.tell(RecipientAdded(Recipient("bob")), 2).alert.status is A


def test_one_more_recipient_leaves_an_exhausted_alert_exhausted() -> None:
    assert exhausted().tell(RecipientAdded(Recipient("bob")), 100).alert.status is E


@pytest.mark.parametrize("reopens", [True, False])
def test_marking_unread_reopens_if_the_policy_says_so(reopens: bool) -> None:
    story = Story(policy(reopen_on_unread=reopens))
    story.tell(seen(at=1), 1)
    decision = story.tell(ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(2)), 2)
    assert decision.alert.status is (T if reopens else A)
    assert reasons(decision.events) == ([ClimbReason.MARKED_UNREAD] if reopens else [])


def test_marking_unread_does_not_reopen_while_enough_have_read() -> None:
    story = Story(policy(reopen_on_unread=True), Recipient("alice"), Recipient("bob"))
    story.tell(seen(at=1), 1)
    story.tell(seen("bob", 1), 1)
    assert story.tell(ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(2)), 2).alert.status is A
    assert story.tell(ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(2)), 2).events == ()


def test_marking_unread_is_kept_while_climbing_and_when_exhausted() -> None:
    story = Story(policy(read_by=ALL), Recipient("alice"), Recipient("bob"))
    story.tell(seen(at=1), 1)
    withdrawn = ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(2))
    assert story.tell(withdrawn, 2).events == (withdrawn,)
    story.run_until(100)
    later = ReceiptWithdrawn("bob", ReceiptKind.SEEN, after(101))
    assert story.tell(later, 101).events == (later,)


def test_junk_is_remembered_until_nobody_has_it_there() -> None:
    story = Story(policy(), Recipient("alice"), Recipient("bob"))
    story.tell(ReceiptReported("alice", ReceiptKind.JUNKED, after(1)), 1)
    story.tell(ReceiptReported("bob", ReceiptKind.JUNKED, after(1)), 1)
    assert story.tell(ReceiptWithdrawn("alice", ReceiptKind.JUNKED, after(2)), 2).alert.is_junk
    assert not story.tell(ReceiptWithdrawn("bob", ReceiptKind.JUNKED, after(2)), 2).alert.is_junk


def test_marking_unread_says_nothing_about_junk() -> None:
    mail_in_junk = replace(opened(policy(read_by=ALL), Recipient("alice"), Recipient("bob")), is_junk=True)
    alert = machine.open(1, mail_in_junk, AT, roster()).alert
    alert = machine.decide(alert, seen(at=1), after(1), roster()).alert
    withdrawn = ReceiptWithdrawn("alice", ReceiptKind.SEEN, after(2))
    assert machine.decide(alert, withdrawn, after(2), roster()).alert.is_junk


def test_climbs_are_numbered() -> None:
    story = Story(policy(ack_timeout=minutes(30)))
    numbers = [story.alert.climb]
    story.tell(Acknowledged("alice"), 1)
    numbers.append(story.tick(31).alert.climb)
    story.tell(Acknowledged("alice"), 32)
    numbers.append(story.tell(EscalatedNow("bob"), 33).alert.climb)
    assert numbers == [1, 2, 3]


# Rule 9: the next step comes forward ---------------------------------------------------------------------------------


def test_a_failed_recipient_brings_the_next_step_forward() -> None:
    assert told(Story(policy()).tell(failed(), 1)) == ["D-OPS"]


def test_only_the_first_failure_does() -> None:
    story = Story(policy(), *[Recipient(id) for id in ("alice", "bob", "carol")])
    assert [told(story.tell(failed(who, 1), 1)) for who in ("alice", "bob", "carol")] == [["D-OPS"], [], []]
    assert told(story.tell(failed("alice", 2), 2)) == []


def test_a_failure_of_one_does_not_matter_once_enough_have_read() -> None:
    story = Story(policy(), Recipient("alice"), Recipient("bob"))
    story.tell(seen("bob"), 1)
    assert story.tell(failed(), 2).alert.status is A


def test_a_passed_on_call_brings_the_next_step_forward() -> None:
    story = Story(policy(ladder(step("phone", "alice"), step("phone", "bob", after=10))))
    assert told(story.tell(PassedOn("alice"), 1)) == ["phone-bob"]


def test_passing_on_twice_is_once() -> None:
    steps = [step("phone", who, after=10) for who in ("alice", "bob", "carol")]
    story = Story(policy(ladder(*steps)))
    story.tick(10)
    story.tell(PassedOn("alice"), 11)
    assert told(story.tell(PassedOn("alice"), 11)) == []
    assert told(story.tell(PassedOn("bob"), 12)) == ["phone-carol"]


def test_whoever_reads_a_room_may_pass_on() -> None:
    assert told(Story(policy()).tell(PassedOn("bob"), 1)) == ["D-OPS"]


def test_passing_on_at_the_last_rung_begins_the_next_loop_or_ends() -> None:
    story = Story(policy(ladder(*SPINE.steps, repeat=1)))
    story.run_until(10)
    assert told(story.tell(PassedOn("alice"), 11)) == ["C-OPS"]
    story.run_until(21)
    assert told(story.tell(PassedOn("alice"), 22)) == ["phone-carol"]
    assert story.alert.status is E


def test_passing_on_the_last_resort_is_an_alarm() -> None:
    decision = exhausted().tell(PassedOn("carol"), 100)
    assert alarms(decision) == [("nobody_next", "Carol")]


def test_a_call_back_rings_again_there_and_holds_no_step() -> None:
    story = Story(policy(ladder(step("phone", "alice"), step("phone", "bob", after=10))))
    due_at = story.alert.due_at
    decision = story.tell(CallBackAsked("alice", "phone", "+81", after(6)), 1)
    [again] = [one for one in decision.commands if isinstance(one, Notify)]
    assert (again.channel, again.address, again.person, again.due_at) == ("phone", "+81", "alice", after(6))
    assert decision.alert.due_at == due_at
    assert decision.alert.status is T


def test_a_call_back_is_promised_twice_in_a_climb_to_each() -> None:
    story = Story(policy())
    asked = [CallBackAsked(who, "phone", "+81", after(6)) for who in ("alice", "alice", "alice", "bob")]
    commands = [[one for one in story.tell(each, 1).commands if isinstance(one, Notify)] for each in asked]
    assert [len(found) for found in commands] == [1, 1, 0, 1]
    assert len({one.key for found in commands for one in found}) == 3
    story.tell(Acknowledged("alice"), 2)
    assert told(story.tell(asked[3], 3)) == []
    story.tell(EscalatedNow("alice"), 4)
    assert len(told(story.tell(asked[0], 5))) == 1


def test_nobody_is_promised_a_call_while_quiet_is_asked_for() -> None:
    story = Story(policy())
    story.tell(Snoozed("bob", after(20)), 1)
    assert told(story.tell(CallBackAsked("alice", "phone", "+81", after(6)), 2)) == []


def test_escalate_now_brings_the_next_step_forward() -> None:
    story = Story(policy())
    assert told(story.tell(EscalatedNow("bob"), 1)) == ["D-OPS"]
    assert story.alert.due_at == after(6)


def test_escalating_an_acknowledged_alert_climbs_on() -> None:
    story = Story(policy())
    story.tell(Acknowledged("alice"), 1)
    decision = story.tell(EscalatedNow("alice"), 2)
    assert (decision.alert.status, told(decision)) == (T, ["D-OPS"])


def test_escalating_an_alert_that_was_read_at_once_climbs_from_the_foot() -> None:
    story = Story(policy(), with_receipt(Recipient("alice"), ReceiptKind.SEEN, AT))
    assert told(story.tell(EscalatedNow("alice"), 2)) == ["C-OPS"]


@pytest.mark.parametrize("delay", [0, 10])
@pytest.mark.parametrize("taken", [True, False])
def test_escalating_after_the_end_climbs_from_the_foot(taken: bool, delay: float) -> None:
    story = Story(policy(ladder(step("slack", "#ops", after=delay))))
    story.run_until(1000)
    if taken:
        story.tell(Acknowledged("alice"), 1001)
    decision = story.tell(EscalatedNow("alice"), 1002)
    assert (decision.alert.status, told(decision)) == (T, ["C-OPS"])


TOGETHER = policy(ladder(step("slack", "#ops"), step("phone", "alice", after=5), step("phone", "bob")))


@pytest.mark.parametrize("event", [failed(), PassedOn("alice"), EscalatedNow("bob")])
def test_what_is_due_together_comes_forward_together(event: Input) -> None:
    assert told(Story(TOGETHER).tell(event, 1)) == ["phone-alice", "phone-bob"]


def test_what_is_due_together_comes_forward_together_after_an_acknowledgement_too() -> None:
    story = Story(TOGETHER)
    story.tell(Acknowledged("alice"), 1)
    assert told(story.tell(EscalatedNow("bob"), 1)) == ["phone-alice", "phone-bob"]


@pytest.mark.parametrize("event", [PassedOn("alice"), EscalatedNow("bob")])
def test_who_asked_for_it_is_kept(event: Input) -> None:
    for story in (Story(policy()), exhausted()):
        assert story.tell(event, 100).events[0] == event


@pytest.mark.parametrize(
    "event",
    [
        RecipientAdded(Recipient("bob")),
        MailJoined(mail(2)),
        ReceiptReported("alice", ReceiptKind.DELIVERED, AT),
        PassedOn("alice"),
        EscalatedNow("bob"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_changes_the_picture_refreshes_what_was_posted(event: Input) -> None:
    read = Story(policy(read_by=ALL))
    read.tell(seen(), 1)
    for story in (Story(policy()), read, exhausted()):
        if (story.alert.status, type(event)) != (A, PassedOn):
            assert Refresh() in story.tell(event, 100).commands


# Deliveries ----------------------------------------------------------------------------------------------------------


def test_an_outcome_is_kept_and_shown() -> None:
    story = Story(policy())
    assert story.tell(DeliveryReported("1.0", Outcome.SENT), 1).commands == ()
    assert story.tell(DeliveryReported("1.0", Outcome.NO_ANSWER), 1).commands == (Refresh(),)
    story.tell(Acknowledged("alice"), 2)
    assert story.tell(DeliveryReported("1.0", Outcome.ENDED), 3).events == (DeliveryReported("1.0", Outcome.ENDED),)


def test_the_last_resort_that_reaches_nobody_is_an_alarm() -> None:
    story = exhausted()
    (last,) = story.alert.current
    assert alarms(story.tell(DeliveryReported(last.key, Outcome.NO_ANSWER), 100)) == []
    decision = story.tell(DeliveryReported(last.key, Outcome.REJECTED, "no such number"), 100)
    assert alarms(decision) == [("nobody_reached", "last resort: rejected no such number")]
    assert alarms(story.tell(DeliveryReported(last.key, Outcome.REJECTED), 101)) == []


# The table -----------------------------------------------------------------------------------------------------------


def test_every_input_but_opened_is_handled_while_open() -> None:
    inputs = {kind for _, kind in machine.TABLE}
    assert inputs == set(Input.__args__) - {Opened}
    missing = {(status, kind) for status in (T, A, E) for kind in inputs - {Approved}} - set(machine.TABLE)
    assert missing == {(A, PassedOn), (A, CallBackAsked)}
