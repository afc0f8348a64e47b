"""Posts to Discord, finds again what was posted, and brings it up to date."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import discord
import structlog

from channels.base import ROOT, CantTell, Capabilities, Ended, FollowResult, NotFound, Rejected, SendResult, Sent
from channels.discord.answer import classify
from channels.discord.api import Connection
from channels.discord.render import embed, nonce_of, pings, thread_name, timeline, view
from channels.message import Message
from escalation.event import Outcome

log = structlog.get_logger(__name__)

CLOCKS_DIFFER = timedelta(seconds=60)
MOST_READ = 300


class DiscordNotifier:
    """The way out to Discord."""

    name = "discord"
    capabilities = Capabilities(can_update=True, can_reconcile=True, concurrency=4)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seconds = connection.settings.timeout.total_seconds()

    async def send(self, message: Message) -> SendResult:
        """Post the message; its timeline goes into a thread of its own. Where the room was told of its alert before, it
        replies to that message, and the timeline goes on there. The nonce makes a repeat within minutes the
        same message (enforce_nonce)."""
        try:
            async with asyncio.timeout(self._seconds):
                target = await self._target(message)
                content, allowed = pings(message)
                posted = await target.send(
                    content,
                    embed=embed(message),
                    view=view(message),
                    allowed_mentions=allowed,
                    nonce=message.nonce,
                    **_reply_to(message),
                )
        except Exception as error:
            return classify(error)
        return Sent(await self._with_timeline(message, _ref_of(posted, target.id)))

    async def _target(self, message: Message) -> discord.PartialMessageable:
        """Where to: a room's channel, or the direct messages with a person."""
        client = await self._connection.log_in()
        if not message.is_direct:
            return client.get_partial_messageable(int(message.address))
        channel = await client.http.start_private_message(int(message.address))
        return client.get_partial_messageable(int(channel["id"]))

    async def _with_timeline(self, message: Message, ref: Mapping[str, str]) -> dict[str, str]:
        """Put the lines that the thread lacks into it. What fails is made up for by an update; the nonce makes the same
        lines within minutes the same message, where their answer was lost."""
        kept, posted = dict(ref), int(ref.get("lines", "0"))
        if message.is_direct or ROOT in ref or len(message.timeline) <= posted:
            return kept
        try:
            async with asyncio.timeout(self._seconds):
                thread = await self._thread(message, ref)
                kept["thread"] = str(thread.id)
                none = discord.AllowedMentions.none()
                for count, text in timeline(message.timeline, posted):
                    nonce = nonce_of(message.key, text)
                    await thread.send(text, allowed_mentions=none, suppress_embeds=True, nonce=nonce)
                    kept["lines"] = str(count)
        except Exception as error:
            log.warning("A thread in Discord could not be continued", key=message.key, reason=classify(error).reason)
        return kept

    async def _thread(self, message: Message, ref: Mapping[str, str]) -> discord.PartialMessageable:
        client = await self._connection.log_in()
        if "thread" in ref:
            return client.get_partial_messageable(int(ref["thread"]))
        try:
            # The library's own call wants to know the server of the message, and so the gateway's cache.
            await client.http.start_thread_with_message(
                int(ref["channel"]), int(ref["message"]), name=thread_name(message), auto_archive_duration=1440
            )
        except discord.HTTPException as error:
            # 160004: the thread was made already, and the answer was lost. It has the message's own id.
            if error.code != 160004:
                raise
        return client.get_partial_messageable(int(ref["message"]))

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Look for the mark in the footers of the bot's newest messages there."""
        try:
            async with asyncio.timeout(self._seconds):
                target = await self._target(message)
                async for posted in target.history(limit=MOST_READ, after=since - CLOCKS_DIFFER, oldest_first=True):
                    if _key_of(posted) == message.mark:
                        return Sent(_ref_of(posted, target.id))
        except Exception as error:
            fault = classify(error)
            return CantTell(fault.reason, is_final=isinstance(fault, Rejected))
        return NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """Show the message as it is now, and add what happened to its thread."""
        try:
            async with asyncio.timeout(self._seconds):
                client = await self._connection.log_in()
                channel = client.get_partial_messageable(int(ref["channel"]))
                none = discord.AllowedMentions.none()
                await channel.get_partial_message(int(ref["message"])).edit(
                    embed=embed(message), view=view(message), allowed_mentions=none
                )
        except Exception as error:
            return classify(error)
        return Sent(await self._with_timeline(message, ref))

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        """A posted message is final."""
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        await self._connection.close()


def _reply_to(message: Message) -> dict[str, Any]:
    """It is posted even if the message before is gone
    (https://docs.discord.com/developers/resources/message#message-reference-structure)."""
    if not message.under:
        return {}
    id, channel = int(message.under["message"]), int(message.under["channel"])
    reference = discord.MessageReference(message_id=id, channel_id=channel, fail_if_not_exists=False)
    return {"reference": reference, "mention_author": False}


def _ref_of(posted: discord.Message, channel: int) -> dict[str, str]:
    """The ref of a posted message: with what it is a reply to, if that is there."""
    ref, answered = {"channel": str(channel), "message": str(posted.id)}, posted.reference
    if (
        answered is None
        or answered.message_id is None
        or isinstance(answered.resolved, discord.DeletedReferencedMessage)
    ):
        return ref
    return {**ref, ROOT: str(answered.message_id)}


def _key_of(posted: discord.Message) -> str:
    footers = [one.footer.text or "" for one in posted.embeds]
    return footers[0].rsplit("· ", 1)[-1] if footers else ""
