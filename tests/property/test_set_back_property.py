"""A clock that is set back under an alert changes nothing of who is told, how long after the mail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from escalation import machine
from escalation.alert import Alert, AlertStatus
from escalation.event import (
    Acknowledged,
    CallBackAsked,
    ClockSetBack,
    EscalatedNow,
    Input,
    MailJoined,
    PassedOn,
    ReceiptReported,
    ReceiptWithdrawn,
    Snoozed,
    TimerFired,
)
from escalation.machine import Decision
from escalation.policy import EscalationPolicy
from escalation.receipt import ReceiptKind, Recipient
from tests.fakes import strategies as some
from tests.fakes.policies import AT, mail, minutes, notifies, opened, policy, roster
from tests.property.test_core_time import reachable_ladders

ZERO = timedelta(0)
PHONE = ("phone", "+81312345678")

Make = Callable[[datetime], Input]
"""What happens, at the instant that the clock shows."""


def _snooze(wait: int) -> Make:
    return lambda now: Snoozed("alice", now + minutes(wait))


def _read(who: str, ago: int) -> Make:
    return lambda now: ReceiptReported(who, ReceiptKind.SEEN, now - minutes(ago), "imap", who)


makes: st.SearchStrategy[Make] = st.one_of(
    st.integers(1, 60).map(_snooze),
    st.builds(_read, st.sampled_from(some.PEOPLE), st.integers(0, 30)),
    st.sampled_from(
        [
            lambda now: Acknowledged("alice"),
            lambda now: ReceiptWithdrawn("alice", ReceiptKind.SEEN, now, "imap"),
            lambda now: MailJoined(mail(2)),
            lambda now: EscalatedNow("bob"),
            lambda now: PassedOn("alice"),
            lambda now: CallBackAsked("alice", *PHONE, now + minutes(5)),
        ]
    ),
)


class Told(NamedTuple):
    after: timedelta
    due_after: timedelta
    channel: str
    address: str


class Life:
    """An alert, by a clock that is ``behind`` one that was never set back."""

    def __init__(self, rules: EscalationPolicy) -> None:
        self.people = roster()
        self.elapsed = self.behind = ZERO
        self.told: list[Told] = []
        crowd = (Recipient("alice"), Recipient("bob"))
        self.alert: Alert = self._take(machine.open(1, opened(rules, *crowd), AT, self.people))

    @property
    def now(self) -> datetime:
        return AT + self.elapsed - self.behind

    def set_back(self, by: timedelta) -> None:
        self.behind += by
        self.happens(lambda now: ClockSetBack(by))

    def happens(self, make: Make) -> None:
        self.alert = self._take(machine.decide(self.alert, make(self.now), self.now, self.people))

    def passes(self, until: timedelta) -> None:
        while (wake_at := self.alert.wake_at) is not None and wake_at + self.behind - AT <= until:
            self.elapsed = max(self.elapsed, wake_at + self.behind - AT)
            self.happens(lambda now: TimerFired())
        self.elapsed = until

    def _take(self, decision: Decision) -> Alert:
        for one in notifies(decision):
            due_after = one.due_at + self.behind - AT
            self.told.append(Told(self.elapsed, due_after, one.channel, one.address))
        return decision.alert


def live(rules: EscalationPolicy, inputs: list[tuple[int, Make]], backs: dict[int, timedelta]) -> Life:
    life = Life(rules)
    for number, (gap, make) in enumerate(inputs):
        if number in backs:
            life.set_back(backs[number])
        life.passes(life.elapsed + minutes(gap))
        life.happens(make)
    life.passes(life.elapsed + timedelta(days=3))
    return life


rules_of = st.builds(
    lambda one, ack_timeout, reopens: policy(one, ack_timeout=ack_timeout, reopen_on_unread=reopens),
    reachable_ladders,
    st.none() | st.integers(1, 90).map(minutes),
    st.booleans(),
)
set_backs = st.dictionaries(st.integers(0, 7), st.integers(1, 60 * 24).map(minutes), min_size=1, max_size=3)


@given(rules_of, st.lists(st.tuples(st.integers(0, 40), makes), min_size=1, max_size=8), set_backs)
def test_whoever_is_told_is_told_as_long_after_the_mail(
    rules: EscalationPolicy, inputs: list[tuple[int, Make]], backs: dict[int, timedelta]
) -> None:
    was, now = live(rules, inputs, {}), live(rules, inputs, backs)
    assert now.told == was.told
    assert now.alert.status is was.alert.status


@given(rules_of, st.integers(1, 60 * 24).map(minutes))
def test_a_clock_that_is_set_back_at_once_makes_no_climb_longer(rules: EscalationPolicy, by: timedelta) -> None:
    life = live(rules, [(0, lambda now: TimerFired())], {0: by})
    assert life.alert.status is AlertStatus.EXHAUSTED
    assert life.told[-1].after <= live(rules, [(0, lambda now: TimerFired())], {}).told[-1].after
