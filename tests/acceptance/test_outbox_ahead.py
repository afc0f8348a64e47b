"""Stories of a quick channel: the lane takes up many at once, sends few at once, and puts back what waits too long."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen

from bot.chatops.order import Order, carry_out
from bot.delivery import FRESH, MOST_TURN, Delivery
from bot.language import Words
from bot.outbox import Lane
from bot.outgoing import sent_mail
from bot.outgoing.sent_mail import CONSENTS_STAND_FOR, STANDS_FOR
from bot.store.record import Consent
from channels.base import MAIL, Capabilities, SendResult
from channels.message import Message, Verb
from escalation.event import ReceiptReported
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_sent import sends
from tests.fakes.channel import ScriptedChannel

MANY = 40
AT_ONCE = 2


class Quick(ScriptedChannel):
    """``gate`` holds every send; ``full`` is set when as many as may be are under way; ``most`` is how many were."""

    def __init__(self) -> None:
        super().__init__(MAIL, can_update=False)
        self.capabilities = Capabilities(concurrency=AT_ONCE, ahead=8)
        self.gate = asyncio.Event()
        self.gate.set()
        self.full = asyncio.Event()
        self.under_way = 0
        self.most = 0

    async def send(self, message: Message) -> SendResult:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        if self.under_way == AT_ONCE:
            self.full.set()
        await self.gate.wait()
        await asyncio.sleep(0)
        self.under_way -= 1
        return await super().send(message)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


@pytest.fixture
def quick(stage: Stage) -> Quick:
    channel, app = Quick(), stage.app
    app.outbox.lanes[MAIL] = Lane(Delivery(channel, app.engine, stage.clock, app.scribe.word, app.metrics, app.post))
    return channel


def guests(count: int) -> list[str]:
    return [f"guest{number}@partner.example" for number in range(count)]


async def test_each_gets_one_mail_and_never_more_leave_at_once_than_allowed(stage: Stage, quick: Quick) -> None:
    await sends(stage, *guests(MANY))
    assert sorted(message.address for message in quick.sent) == sorted(guests(MANY))
    assert quick.most == AT_ONCE
    assert quick.asked == []


async def test_a_channel_is_quick_once_it_has_shown_it(stage: Stage, quick: Quick) -> None:
    await sends(stage, "alice")
    quick.gate.clear()
    sending = asyncio.create_task(sends(stage, *guests(MANY)))
    await asyncio.wait_for(quick.full.wait(), 20)
    assert in_hand(stage) == AT_ONCE * 8
    quick.gate.set()
    await sending


async def test_what_waits_too_long_for_its_turn_is_put_back_and_leaves_once(stage: Stage, quick: Quick) -> None:
    await sends(stage, "alice")
    quick.sent.clear()
    quick.gate.clear()
    sending = asyncio.create_task(sends(stage, *guests(MANY)))
    await asyncio.wait_for(quick.full.wait(), 20)
    stage.clock.move_to(stage.clock.now() + MOST_TURN + timedelta(seconds=1))
    quick.gate.set()
    await sending
    assert len(quick.sent) < MANY
    await stage.passes(timedelta(seconds=5))
    assert sorted(message.address for message in quick.sent) == sorted(guests(MANY))
    assert quick.asked == []


async def test_a_mail_that_is_recalled_while_it_waits_for_its_turn_does_not_leave(stage: Stage, quick: Quick) -> None:
    await sends(stage, "alice")
    quick.sent.clear()
    quick.gate.clear()
    sending = asyncio.create_task(sends(stage, *guests(MANY)))
    await asyncio.wait_for(quick.full.wait(), 20)
    order = Order(Verb.RECALL, 2, "bob", "cli")
    await stage.app.engine.submit(lambda desk: carry_out(desk, order, "UTC", Words("en", "UTC")))
    stage.clock.move_to(stage.clock.now() + 2 * FRESH)
    quick.gate.set()
    await sending
    assert len(quick.sent) == AT_ONCE


@pytest.fixture
def reads(stage: Stage) -> list[str]:
    """Every time that the store is asked what a mail says."""
    found: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("SELECT outgoing_mail"):
            found.append(statement)

    listen(stage.app.store.engines.reader.sync_engine, "before_cursor_execute", count)
    return found


async def test_a_mail_to_many_is_read_once_for_all(stage: Stage, quick: Quick, reads: list[str]) -> None:
    await sends(stage, *guests(MANY))
    assert len(quick.sent) == MANY
    assert len(reads) == 1


async def test_what_a_mail_says_is_not_held_for_long(
    stage: Stage, quick: Quick, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_mail, "HELD_S", 0.0)
    id = await sends(stage, *guests(2))
    await asyncio.sleep(0)
    async with stage.app.store.reading() as tx:
        one, *_ = await tx.notifications_of(id)
    before = len(reads)
    message, _ = await stage.app.scribe.word(one)
    assert message is not None and message.letter is not None and "Line A-1" in message.letter.text
    assert len(reads) == before + 1


async def test_what_was_read_of_a_mail_is_soon_read_again(stage: Stage, quick: Quick) -> None:
    id = await sends(stage, *guests(2))
    async with stage.app.store.reading() as tx:
        one, other = await tx.notifications_of(id)
    for wait, is_read in ((timedelta(0), False), (STANDS_FOR + timedelta(milliseconds=1), True)):
        await stage.app.scribe.word(one)
        await confirms(stage, id, other.address)
        stage.clock.move_to(stage.clock.now() + wait)
        _, alert = await stage.app.scribe.word(other)
        recipient = alert.recipient(other.address) if alert else None
        assert recipient is not None and recipient.has(ReceiptKind.CONFIRMED) is is_read


async def test_what_is_decided_is_worded_from_what_stands_since_then(stage: Stage, quick: Quick) -> None:
    """A reminder must not be dropped for how the alert stood before it was decided."""
    id = await sends(stage, *guests(2))
    async with stage.app.store.reading() as tx:
        one, other = await tx.notifications_of(id)
    await stage.app.scribe.word(one)
    stage.clock.move_to(stage.clock.now() + STANDS_FOR / 10)
    await confirms(stage, id, other.address)
    _, alert = await stage.app.scribe.word(other._replace(claimed_at=stage.clock.now()))
    recipient = alert.recipient(other.address) if alert else None
    assert recipient is not None and recipient.has(ReceiptKind.CONFIRMED)


async def confirms(stage: Stage, id: int, recipient: str) -> None:
    receipt = ReceiptReported(recipient, ReceiptKind.CONFIRMED, stage.clock.now(), "web")
    await stage.app.engine.submit(lambda desk: desk.feed(id, receipt))


async def test_whoever_declines_is_soon_heard(stage: Stage, quick: Quick) -> None:
    id = await sends(stage, *guests(2))
    async with stage.app.store.reading() as tx:
        one, other = await tx.notifications_of(id)
    await stage.app.scribe.word(one)
    async with stage.app.store.transaction() as tx:
        await tx.put_declined(Consent(subject=other.address, declined_at=stage.clock.now(), has_declined_receipts=True))
    for wait, is_heard in ((STANDS_FOR, False), (CONSENTS_STAND_FOR, True)):
        stage.clock.move_to(stage.clock.now() + wait + timedelta(milliseconds=1))
        message, _ = await stage.app.scribe.word(other)
        assert message is not None and message.letter is not None
        assert bool(message.letter.receipt_to) is not is_heard


def in_hand(stage: Stage) -> int:
    """How many rows are being worked on."""
    return sum(len(lane._sending) for lane in stage.app.outbox.lanes.values())
