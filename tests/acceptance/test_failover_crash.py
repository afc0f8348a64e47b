"""The process is killed while an outage of Slack brings steps forward, and started again: each came forward once, and
the outage was told once."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from bot.store.record import NotificationRow, NotificationState
from escalation.command import AlarmKind, Purpose
from escalation.decided import Event, RungFired
from escalation.event import DeliveryReported, Outcome
from tests.acceptance.process import Outside, Process, mailbox, outside, place_of
from tests.fakes.discord import ROOM
from tests.fakes.slack_world import Refusal

PASSWORD = "password"
MANY = 8
FAILPOINTS = [
    "failover.told",
    "failover.forward",
    "outbox.before.slack",
    "outbox.after.slack",
    "outbox.settling.slack:4",
    "engine.saved:4",
    "engine.committed:6",
]


@pytest.fixture
async def imap() -> AsyncIterator[EmbeddedImap]:
    async with mailbox(PASSWORD) as one:
        yield one


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(tmp_path) as one:
        yield one


async def saved(world: Outside) -> tuple[dict[int, list[Event]], list[NotificationRow]]:
    """Every alert's events, and what was ever put at the console, read beside the bot."""
    async with world.stored() as tx:
        alerts = await tx.list_alerts(statuses=None, limit=100)
        events = {one.id: [row.event for row in await tx.events(one.id)] for one in alerts}
        keys = (await tx.connection.exec_driver_sql("SELECT key FROM notification WHERE channel = 'console'")).all()
        return events, list((await tx.by_key([key for (key,) in keys])).values())


def told(found: tuple[dict[int, list[Event]], list[NotificationRow]]) -> list[str]:
    """The alarms that have left."""
    alarms = [row for row in found[1] if row.purpose == Purpose.ALARM and row.state is NotificationState.SENT]
    return [json.loads(row.text)["kind"] for row in alarms]


@pytest.mark.parametrize("failpoint", FAILPOINTS)
async def test_killed_in_an_outage(world: Outside, imap: EmbeddedImap, failpoint: str) -> None:
    config = world.configure(place_of(imap), after="300s", chat="1s")
    text = config.read_text("utf-8").replace("{after: 1s, via: discord", "{after: 200s, via: discord")
    config.write_text(text, "utf-8")
    world.slack.refuse("chat.postMessage", *[Refusal("ratelimited", 429, {"Retry-After": "1800"})] * 1000)
    for number in range(MANY):
        await imap.append("alice", mail_of(f"【緊急】 urgent {number}", "alice@team.example"))
    async with Process(config, PASSWORD, failpoint) as first, Process(config, PASSWORD, is_on_hold=True) as second:
        assert await first.dies() == -9
        second.go()
        await world.discord.until(lambda: len(world.discord.in_channel(ROOM)) >= MANY)
        if AlarmKind.OUTAGE not in told(await saved(world)):
            await second.says("Sent", lambda line: line["channel"] == "console" and line["purpose"] == "alarm")
        assert await second.stop() == 0
    events, console = await saved(world)
    assert len(events) == MANY
    for one in events.values():
        assert [event.step for event in one if isinstance(event, RungFired)] == [0, 1]
        assert sum(isinstance(event, DeliveryReported) and event.outcome is Outcome.STALLED for event in one) == 1
    assert len(world.discord.in_channel(ROOM)) == MANY
    assert told((events, console)).count(AlarmKind.OUTAGE) == 1
