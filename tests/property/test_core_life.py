"""Whatever happens to an alert, in whatever order: what must hold after every decision."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from escalation import machine
from escalation.alert import AlertStatus
from escalation.command import Notify, RaiseAlarm, Refresh, Withdraw
from escalation.decided import (
    CallBackPromised,
    ClimbStarted,
    Event,
    Exhausted,
    LadderChanged,
    LoopEnded,
    RungFired,
    ToldBeside,
)
from escalation.event import (
    Acknowledged,
    CallBackAsked,
    EscalatedNow,
    Input,
    ReceiptReported,
    ReceiptWithdrawn,
    RemindedNow,
    SenderCalled,
    Snoozed,
    TimerFired,
)
from escalation.fold import fold
from escalation.machine import Decision
from escalation.policy import EscalationPolicy
from escalation.receipt import Recipient
from escalation.roster import Roster
from tests.fakes import strategies as some
from tests.fakes.policies import AT, minutes, opened

ONCE = (ReceiptReported, ReceiptWithdrawn, Acknowledged, Snoozed)
"""Inputs that are known when they come again, without anything in between."""


class Life(RuleBasedStateMachine):
    @initialize(policy=some.policies(), people=some.rosters, crowd=some.crowds)
    def open(self, policy: EscalationPolicy, people: Roster, crowd: tuple[Recipient, ...]) -> None:
        self.now = AT
        self.people = people
        self.events: list[tuple[Event, datetime]] = []
        self.keys: list[str] = []
        self.has_alarm = False
        self.take(machine.open(7, opened(policy, *crowd), AT, people))

    def take(self, decision: Decision) -> None:
        self.decision = decision
        self.alert = decision.alert
        self.events += [(event, self.now) for event in decision.events]
        self.keys += [one.key for one in decision.commands if isinstance(one, Notify)]
        self.has_alarm |= any(isinstance(one, RaiseAlarm) for one in decision.commands)

    def feed(self, event: Input) -> None:
        before = self.alert
        decision = machine.decide(before, event, self.now, self.people)
        assert decision == machine.decide(before, event, self.now, self.people)
        self.take(decision)
        tells = any(isinstance(one, Notify) for one in decision.commands)
        starts = any(isinstance(one, ClimbStarted) for one in decision.events)
        if isinstance(event, SenderCalled):
            assert self.alert == before._replace(seq=self.alert.seq)
            assert set(decision.commands) <= {Refresh()}
        elif before.status.is_closed:
            assert not decision.events
            assert not decision.commands
        if before.status is not AlertStatus.TRIGGERED:
            assert starts or not tells or isinstance(event, CallBackAsked | RemindedNow)
        if before.snoozed_until is not None and before.snoozed_until > self.now:
            assert isinstance(event, EscalatedNow | RemindedNow) or not tells
        if decision.events:
            assert self.alert.status in machine.TABLE[before.status, type(event)].to
        else:
            assert self.alert == before
            assert not decision.commands
        if isinstance(event, ONCE):
            again = machine.decide(self.alert, event, self.now, self.people)
            assert (again.alert, again.events, again.commands) == (self.alert, (), ())

    @rule(count=st.integers(1, 60))
    def wait(self, count: int) -> None:
        self.now += timedelta(seconds=30 * count)

    @rule()
    def tick(self) -> None:
        self.feed(TimerFired())

    @precondition(lambda self: self.alert.due_at is not None)
    @rule(late=st.sampled_from([0, 0, 0, 1, 10, 600]))
    def come_due(self, late: int) -> None:
        due_at = self.alert.wake_at or self.now
        self.now = max(self.now, due_at + minutes(late))
        self.feed(TimerFired())
        assert self.decision.events

    @rule(event=some.receipts | some.withdrawals | some.news)
    def hear(self, event: Input) -> None:
        self.feed(event)

    @rule(event=some.takes | some.requests | some.wishes | some.snoozes)
    def press(self, event: Input) -> None:
        self.feed(event)

    @precondition(lambda self: len(self.events) > 20)
    @rule(event=some.ends)
    def close(self, event: Input) -> None:
        self.feed(event)

    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        self.feed(data.draw(some.deliveries(self.alert)))

    @invariant()
    def a_climbing_alert_has_a_due_time(self) -> None:
        if self.alert.status is AlertStatus.TRIGGERED:
            assert self.alert.due_at is not None
        if self.alert.status is AlertStatus.EXHAUSTED:
            assert self.has_alarm
        if self.alert.status is AlertStatus.ACKNOWLEDGED:
            assert self.alert.due_at is not None
            assert self.alert.taken_by

    @invariant()
    def what_is_overdue_has_been_done(self) -> None:
        if any(isinstance(event, RungFired) for event in self.decision.events):
            assert self.alert.due_at is None or self.alert.due_at >= self.events[-1][1]

    @invariant()
    def the_events_fold_to_the_alert(self) -> None:
        assert fold(7, self.events) == self.alert
        assert self.alert.seq == len(self.events)

    @invariant()
    def keys_are_unique(self) -> None:
        assert self.keys == [f"7.{number}" for number in range(self.alert.keys)]
        assert {one.key for one in self.alert.current} <= set(self.keys)

    @invariant()
    def every_notification_stands_in_an_event(self) -> None:
        told = [one.key for one in self.decision.commands if isinstance(one, Notify)]
        telling = RungFired | Exhausted | CallBackPromised | ToldBeside
        events = [event for event in self.decision.events if isinstance(event, telling)]
        assert told == [one.key for event in events for one in event.notified]

    @invariant()
    def nobody_is_told_twice_in_one_decision(self) -> None:
        told = Counter((one.channel, one.address) for one in self.decision.commands if isinstance(one, Notify))
        assert not told or max(told.values()) == 1

    @invariant()
    def nothing_is_told_and_withdrawn_at_once(self) -> None:
        told = any(isinstance(one, Notify) for one in self.decision.commands)
        assert not (told and Withdraw() in self.decision.commands)

    @invariant()
    def no_burst_of_loops(self) -> None:
        """Loops that reach nobody may pass at once. After somebody was told, no further loop begins."""
        ladder = self.alert.active_ladder
        if ladder is None or not ladder.wait:
            return
        has_crossed = any(isinstance(event, LadderChanged) for event in self.decision.events)
        if has_crossed and not all(one.wait for one in self.alert.policy.ladders):
            return  # Whoever was told by a ladder without a wait has no time to answer.
        loops = [number for number, event in enumerate(self.decision.events) if isinstance(event, LoopEnded)]
        tells = [n for n, event in enumerate(self.decision.events) if isinstance(event, RungFired) and event.notified]
        assert not loops or not tells or loops[-1] < tells[0]

    @invariant()
    def a_rung_is_never_due_after_it_fired(self) -> None:
        rungs = [event for event in self.decision.events if isinstance(event, RungFired)]
        assert all(one.due_at <= self.events[-1][1] for one in rungs)


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
