"""Outages of Slack and Discord through their own client libraries, against servers on loopback."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.health import Board, State
from bot.inbox import BotInbox
from channels.base import Channel
from channels.discord.channel import build as build_discord
from channels.discord.config import DiscordSettings
from channels.slack.channel import build as build_slack
from channels.slack.config import SlackSettings
from tests.acceptance.stage import Stage, mail, on_stage
from tests.fakes import discord as fake_discord
from tests.fakes import slack_world
from tests.fakes.discord import FakeDiscord
from tests.fakes.services import running
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import Refusal

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PATIENCE = 20.0
ALICE, BOB = ("phone", "+81312345678"), ("phone", "+81387654321")
ADMIN = ("mail", "admin@team.example")
HALF_AN_HOUR = Refusal("ratelimited", 429, {"Retry-After": "1800"})


class Watching:
    """Waits for what a board hears."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._heard = asyncio.Event()
        board.listeners.append(self._hear)

    def _hear(self, name: str, state: State) -> None:
        self._heard.set()

    async def until(self, name: str, is_up: bool) -> None:
        async with asyncio.timeout(PATIENCE):
            while (state := self.board.states.get(name)) is None or state.is_up is not is_up:
                self._heard.clear()
                await self._heard.wait()


def slack_of(slack: FakeSlack, inbox: BotInbox, board: Board) -> Channel:
    tokens = {"bot_token": slack_world.BOT_TOKEN, "app_token": slack_world.APP_TOKEN}
    settings = SlackSettings.model_validate({"api_url": slack.url, "timeout": 2 * SECOND} | tokens)
    return build_slack(settings, inbox, board.clock.now, board.heard)


def discord_of(discord: FakeDiscord, inbox: BotInbox, board: Board) -> Channel:
    settings = DiscordSettings(bot_token=SecretStr(fake_discord.TOKEN), api_url=discord.url, timeout=2 * SECOND)
    return build_discord(settings, inbox, board.clock.now, board.heard)


@asynccontextmanager
async def with_slack(folder: Path) -> AsyncIterator[tuple[Stage, FakeSlack]]:
    async with (
        FakeSlack() as slack,
        on_stage(folder, "failover.yaml", real=lambda inbox, board: [slack_of(slack, inbox, board)]) as stage,
    ):
        yield stage, slack


@asynccontextmanager
async def with_discord(folder: Path) -> AsyncIterator[tuple[Stage, FakeDiscord, Watching]]:
    """Its gateway is connected."""
    async with FakeDiscord() as discord:

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            return [discord_of(discord, inbox, board)]

        async with on_stage(folder, "failover.yaml", real=real) as stage:
            watching = Watching(stage.app.board)
            services = [service for one in stage.app.channels for service in one.services]
            async with running(services):
                await watching.until("discord", True)
                yield stage, discord, watching


def posts(slack: FakeSlack) -> list[str]:
    return [one["channel"] for one in slack.called("chat.postMessage")]


async def test_slack_asks_for_half_an_hour_and_the_phone_rings_at_once(tmp_path: Path) -> None:
    async with with_slack(tmp_path) as (stage, slack):
        slack.refuse("chat.postMessage", HALF_AN_HOUR)
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(5 * MINUTE)
        assert ALICE in stage.told(), "ten minutes after the mail as planned: at five because of the outage"
        assert len(posts(slack)) == 1
        await stage.passes(29 * MINUTE)
        assert len(posts(slack)) == 1, "nothing is tried before Slack wants it"


async def test_who_hears_alarms_in_slack_alone_hears_of_its_outage_by_mail(tmp_path: Path) -> None:
    async with with_slack(tmp_path) as (stage, slack):
        slack.refuse("chat.postMessage", HALF_AN_HOUR)
        await stage.arrives(mail("【緊急】 down", "a@x"))
        await stage.passes(5 * MINUTE)
        [said] = stage.mail.sent
        assert said.address == "admin@team.example"
        assert said.title == (
            "Messages don't get through: Slack (Slack's rate limit). Steps that wait there come forward at once."
        )


async def test_when_slack_is_back_its_room_is_told_once_what_it_missed(tmp_path: Path) -> None:
    async with with_slack(tmp_path) as (stage, slack):
        slack.refuse("chat.postMessage", *[HALF_AN_HOUR] * 4)
        for number in range(3):
            await stage.arrives(mail(f"【緊急】 down {number}", f"{number}@x"))
        await stage.passes(34 * MINUTE)
        slack.refusals.clear()
        await stage.passes(3 * MINUTE)
        assert stage.app.failover.watches["slack"].told is None
        shown = [one.shown for one in slack.messages if one.channel == slack_world.OPS and one.is_in_room]
        assert len(shown) == 1
        assert "Slack was out of order since 02:05. 3 alerts were not told here, but elsewhere." in shown[0]


async def test_discord_s_gateway_is_dead_and_its_messages_still_leave(tmp_path: Path) -> None:
    async with with_discord(tmp_path) as (stage, discord, watching):
        await discord.lose_gateway()
        await watching.until("discord", False)
        await stage.arrives(mail("DISCORD down", "a@x"))
        await stage.passes(2 * MINUTE)
        [lost] = stage.slack.sent
        assert lost.title == (
            "Buttons and commands don't work now: Discord (the gateway connection was lost). Messages still go out."
        )
        stage.told()
        await stage.passes(3 * MINUTE)
        assert len(discord.in_channel()) == 1
        assert stage.told() == [], "no step comes forward"
        discord.is_gateway_gone = False
        await watching.until("discord", True)
        await stage.passes(2 * MINUTE)
        [back] = stage.slack.sent
        assert back.title == "Buttons and commands work again: Discord."
        await stage.passes(3 * MINUTE)
        assert stage.told() == [("slack", "U0ALICE"), ALICE], "the phone rings when it should"


async def test_rest_dies_after_the_gateway_and_both_are_over_at_once(tmp_path: Path) -> None:
    """The lost buttons are a part of the greater trouble then: one message says that all is over."""
    async with with_discord(tmp_path) as (stage, discord, watching):
        await discord.lose_gateway()
        await watching.until("discord", False)
        await stage.passes(2 * MINUTE)
        discord.refusals.extend([fake_discord.Refusal(503)] * 1000)
        await stage.arrives(mail("DISCORD down", "a@x"))
        await stage.passes(5 * MINUTE + 31 * SECOND)
        assert [one.title.partition(":")[0] for one in stage.slack.sent] == [
            "Buttons and commands don't work now",
            "Messages don't get through",
        ]
        stage.told()
        discord.refusals.clear()
        discord.is_gateway_gone = False
        await watching.until("discord", True)
        for _ in range(3):
            await stage.passes(MINUTE)
        assert [one.title for one in stage.slack.sent] == ["Kidoku reaches Discord again."]


async def test_discord_s_gateway_and_its_rest_are_dead(tmp_path: Path) -> None:
    async with with_discord(tmp_path) as (stage, discord, watching):
        await stage.arrives(mail("DISCORD down", "a@x"))
        await stage.passes(4 * MINUTE + 59 * SECOND)
        await discord.lose_gateway()
        await watching.until("discord", False)
        discord.refusals.extend([fake_discord.Refusal(503)] * 1000)
        await stage.passes(31 * SECOND)
        assert ALICE in stage.told(), "five minutes early"
        for _ in range(5):
            await stage.passes(MINUTE)
        assert [one.title for one in stage.slack.sent] == [], "that the buttons are dead, too, is no news"
        discord.refusals.clear()
        discord.is_gateway_gone = False
        await watching.until("discord", True)
        stage.told()
        for _ in range(3):
            await stage.passes(MINUTE)
        assert [one.title for one in stage.slack.sent] == ["Kidoku reaches Discord again."]
        [account] = discord.in_channel()
        assert account.embed["title"].startswith("Discord was out of order")


async def test_buttons_that_are_still_lost_after_the_greater_trouble_are_told_of_again(tmp_path: Path) -> None:
    async with with_discord(tmp_path) as (stage, discord, watching):
        await discord.lose_gateway()
        await watching.until("discord", False)
        await stage.passes(2 * MINUTE)
        discord.refusals.extend([fake_discord.Refusal(503)] * 1000)
        await stage.arrives(mail("DISCORD down", "a@x"))
        await stage.passes(5 * MINUTE + 31 * SECOND)
        gauge = stage.app.metrics.registry.get_sample_value
        assert gauge("kidoku_answers_outage", {"channel": "discord"}) == 0, "a part of the greater trouble"
        stage.told()
        discord.refusals.clear()
        for _ in range(3):
            await stage.passes(MINUTE)
        assert [one.title.partition(":")[0] for one in stage.slack.sent] == [
            "Kidoku reaches Discord again.",
            "Buttons and commands don't work now",
        ]
        stage.told()
