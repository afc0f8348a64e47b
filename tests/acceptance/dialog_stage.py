"""The stage of the stories about dialogs: the whole bot, the real clients of Slack, Discord and mail, and their servers
on loopback."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.health import Board
from bot.inbox import BotInbox
from channels.base import Channel
from channels.discord import channel as discord_channel
from channels.discord.config import DiscordSettings
from channels.slack import channel as slack_channel
from channels.slack.config import SlackSettings
from channels.smtp import build as build_smtp
from tests.acceptance.stage import START, Stage, on_stage
from tests.fakes.discord import TOKEN, FakeDiscord
from tests.fakes.services import running
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import APP_TOKEN, BOT_TOKEN, TEAM, user
from tests.fakes.smtp_desk import settings_for
from tests.fakes.smtp_scripted import ScriptedSmtp

ALICE, BOB, STRANGER = "U0ALICE000", "U0BOB00000", "U0NOBODY"


@dataclass
class Outside:
    """The bot and what is outside of it."""

    stage: Stage
    slack: FakeSlack
    discord: FakeDiscord
    smtp: ScriptedSmtp

    async def command(self, text: str, who: str = ALICE) -> None:
        """Somebody types /kidoku in Slack."""
        trigger = f"c{len(self.slack.sockets.acks)}"
        await self.slack.sockets.send(self.slack.command_of(text, who, trigger), trigger)

    async def shortcut(self, text: str, who: str = ALICE) -> None:
        """Somebody chooses "Make this an urgent mail" on a message in Slack."""
        trigger = f"m{len(self.slack.sockets.acks)}"
        await self.slack.sockets.send(self.slack.shortcut_of(text, "kidoku_urgent_mail", who, trigger), trigger)

    async def submits(self, who: str = ALICE, /, **answers: str) -> dict[str, Any]:
        """They submit the view that they see; what it was acknowledged with."""
        return await self.slack.submits(who, **answers)

    async def sees(self, text: str) -> str:
        """Wait until the uppermost view in Slack shows a text; all that it shows."""
        await self.slack.until(lambda: text in self.seen)
        return self.seen

    @property
    def seen(self) -> str:
        return str(self.slack.stack[-1]) if self.slack.stack else ""

    def mailed(self) -> list[str]:
        """Whom the mail server took mail for."""
        return sorted(one.recipient.split("<")[1].split(">")[0] for one in self.smtp.mails)


@asynccontextmanager
async def outside(folder: Path, more: str = "", settings_file: str = "dialogs.yaml") -> AsyncIterator[Outside]:
    """``more`` are lines of the settings."""
    async with FakeSlack() as slack, FakeDiscord() as discord, ScriptedSmtp() as smtp:
        for id, name in ((ALICE, "alice"), (BOB, "bob"), (STRANGER, "nobody")):
            slack.users[id] = user(id, name, TEAM)
        built: list[Channel] = []

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            slack_settings = SlackSettings(
                bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN), api_url=slack.url
            )
            discord_settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=discord.url)
            now, hear = lambda: START, lambda *state: None
            built.append(slack_channel.build(slack_settings, inbox, now, hear))
            built.append(discord_channel.build(discord_settings, inbox, now, hear))
            built.append(build_smtp(settings_for(smtp.port), now, hear))
            return built

        async with on_stage(folder, settings_file, more, real) as stage:
            try:
                async with running(service for one in built for service in one.services):
                    await slack.until(lambda: len(slack.sockets.open) > 0)
                    await discord.until(lambda: discord.identified > 0)
                    yield Outside(stage, slack, discord, smtp)
            finally:
                for one in built:
                    if one.notifier is not None:
                        await one.notifier.close()
