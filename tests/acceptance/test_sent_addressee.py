"""Whose receipt it is: a genuine stamp may bring word of its recipient under another address, or of somebody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_sent import GUEST, kinds, letters, sends
from tests.acceptance.test_sent_receipts import DSN, MDN, comes, dsn

MODE = "manual-action/MDN-sent-manually"
BOB = "bob@team.example"
STRANGER = "stranger@evil.example"


def final(address: str) -> str:
    return f"Final-Recipient: rfc822; {address}"


def original(address: str) -> str:
    return f"Original-Recipient: rfc822; {address}\n"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


def forged(stage: Stage, kind: str) -> bool:
    counted = generate_latest(stage.app.metrics.registry).decode()
    return f'kidoku_receipts_total{{kind="{kind}",verdict="wrong_recipient"}} 1.0' in counted


@pytest.mark.parametrize(
    ("named", "sender", "counts"),
    [
        (final(BOB), BOB, True),
        (final("Bob@Team.Example"), BOB, True),
        (final("bob@home.example"), "bob@home.example", True),
        (final("b.yamada@team.example"), "b.yamada@team.example", True),
        (final("bob@mbox3.team.example"), "bob@mbox3.team.example", True),
        (original(BOB) + final("bob1970@freemail.example"), "bob1970@freemail.example", True),
        (original("Bob Yamada") + final(BOB), BOB, True),
        (final("Bob Yamada"), BOB, True),
        (final("Bob Yamada"), STRANGER, False),
        (final(STRANGER), STRANGER, False),
        (final(STRANGER), BOB, False),
        (original(STRANGER) + final(STRANGER), BOB, False),
        (final("carol@notteam.example"), BOB, False),
        (final("admin@team.example"), "admin@team.example", False),
        (final("alice@team.example"), BOB, False),
    ],
)
async def test_an_mdn_counts_only_for_whom_it_names(stage: Stage, named: str, sender: str, counts: bool) -> None:
    await sends(stage, "alice", "bob")
    await comes(stage, MDN, named=named, sender=sender, message_id=letters(stage)[1].message_id, mode=MODE)
    assert (ReceiptKind.DISPLAYED in await kinds(stage, "bob")) is counts
    assert ReceiptKind.DISPLAYED not in await kinds(stage, "alice")
    assert forged(stage, "mdn") is not counts


@pytest.mark.parametrize("address", ["guest.suzuki@partner.example", "guest@forwarded.example"])
async def test_a_dsn_at_the_recipients_own_bounce_address_is_theirs_whatever_became_of_the_address(
    stage: Stage, address: str
) -> None:
    await sends(stage, "alice", GUEST)
    await comes(stage, DSN, **dsn(letters(stage)[1], address))
    assert ReceiptKind.FAILED in await kinds(stage, GUEST)
    assert ReceiptKind.FAILED not in await kinds(stage, "alice")


@pytest.mark.parametrize("first", [GUEST, "guest@one.example"])
async def test_of_two_groups_for_one_recipient_a_failure_is_not_hidden_by_a_delivery(stage: Stage, first: str) -> None:
    await sends(stage, "alice", GUEST)
    group = (
        f"Final-Recipient: rfc822; {first}\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; {{recipient}}"
    )
    both = DSN.replace("Final-Recipient: rfc822; {recipient}", group)
    second = GUEST if first == GUEST else "guest@two.example"
    await comes(stage, both, **dsn(letters(stage)[1], second))
    assert {ReceiptKind.DELIVERED, ReceiptKind.FAILED} <= await kinds(stage, GUEST)
