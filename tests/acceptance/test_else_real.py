"""What Slack refuses for good goes to the step's ``else`` at once, in words that say what to do."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.health import Board
from bot.inbox import BotInbox
from channels.base import Channel
from tests.acceptance.stage import mail, on_stage
from tests.acceptance.test_failover_real import discord_of, slack_of
from tests.fakes.discord import ROOM, FakeDiscord
from tests.fakes.discord import Refusal as DiscordRefusal
from tests.fakes.slack import FakeSlack

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("channel_not_found", "invite it with /invite"),
        ("not_in_channel", "invite it with /invite"),
        ("is_archived", "the channel is archived"),
        ("token_revoked", "install the app again"),
        ("missing_scope", "config/slack-manifest.yaml"),
    ],
)
async def test_what_slack_refuses_is_posted_in_discord_at_once(tmp_path: Path, code: str, words: str) -> None:
    async with FakeSlack() as slack, FakeDiscord() as discord:

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            return [slack_of(slack, inbox, board), discord_of(discord, inbox, board)]

        slack.refuse_always("chat.postMessage", code)
        async with on_stage(tmp_path, "stage.yaml", real=real) as stage:
            await stage.arrives(mail("FALLBACK disk full", "a@x"))
            await stage.passes(5 * MINUTE)
            assert len(slack.called("chat.postMessage")) == 1, "what is refused for good is not tried again"
            [posted] = discord.in_channel(ROOM)
            assert "disk full" in posted.embed["title"]
            async with stage.app.store.reading() as tx:
                [refused] = [one for one in await tx.notifications_of(1) if one.channel == "slack"]
            assert words in refused.detail


async def test_what_both_refuse_brings_the_next_step(tmp_path: Path) -> None:
    async with FakeSlack() as slack, FakeDiscord() as discord:

        def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            return [slack_of(slack, inbox, board), discord_of(discord, inbox, board)]

        slack.refuse_always("chat.postMessage", "is_archived")
        discord.refusals.append(DiscordRefusal(403, 50001, of="POST channels/"))
        async with on_stage(tmp_path, "stage.yaml", real=real) as stage:
            await stage.arrives(mail("FALLBACK disk full", "a@x"))
            await stage.passes(5 * MINUTE)
            assert discord.in_channel(ROOM) == []
            assert ("phone", "+81312345678") in stage.told()
