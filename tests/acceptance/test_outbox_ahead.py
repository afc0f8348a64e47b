"""Stories of a quick channel: the lane takes up many at once, sends few at once, and puts back what waits too long."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chatops.order import Order, carry_out
from bot.delivery import FRESH, MOST_TURN, Delivery
from bot.language import Words
from bot.outbox import Lane
from channels.base import MAIL, Capabilities, SendResult
from channels.message import Message, Verb
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


def in_hand(stage: Stage) -> int:
    """How many rows are being worked on."""
    return sum(len(lane._busy) for lane in stage.app.outbox.lanes.values())
