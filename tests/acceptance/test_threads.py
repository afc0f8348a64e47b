"""One thread for all that a room is told of an alert, through Slack's and Discord's own client libraries."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.health import Board
from bot.inbox import BotInbox
from channels.base import Channel
from escalation.event import Acknowledged
from tests.acceptance.stage import START, Stage, mail
from tests.acceptance.test_failover_real import discord_of, slack_of
from tests.fakes import discord as fake_discord
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import Posted, Refusal

MINUTE = timedelta(minutes=1)


@dataclass
class Rooms:
    """The bot, and what its two rooms show."""

    folder: Path
    slack: FakeSlack
    discord: FakeDiscord
    stage: Stage

    def real(self, inbox: BotInbox, board: Board) -> Sequence[Channel]:
        return [slack_of(self.slack, inbox, board), discord_of(self.discord, inbox, board)]

    async def restarts(self) -> None:
        at = self.stage.clock.now()
        await self.stage.close()
        self.stage = await Stage.open(self.folder, at, "threads.yaml", real=self.real)

    def in_slack(self) -> list[Posted]:
        return [one for one in self.slack.messages if one.is_in_room]

    def in_discord(self) -> list[fake_discord.Posted]:
        return self.discord.in_channel()


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    """A mail has come, and the first two steps have told the rooms."""
    async with opened(tmp_path) as one:
        await one.stage.arrives(mail("【緊急】 down", "a@x"))
        await one.stage.work()
        yield one


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Rooms]:
    async with FakeSlack() as slack, FakeDiscord() as discord:

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            return [slack_of(slack, inbox, board), discord_of(discord, inbox, board)]

        rooms = Rooms(folder, slack, discord, await Stage.open(folder, START, "threads.yaml", real=real))
        try:
            yield rooms
        finally:
            await rooms.stage.close()


async def test_every_step_is_seen_in_the_room_and_the_story_stands_in_one_thread(rooms: Rooms) -> None:
    await rooms.stage.passes(20 * MINUTE)
    first, *later = rooms.in_slack()
    assert [one.thread_ts for one in later] == [first.ts, first.ts]
    assert all(one.buttons for one in later)
    assert all(rooms.slack.thread(one) == [] for one in later)
    said = "\n".join(rooms.slack.thread(first))
    assert [said.count(f"Step {number}: Slack → #ops") for number in (1, 3, 5)] == [1, 1, 1]

    root, *replies = rooms.in_discord()
    assert [int(one.body["message_reference"]["message_id"]) for one in replies] == [root.id, root.id]
    assert rooms.discord.threads == {root.id}
    told = "\n".join(one.body["content"] for one in rooms.discord.in_channel(root.id))
    assert [told.count(f"Step {number}: Discord") for number in (2, 4, 6)] == [1, 1, 1]


async def test_what_is_taken_is_shown_as_taken_in_each_message(rooms: Rooms) -> None:
    await rooms.stage.passes(10 * MINUTE)
    await rooms.stage.app.engine.submit(lambda desk: desk.feed(1, Acknowledged("alice", "web")))
    await rooms.stage.work()
    assert ["Taken by Alice" in one.header for one in rooms.in_slack()] == [True, True]
    assert ["Taken by Alice" in one.embed["title"] for one in rooms.in_discord()] == [True, True]


async def test_after_a_restart_it_is_the_same_thread(rooms: Rooms) -> None:
    await rooms.restarts()
    await rooms.stage.passes(10 * MINUTE)
    first, later = rooms.in_slack()
    assert later.thread_ts == first.ts
    assert sum("Step 1: Slack" in line for line in "\n".join(rooms.slack.thread(first)).splitlines()) == 1
    assert rooms.discord.threads == {rooms.in_discord()[0].id}


@pytest.mark.parametrize("has_restarted", [False, True])
async def test_an_answer_that_was_lost_posts_nothing_twice(rooms: Rooms, has_restarted: bool) -> None:
    rooms.slack.refuse("chat.postMessage", Refusal(status=503, is_done=True))
    await rooms.stage.passes(10 * MINUTE)
    if has_restarted:
        await rooms.restarts()
    await rooms.stage.passes(2 * MINUTE)
    first, later = rooms.in_slack()
    assert later.thread_ts == first.ts
    async with rooms.stage.app.store.reading() as tx:
        refs = [one.ref for one in await tx.notifications_of(1) if one.channel == "slack"]
    assert [one.get("root") for one in refs] == [None, first.ts]


async def test_a_first_message_that_is_gone_takes_no_page_along(rooms: Rooms) -> None:
    """The next stands by itself, and what comes after it goes under that one."""
    rooms.slack.messages.clear()
    rooms.discord.messages.clear()
    await rooms.stage.passes(20 * MINUTE)
    second, third = rooms.in_slack()
    assert (second.thread_ts, third.thread_ts) == ("", second.ts)
    assert "Step 3: Slack" in "\n".join(rooms.slack.thread(second))
    reply, last = rooms.in_discord()
    assert int(last.body["message_reference"]["message_id"]) == reply.id
    assert reply.id in rooms.discord.threads


async def test_two_alerts_have_their_own_threads(rooms: Rooms) -> None:
    await rooms.stage.arrives(mail("【緊急】 another", "b@x"))
    await rooms.stage.passes(10 * MINUTE)
    one, other, *later = rooms.in_slack()
    assert {each.thread_ts for each in later} == {one.ts, other.ts}
