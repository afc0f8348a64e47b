"""The rules at the top of receipt.py, one by one."""

from datetime import datetime

import pytest

from escalation.receipt import (
    ALL,
    ANY,
    NEVER_READ,
    READ_BY_DEFAULT,
    ReadBy,
    ReceiptKind,
    Recipient,
    is_read,
    read_evidence,
    with_receipt,
    with_withdrawal,
)
from tests.fakes.policies import after

ALICE = Recipient("alice")
SEEN = ReceiptKind.SEEN


def has_read(recipient: Recipient, by: ReadBy = ANY, counts: frozenset[ReceiptKind] = READ_BY_DEFAULT) -> bool:
    return read_evidence(recipient, counts, by) is not None


def instant_of(recipient: Recipient, kind: ReceiptKind) -> datetime | None:
    [at] = [one.at for one in recipient.evidence if one.kind is kind]
    return at


def test_rule_1_only_the_latest_instant_of_a_kind_matters() -> None:
    late = with_receipt(ALICE, SEEN, after(5), via="imap", by="alice")
    assert with_receipt(late, SEEN, after(4)) is late
    assert with_receipt(late, SEEN, after(5), via="imap", by="alice") is late
    assert instant_of(with_receipt(late, SEEN, after(6)), SEEN) == after(6)


def test_rule_1_of_delivered_the_first_instant_matters() -> None:
    delivered = with_receipt(ALICE, ReceiptKind.DELIVERED, after(5), via="dsn")
    for minutes, first in ((60, 5), (5, 5), (4, 4)):
        again = with_receipt(delivered, ReceiptKind.DELIVERED, after(minutes), via="dsn")
        assert instant_of(again, ReceiptKind.DELIVERED) == after(first)
    withdrawn = with_withdrawal(ALICE, ReceiptKind.DELIVERED, after(1))
    assert with_receipt(withdrawn, ReceiptKind.DELIVERED, after(5)).has(ReceiptKind.DELIVERED)
    assert with_withdrawal(delivered, ReceiptKind.DELIVERED, after(6)).evidence[0].at == after(5)


def test_rule_1_kinds_are_kept_apart() -> None:
    both = with_receipt(with_receipt(ALICE, SEEN, after(1)), ReceiptKind.DELIVERED, after(2))
    assert both == with_receipt(with_receipt(ALICE, ReceiptKind.DELIVERED, after(2)), SEEN, after(1))


def test_rule_2_a_later_withdrawal_takes_back_its_own_kind() -> None:
    seen = with_receipt(ALICE, SEEN, after(5))
    assert not has_read(with_withdrawal(seen, SEEN, after(6)))
    assert has_read(with_withdrawal(seen, SEEN, after(4)))
    assert has_read(with_withdrawal(seen, ReceiptKind.JUNKED, after(6)))


def test_rule_2_a_withdrawal_may_come_before_its_receipt() -> None:
    withdrawn = with_withdrawal(ALICE, SEEN, after(6))
    assert with_withdrawal(withdrawn, SEEN, after(5)) is withdrawn
    assert not has_read(with_receipt(withdrawn, SEEN, after(5)))
    assert has_read(with_receipt(withdrawn, SEEN, after(7)))


@pytest.mark.parametrize("kind", ReceiptKind)
def test_rule_3_a_kind_that_counts_is_reading(kind: ReceiptKind) -> None:
    assert has_read(with_receipt(ALICE, kind, after(1))) == (kind in READ_BY_DEFAULT)


@pytest.mark.parametrize("kind", sorted(NEVER_READ))
def test_rule_3_no_policy_can_make_these_count(kind: ReceiptKind) -> None:
    assert not has_read(with_receipt(ALICE, kind, after(1)), counts=frozenset(ReceiptKind))


def test_rule_3_a_policy_may_count_a_likely_person_who_opened() -> None:
    opened = with_receipt(ALICE, ReceiptKind.OPENED, after(1))
    assert not has_read(opened)
    assert has_read(opened, counts=frozenset({ReceiptKind.OPENED}))


@pytest.mark.parametrize("by", [ALL, ReadBy(count=2), ReadBy(percent=1), ReadBy(percent=100)])
def test_rule_4_a_shared_mailbox_counts_for_any_and_never_for_more(by: ReadBy) -> None:
    team = with_receipt(Recipient("noc", is_team=True), ReceiptKind.SEEN_SHARED, after(1))
    assert has_read(team)
    assert not has_read(team, by)


def test_rule_5_acknowledged_always_counts() -> None:
    assert has_read(with_receipt(ALICE, ReceiptKind.ACKNOWLEDGED, after(1)), counts=frozenset())


def test_rule_6_only_receipts_since_count() -> None:
    seen = with_receipt(ALICE, SEEN, after(5))
    assert read_evidence(seen, READ_BY_DEFAULT, ANY, after(5)) is not None
    assert read_evidence(seen, READ_BY_DEFAULT, ANY, after(5.1)) is None


def test_the_earliest_evidence_is_the_one_that_counts() -> None:
    both = with_receipt(with_receipt(ALICE, SEEN, after(5)), ReceiptKind.REPLIED, after(3))
    found = read_evidence(both, READ_BY_DEFAULT, ANY)
    assert found is not None
    assert found.kind is ReceiptKind.REPLIED


@pytest.mark.parametrize(
    ("by", "recipients", "needed"),
    [
        (ANY, 0, 1),
        (ANY, 5, 1),
        (ALL, 0, 1),
        (ALL, 5, 5),
        (ReadBy(count=3), 5, 3),
        (ReadBy(count=3), 2, 2),
        (ReadBy(percent=50), 5, 3),
        (ReadBy(percent=50), 4, 2),
        (ReadBy(percent=0), 4, 1),
        (ReadBy(percent=100), 7, 7),
        (ReadBy(percent=7), 100, 7),
    ],
)
def test_how_many_must_read(by: ReadBy, recipients: int, needed: int) -> None:
    assert by.needed(recipients) == needed


def test_nobody_is_never_enough() -> None:
    assert not is_read([], READ_BY_DEFAULT, ALL)
    assert not is_read([ALICE], READ_BY_DEFAULT, ReadBy(percent=0))
