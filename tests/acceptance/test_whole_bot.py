"""The whole bot as an administrator runs it: a process, a real Dovecot, the real client libraries on the wire."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.demo.mail import mail_of
from tests.acceptance.process import PHONE, Outside, Process, outside
from tests.fakes.dovecot import PASSWORD, Dovecot, running
from tests.fakes.slack_world import STRANGER

pytestmark = pytest.mark.real


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with running() as server:
        yield server


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(tmp_path) as one:
        yield one


def configured(world: Outside, dovecot: Dovecot, after: str = "1s", chat: str = "") -> Path:
    place = f"{{host: localhost, port: {dovecot.imaps}, username: alice, owner: alice, ca_file: {dovecot.certificate}}}"
    return world.configure(place, after, chat)


async def is_watching(process: Process) -> None:
    await process.says("Connected", lambda line: line["name"].startswith("imap:"))


def mail(subject: str) -> bytes:
    return mail_of(f"【緊急】 {subject}", "alice@team.example")


async def test_nobody_reads_the_phone_rings_the_digit_is_pressed_and_all_is_silent(
    world: Outside, dovecot: Dovecot
) -> None:
    async with Process(configured(world, dovecot), PASSWORD) as process:
        await is_watching(process)
        await asyncio.to_thread(dovecot.append, "alice", mail("down"))
        await world.slack.message("down")
        await world.discord.until(lambda: bool(world.discord.in_channel()))
        phone = await world.twilio.called()
        await phone.ring()
        talk = asyncio.create_task(phone.pick_up())
        await phone.listening()
        assert "Carrier NOC" in phone.said[0]
        phone.press(phone.ack_digit)
        await talk
        await world.slack.message("Taken by Alice")
        await world.discord.until(lambda: "Taken by Alice" in world.discord.in_channel()[0].embed["title"])

        [alert] = await process.ask("list")
        assert alert["taken_by"] == ["alice"]
        story = [line["text"] for line in await process.ask("why", str(alert["id"]))]
        assert any("Alice" in text for text in story)
        status = await process.ask("status", "down")
        assert [one["channel"] for one in status["notifications"]] == ["slack", "discord", "phone"]
        assert [one.order["To"] for one in world.twilio.phones] == [PHONE]
        assert await process.stop() == 0


async def test_a_mail_read_in_any_mail_program_stops_and_a_killed_dovecot_is_found_again(
    world: Outside, dovecot: Dovecot
) -> None:
    async with Process(configured(world, dovecot, "3s"), PASSWORD) as process:
        await is_watching(process)
        await asyncio.to_thread(dovecot.append, "alice", mail("first"))
        await process.says("Alert opened")
        await asyncio.to_thread(dovecot.kill)
        await asyncio.to_thread(dovecot.start)
        await world.slack.message("first")
        await asyncio.to_thread(dovecot.set_seen, "alice")
        await world.slack.message("Read by Alice")
        assert world.discord.in_channel() == []
        assert world.twilio.phones == []
        [alert] = await process.ask("list")
        assert (alert["status"], alert["read"]) == ("acknowledged", 1)


async def test_a_command_beside_the_bot_acknowledges(world: Outside, dovecot: Dovecot) -> None:
    """The phone is due long after: a machine that is slow to start a command must not make it ring."""
    async with Process(configured(world, dovecot, "5m", chat="2s"), PASSWORD) as process:
        await is_watching(process)
        await asyncio.to_thread(dovecot.append, "alice", mail("down"))
        await world.slack.message("down")
        answer = await process.ask("ack", "1", "--by", "alice")
        assert answer["status"] == "acknowledged"
        await world.slack.message("Taken by Alice")
        assert world.twilio.phones == []


async def test_a_button_in_slack_takes_the_alert_and_one_in_discord_another(world: Outside, dovecot: Dovecot) -> None:
    async with Process(configured(world, dovecot), PASSWORD) as process:
        await is_watching(process)
        await world.slack.until(lambda: bool(world.slack.sockets.open))
        await asyncio.to_thread(dovecot.append, "alice", mail("first"))
        posted = await world.slack.message("first")
        await world.slack.sockets.send(world.slack.press_of(posted, "kidoku:ack"), "e1")
        await world.slack.message("Taken by Alice")

        await world.discord.until(lambda: world.discord.identified == 1)
        before = len(world.discord.in_channel())
        await asyncio.to_thread(dovecot.append, "alice", mail("second"))
        await world.discord.until(lambda: len(world.discord.in_channel()) > before)
        await world.discord.press("kidoku:ack:2:")
        await world.discord.until(lambda: "Taken by Alice" in world.discord.in_channel()[-1].embed["title"])
        alerts = await process.ask("list")
        assert [(one["status"], one["taken_by"]) for one in alerts] == [("acknowledged", ["alice"])] * 2
        assert world.twilio.phones == []


async def test_a_press_by_a_stranger_changes_nothing(world: Outside, dovecot: Dovecot) -> None:
    async with Process(configured(world, dovecot), PASSWORD) as process:
        await is_watching(process)
        await world.slack.until(lambda: bool(world.slack.sockets.open))
        await asyncio.to_thread(dovecot.append, "alice", mail("down"))
        posted = await world.slack.message("down")
        await world.slack.sockets.send(world.slack.press_of(posted, "kidoku:ack", STRANGER), "e1")
        await process.says("A press by somebody unknown was refused")
        await world.discord.until(lambda: bool(world.discord.in_channel()))
        await world.twilio.called()


async def test_a_full_disk_is_told_past_the_store_and_the_story_goes_on_when_there_is_room(
    world: Outside, dovecot: Dovecot
) -> None:
    async with Process(configured(world, dovecot, "2s"), PASSWORD) as process:
        await is_watching(process)
        await asyncio.to_thread(dovecot.append, "alice", mail("down"))
        await process.says("Alert opened")
        process.fill_disk(True)
        await process.says("Nothing can be saved")
        await world.slack.until(lambda: bool(world.slack.messages))
        assert "full" in world.slack.messages[0].shown or "disk" in world.slack.messages[0].shown
        await asyncio.to_thread(dovecot.append, "alice", mail("while it is full"))
        process.fill_disk(False)
        await world.slack.message("down")
        await world.slack.message("while it is full")
        await world.discord.until(lambda: len(world.discord.in_channel()) == 2)
        await world.twilio.called()
        assert len(await process.ask("list")) == 2
        assert await process.stop() == 0


async def test_a_port_that_is_taken_is_said_and_ends_the_bot(world: Outside, dovecot: Dovecot) -> None:
    world.web = world.slack.port
    async with Process(configured(world, dovecot), PASSWORD) as process:
        assert await process.dies() == 1
        address = f"127.0.0.1:{world.web}"
        await process.says(
            f"Kidoku stopped: can't listen on {address} (another program listens there); set web.port to a free one\n"
        )


async def test_a_second_bot_on_one_database_is_refused_and_the_first_goes_on(world: Outside, dovecot: Dovecot) -> None:
    config = configured(world, dovecot)
    async with Process(config, PASSWORD) as first:
        await first.says("Kidoku is running")
        async with Process(config, PASSWORD) as second:
            assert await second.dies() == 1
            await second.says_lines(1)
            [said] = second.lines
            assert "a bot runs on it already (process" in said["event"]
        assert (await first.ask("list", "--json")) == []
        first.kill()
        await first.dies()
    async with Process(config, PASSWORD) as third:
        await third.says("Kidoku is running")
        assert await third.stop() == 0


async def test_it_starts_before_everything_else_and_says_how_it_is(world: Outside, dovecot: Dovecot) -> None:
    dovecot.stop()
    port = world.slack.port
    await world.slack.stop()
    config = configured(world, dovecot)
    async with Process(config, PASSWORD) as process:
        await process.says("Kidoku is running")
        await process.says("Connected", lambda line: line["name"] == "discord")
        status, body = await world.get("/readyz")
        assert status == 503
        assert not json.loads(body)["parts"]["imap:alice/INBOX"]["is_up"]
        assert (await world.get("/healthz"))[0] == 200
        await asyncio.to_thread(dovecot.start)
        await world.slack.start(port)
        await is_watching(process)
        await asyncio.to_thread(dovecot.append, "alice", mail("down"))
        await process.says("Sent", lambda line: (line["channel"], line["purpose"]) == ("slack", "step"))
        metrics = (await world.get("/metrics"))[1]
        assert 'kidoku_alerts{status="triggered"} 1.0' in metrics
        assert 'kidoku_up{name="imap:alice/INBOX"} 1.0' in metrics
        assert 'kidoku_lateness_seconds_count{channel="slack"} 1.0' in metrics
        assert await process.stop() == 0
