"""Somebody takes no direct messages in Discord: the else rings them at once, and the story says why."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.health import Board
from bot.inbox import BotInbox
from bot.store.record import NotificationState
from channels.base import Channel
from channels.discord.channel import build
from channels.discord.config import DiscordSettings
from escalation.command import Purpose
from tests.acceptance.stage import mail, on_stage
from tests.fakes.discord import TOKEN, FakeDiscord, Refusal

MINUTE = timedelta(minutes=1)
BOB = ("phone", "+81387654321")


async def test_a_closed_direct_message_brings_the_else_at_once(tmp_path: Path) -> None:
    """50007, "Cannot send messages to this user": https://docs.discord.com/developers/topics/opcodes-and-status-codes"""
    async with FakeDiscord() as discord:

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            settings = DiscordSettings(bot_token=SecretStr(TOKEN), api_url=discord.url)
            return [build(settings, inbox, inbox.reception.engine.clock.now, board.heard)]

        async with on_stage(tmp_path, "discord_direct.yaml", real=real) as stage:
            discord.refusals.append(Refusal(403, 50007))
            await stage.arrives(mail("[URGENT] link down", "a@x"))
            await stage.passes(5 * MINUTE)
            assert [one for one in stage.told() if one[0] == "phone"] == [BOB], "at the same instant, and once"
            assert discord.messages == {}
            async with stage.app.store.reading() as tx:
                rows = await tx.notifications_of(1)
            direct, call = sorted(rows, key=lambda one: one.key)
            assert (direct.channel, direct.state) == ("discord", NotificationState.REJECTED)
            assert (call.channel, call.purpose, call.due_at) == ("phone", Purpose.ELSE, direct.due_at)
            told = (await stage.types("why 1", "201000000000000000", "discord")).text
            assert "this person does not take direct messages from the bot (Discord 50007)" in told
            assert "phone → Bob" in told
            await stage.passes(10 * MINUTE)
            assert stage.told() == [], "the ladder goes on as it would have"
