"""The process is killed at every step of the story and started again; the story still ends as it must: no mail lost, no
notification lost, none twice where the provider can be asked."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from escalation.alert import Alert, AlertStatus
from tests.acceptance.process import PHONE, Outside, Process, mailbox, outside, place_of
from tests.fakes.discord import ROOM

PASSWORD = "password"
CHANNELS = ("slack", "discord", "phone")
FAILPOINTS = [
    "intake.committed",
    "engine.saved",
    *(f"engine.committed:{nth}" for nth in (1, 3, 5, 8)),
    *(f"outbox.claimed:{nth}" for nth in (1, 2, 3)),
    *(f"outbox.{moment}.{channel}" for moment in ("before", "after", "settling") for channel in CHANNELS),
]


@pytest.fixture
async def imap() -> AsyncIterator[EmbeddedImap]:
    async with mailbox(PASSWORD) as one:
        yield one


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(tmp_path) as one:
        yield one


def configured(world: Outside, imap: EmbeddedImap) -> Path:
    return world.configure(place_of(imap), chat="0s")


async def saved(world: Outside) -> list[Alert]:
    """Every alert in the bot's database, read beside it."""
    async with world.stored() as tx:
        return await tx.list_alerts(statuses=None, limit=10)


async def ends_well(world: Outside, process: Process) -> None:
    """Slack, Discord and the phone were told, once each; the digit is pressed, and it is one alert."""
    await process.says("Connected", lambda line: line["name"].startswith("imap:"))
    await world.slack.message("urgent")
    await world.discord.until(lambda: bool(world.discord.in_channel()))
    phone = await world.twilio.called()
    await phone.ring()
    talk = asyncio.create_task(phone.pick_up())
    await phone.listening()
    digit = phone.ack_digit
    phone.press(digit)
    await talk
    await world.slack.message("Taken by Alice")
    await world.discord.until(lambda: "Taken by Alice" in world.discord.in_channel()[0].embed["title"])

    [alert] = await saved(world)
    assert (alert.status, alert.taken_by) == (AlertStatus.ACKNOWLEDGED, ("alice",))
    assert [one.shown for one in world.slack.messages if one.is_in_room] == [(await world.slack.message()).shown]
    assert len(world.discord.in_channel(ROOM)) == 1
    assert [one.order["To"] for one in world.twilio.phones] == [PHONE]


@pytest.mark.parametrize("failpoint", FAILPOINTS)
async def test_killed_at_a_failpoint(world: Outside, imap: EmbeddedImap, failpoint: str) -> None:
    config = configured(world, imap)
    await imap.append("alice", mail_of("【緊急】 urgent", "alice@team.example"))
    async with Process(config, PASSWORD, failpoint) as first, Process(config, PASSWORD, is_on_hold=True) as second:
        assert await first.dies() == -9
        second.go()
        await ends_well(world, second)


@pytest.mark.parametrize("seed", range(3))
async def test_killed_at_random(world: Outside, imap: EmbeddedImap, seed: int) -> None:
    """Killed after some number of log lines, whatever it is doing then; twice."""
    rules = random.Random(seed)
    config = configured(world, imap)
    await imap.append("alice", mail_of("【緊急】 urgent", "alice@team.example"))
    async with Process(config, PASSWORD) as first, Process(config, PASSWORD, is_on_hold=True) as second:
        for process in (first, second):
            process.go()
            await process.says_lines(rules.randint(3, 8))
            process.kill()
            assert await process.dies() == -9
    async with Process(config, PASSWORD) as third:
        await ends_well(world, third)
