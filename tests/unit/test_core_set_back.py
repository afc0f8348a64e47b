"""The rules at the top of set_back.py; that nobody is told later by it is a property (``test_set_back_property``)."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from escalation import machine
from escalation.alert import AlertStatus
from escalation.calendar import EVERY_DAY, Span, Window
from escalation.command import Refresh
from escalation.condition import Condition
from escalation.decided import LadderChanged
from escalation.event import (
    Acknowledged,
    Approved,
    ClockSetBack,
    MailJoined,
    Opened,
    ReceiptReported,
    Resolved,
    Snoozed,
)
from escalation.policy import Step
from escalation.receipt import ALL, ReceiptKind, Recipient
from escalation.replay import lived, replayed
from tests.fakes.policies import AT, Story, action, after, ladder, mail, minutes, notifies, person, policy, roster, step

HOUR = timedelta(hours=1)
BACK = ClockSetBack(HOUR)
PEOPLE = roster(person("alice"), person("bob"))


def test_a_step_comes_so_much_earlier_by_the_clock_and_what_was_posted_says_so() -> None:
    story = Story(policy())
    assert story.alert.due_at == after(5)
    decision = story.tell(BACK, 2 - 60)
    assert decision.alert.due_at == after(5 - 60)
    assert decision.commands == (Refresh(),)
    assert [one.address for one in notifies(story.tick(5 - 60))] == ["D-OPS"]


def test_a_second_is_not_posted() -> None:
    decision = Story(policy()).tell(ClockSetBack(timedelta(seconds=59)), 2)
    assert len(decision.events) == 1
    assert decision.commands == ()


def test_what_a_person_took_starts_again_in_time() -> None:
    story = Story(policy(ack_timeout=minutes(30)))
    story.tell(Acknowledged("alice"), 1)
    story.tell(BACK, 2 - 60)
    assert story.alert.due_at == after(31 - 60)


def test_a_snooze_ends_in_time() -> None:
    story = Story(policy())
    story.tell(Snoozed("alice", after(20)), 1)
    story.tell(BACK, 2 - 60)
    assert (story.alert.due_at, story.alert.snoozed_until) == (after(20 - 60), after(20 - 60))


def test_what_was_read_before_a_later_mail_is_still_read_before_it() -> None:
    story = Story(policy())
    story.tell(ReceiptReported("alice", ReceiptKind.OPENED, after(1), "web"), 1)
    story.tell(MailJoined(mail(2)), 2)
    story.tell(BACK, 3 - 60)
    [seen] = [one for one in story.alert.recipients[0].evidence if one.kind is ReceiptKind.OPENED]
    assert (seen.at, story.alert.read_since) == (after(1 - 60), after(2 - 60))
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(4 - 60), "imap"), 4 - 60)
    assert story.alert.status is AlertStatus.ACKNOWLEDGED


def test_whoever_was_reminded_is_reminded_again_in_time() -> None:
    rules = policy(ladder(step("mail", "unread"), repeat=3, wait=30), read_by=ALL, remind_every=HOUR)
    opened = Opened(mail(), rules, (Recipient("bob", address="bob@example.com"),), sent_by="alice")
    alert = machine.open(1, opened, AT, PEOPLE).alert
    moved = machine.decide(alert, BACK, after(5 - 60), PEOPLE).alert
    assert moved.recipients[0].reminded_at == after(-60)


def test_a_window_ends_when_it_ends() -> None:
    office = Window("office", "Asia/Tokyo", (Span(EVERY_DAY, time(9), time(12, 30)),))
    story = Story(policy(replace(ladder(step("slack", "#ops"), step("slack", "alice", after=60)), window=office)))
    story.tell(BACK, 2 - 60)
    assert story.alert.ladder_until == after(30)
    assert story.alert.due_at == after(0)


def test_the_ladder_of_the_next_window_stands_where_it_would_have() -> None:
    office = Window("office", "Asia/Tokyo", (Span(EVERY_DAY, time(9), time(12, 10)),))
    night = ladder(step("slack", "#ops"), step("phone", "alice", after=30))
    story = Story(
        policy(replace(ladder(step("slack", "#ops"), step("slack", "alice", after=60)), window=office), night)
    )
    story.tell(ClockSetBack(minutes(5)), 8 - 5)
    story.run_until(24)
    assert [one.ladder for made in story.decisions for one in made.events if isinstance(one, LadderChanged)] == [1]
    assert story.notified == [(0, "slack", "C-OPS")]
    assert story.alert.due_at == after(30 - 5)


def test_a_step_that_waits_for_its_time_looks_at_the_clock_again() -> None:
    at_one = Window("one", "Asia/Tokyo", (Span(EVERY_DAY, time(13), time(14)),))
    held = Step(action("slack", "#ops"), condition=Condition(only=at_one, is_waiting=True))
    story, day = Story(policy(ladder(held))), 24 * 60
    assert story.alert.due_at == after(60)
    story.tell(ClockSetBack(timedelta(days=1)), 2 - day)
    assert story.alert.due_at == after(2 - day)
    assert story.alert.waits == ((0, 0, after(-day)),)
    assert notifies(story.tick(2 - day)) == []
    assert story.alert.due_at == after(60 - day)
    assert [one.address for one in notifies(story.tick(60 - day))] == ["C-OPS"]


def test_a_step_before_a_deadline_still_stands_there() -> None:
    before = Step(action("slack", "unread"), before=minutes(30))
    rules = policy(ladder(before, step("phone", "alice", after=200)), read_by=ALL).placed(AT, after(120))
    opened = Opened(mail(), rules, (Recipient("alice"),), sent_by="bob", deadline=after(120))
    alert = machine.open(1, opened, AT, PEOPLE).alert
    assert machine.decide(alert, BACK, after(2 - 60), PEOPLE).alert.due_at == after(90)
    taken = machine.decide(alert, Acknowledged("alice"), after(1), PEOPLE).alert
    assert machine.decide(taken, BACK, after(2 - 60), PEOPLE).alert.due_at == after(24 * 60 + 1 - 60)


@pytest.mark.parametrize(("starts", "due"), [(30, 40), (1, 11 - 60)])
def test_a_mail_that_leaves_at_a_set_time_still_does_unless_it_has_left(starts: float, due: float) -> None:
    rules = policy(ladder(step("slack", "alice", after=10)), read_by=ALL)
    opened = Opened(mail(), rules, (Recipient("alice"),), sent_by="bob", starts_at=after(starts))
    alert = machine.open(1, opened, AT, PEOPLE).alert
    assert machine.decide(alert, BACK, after(2 - 60), PEOPLE).alert.due_at == after(due)


def test_whoever_asked_for_silence_has_it_although_a_step_waits() -> None:
    at_one = Window("one", "Asia/Tokyo", (Span(EVERY_DAY, time(13), time(14)),))
    story = Story(policy(ladder(Step(action("slack", "#ops"), condition=Condition(only=at_one, is_waiting=True)))))
    story.tell(Snoozed("alice", after(90)), 1)
    story.tell(BACK, 2 - 60)
    assert story.alert.due_at == after(30)


def test_an_approval_is_asked_for_again_in_time() -> None:
    opened = Opened(mail(), policy(), sent_by="bob", recipients=(), approvers=("alice",), approve_within=HOUR)
    alert = machine.open(1, opened, AT, PEOPLE).alert
    alert = machine.decide(alert, BACK, after(2 - 60), PEOPLE).alert
    assert alert.due_at == after(0)
    assert machine.decide(alert, Approved("alice"), after(-50), PEOPLE).alert.status is AlertStatus.TRIGGERED


def test_what_is_over_stays_as_it_is() -> None:
    story = Story(policy())
    story.tell(Resolved("alice"), 1)
    assert story.tell(BACK, 2 - 60).events == ()


def test_what_ended_without_anybody_hears_who_reads_now() -> None:
    story = Story(policy())
    story.tell(MailJoined(mail(2)), 1)
    story.run_until(100)
    assert str(story.alert.status) == "exhausted"
    story.tell(BACK, 50)
    story.tell(ReceiptReported("alice", ReceiptKind.SEEN, after(51), "imap"), 51)
    assert str(story.alert.status) == "acknowledged"


def test_a_replay_takes_what_came_after_it_to_have_come_later() -> None:
    story = Story(policy(ack_timeout=minutes(10)))
    story.run_until(2)
    story.tell(BACK, 2 - 60)
    story.run_until(6 - 60)
    story.tell(Snoozed("bob", after(30 - 60)), 7 - 60)
    story.tell(ReceiptReported("alice", ReceiptKind.OPENED, after(8 - 60), "web"), 8 - 60)
    story.run_until(60)
    events = [(event, at) for at, made in zip(story.instants, story.decisions, strict=True) for event in made.events]
    before = lived(events, story.alert.status)
    assert [one.at for one in before.told] == [after(0), after(5), after(30), after(35)]
    assert replayed(events, story.decisions[0].alert.policy, story.people, after(60)) == before
