"""Receipts commute: any order, any number of repeats, one verdict."""

import random
from collections.abc import Sequence
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from escalation import machine
from escalation.alert import Alert
from escalation.event import ReceiptReported, ReceiptWithdrawn
from escalation.policy import EscalationPolicy
from escalation.receipt import (
    ALL,
    ANY,
    NEVER_READ,
    ReadBy,
    ReceiptKind,
    Recipient,
    is_read,
    read_evidence,
    with_receipt,
    with_withdrawal,
)
from tests.fakes import strategies as some
from tests.fakes.policies import AT, Story, after, opened, policy, roster

Report = ReceiptReported | ReceiptWithdrawn
reports = st.lists(some.receipts | some.withdrawals, max_size=12)
counts = st.sets(st.sampled_from(ReceiptKind)).map(frozenset)
read_bys = st.sampled_from([ANY, ALL, ReadBy(count=2), ReadBy(percent=50)])
CROWD = (Recipient("alice"), Recipient("bob"), Recipient("noc", is_team=True))


def live(listed: Sequence[Report]) -> Alert:
    """An alert that only receipts happen to, and that no receipt stops."""
    alert = machine.open(1, opened(policy(read_by=ALL), *CROWD, Recipient("silent")), AT, roster()).alert
    for event in listed:
        alert = machine.decide(alert, event, after(0.5), roster()).alert
    return alert


@given(reports, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_one_verdict(listed: list[Report], chance: random.Random) -> None:
    shuffled = [*listed, *chance.choices(listed, k=len(listed))] if listed else []
    chance.shuffle(shuffled)
    one, other = live(listed), live(shuffled)
    assert one.recipients == other.recipients
    assert [one.has_read(who) for who in one.recipients] == [other.has_read(who) for who in other.recipients]


@given(reports, counts, read_bys)
def test_more_receipts_never_make_a_mail_less_read(
    listed: list[Report], kinds: frozenset[ReceiptKind], read_by: ReadBy
) -> None:
    was_read = False
    people = {one.id: one for one in CROWD}
    for event in listed:
        if isinstance(event, ReceiptReported) and event.recipient in people:
            people[event.recipient] = with_receipt(people[event.recipient], event.kind, event.at)
            now_read = is_read(people.values(), kinds, read_by)
            assert now_read or not was_read
            was_read = now_read


@given(st.lists(some.receipts, max_size=12), counts)
def test_what_never_counts_never_does(listed: list[ReceiptReported], kinds: frozenset[ReceiptKind]) -> None:
    one = Recipient("alice")
    for event in listed:
        if event.kind in NEVER_READ:
            one = with_receipt(one, event.kind, event.at)
    assert read_evidence(one, kinds, ANY) is None


@given(some.moments, some.moments, some.moments)
def test_the_latest_of_receipts_and_withdrawals_decides(one: datetime, other: datetime, taken_back: datetime) -> None:
    reader = with_receipt(with_receipt(Recipient("alice"), ReceiptKind.SEEN, one), ReceiptKind.SEEN, other)
    reader = with_withdrawal(reader, ReceiptKind.SEEN, taken_back)
    assert reader.has(ReceiptKind.SEEN) == (max(one, other) >= taken_back)


@given(some.policies(), reports)
def test_reading_stops_exactly_when_the_verdict_is_reached(rules: EscalationPolicy, listed: list[Report]) -> None:
    story = Story(rules, *CROWD)
    for event in listed:
        was_climbing = story.alert.status == "triggered"
        decision = story.tell(event, 0)
        if was_climbing and decision.alert.status == "acknowledged":
            assert decision.alert.is_read and rules.stop_on == "read"
        if was_climbing and decision.alert.status == "triggered" and rules.stop_on == "read":
            assert not (isinstance(event, ReceiptReported) and decision.events and decision.alert.is_read)
