"""Posts to Slack, finds again what was posted, and brings it up to date."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import (
    ROOT,
    CantTell,
    Capabilities,
    Ended,
    FollowResult,
    NotFound,
    Rejected,
    RetryLater,
    SendResult,
    Sent,
)
from channels.inbox import Inbox
from channels.message import Message
from channels.slack.answer import classify
from channels.slack.directory import Directory
from channels.slack.health import API, Health
from channels.slack.render import EVENT_TYPE, payload
from channels.slack.thread import Threads
from escalation.event import Outcome
from escalation.phrase import N_

log = structlog.get_logger(__name__)

CLOCKS_DIFFER = timedelta(seconds=60)
PAGE = 200
MOST_PAGES = 10


class SlackNotifier:
    """The way out to Slack."""

    name = "slack"
    capabilities = Capabilities(can_update=True, can_reconcile=True, concurrency=4)

    def __init__(
        self,
        client: AsyncWebClient,
        directory: Directory,
        inbox: Inbox,
        health: Health,
        before_close: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._directory = directory
        self._inbox = inbox
        self._health = health
        self._threads = Threads(client)
        self._before_close = before_close

    async def send(self, message: Message) -> SendResult:
        """Post the message, then its timeline into its thread. A thread that fails is made up for by an update. One
        whose room was told of its alert before goes under that message, and is shown in the room, too: the timeline
        goes on there."""
        try:
            channel = await self._directory.destination(message.address)
            members = await self._members(message)
            ref = await self._post(message, channel, members)
        except Exception as error:
            return self._fault(message, error)
        self._health.up(API)
        self._directory.posted(message.address, ref["channel"])
        if ROOT in ref:
            return Sent(ref)
        self._threads.started(ref)
        ref, _ = await self._threads.bring_up(message, ref)
        return Sent(ref)

    async def _post(self, message: Message, channel: str, members: list[str]) -> dict[str, str]:
        """By itself, too, where the message before is gone, or takes no replies: the ref."""
        order = {"unfurl_links": False, "unfurl_media": False, **payload(message, members)}
        if message.under:
            try:
                answer = await self._client.chat_postMessage(
                    channel=message.under["channel"], thread_ts=message.under["ts"], reply_broadcast=True, **order
                )
                # It is posted: whatever is missing in the answer must not make it look as if it were not.
                return _ref_of(str(answer["channel"]), {**(answer.get("message") or {}), "ts": answer["ts"]})
            except SlackApiError as error:
                if not isinstance(found := classify(error), Rejected):
                    raise
                log.info("A message in Slack can't go under the one before", key=message.key, reason=found.reason)
        answer = await self._client.chat_postMessage(channel=channel, **order)
        return _ref_of(str(answer["channel"]), {"ts": answer["ts"]})

    async def _members(self, message: Message) -> list[str]:
        """Member ids of those whom the step names; one who can't be found must not stop the message."""
        found = []
        for address in message.mentions:
            try:
                found.append(await self._directory.member(address))
            except Exception as error:
                reason = classify(error).reason
                log.warning("Somebody can't be mentioned in Slack", key=message.key, reason=reason)
        return found

    def _fault(self, message: Message, error: Exception) -> RetryLater | Rejected:
        found = classify(error)
        if isinstance(found, Rejected):
            self._directory.forget(message.address)
        elif found.is_channel_wide and found.after is None:
            self._health.down(API, found.reason)
        return found

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Look for the key in the conversation's messages since then (metadata is kept with them). Only the bot's own
        messages count: another app could write the same metadata."""
        try:
            channel = await self._conversation(message.address)
            if channel is None:
                return NotFound()
            own = (await self._directory.identity()).bot
            under = await self._find_under(message, own, since - CLOCKS_DIFFER)
            found = under or await self._find(channel, message.mark, own, since - CLOCKS_DIFFER)
        except Exception as error:
            fault = self._fault(message, error)
            return CantTell(fault.reason, is_final=isinstance(fault, Rejected))
        return found if isinstance(found, NotFound | CantTell) else Sent(_ref_of(channel, found))

    async def _conversation(self, address: str) -> str | None:
        """The conversation's id. What was sent to a room before tells it without a walk through all rooms."""
        if address.startswith("#"):
            known = await self._inbox.refs_to("slack", address)
            if known and known[-1].get("channel"):
                return known[-1]["channel"]
        return await self._directory.conversation(address)

    async def _find_under(self, message: Message, own: str, oldest: datetime) -> Mapping[str, Any] | None:
        """Among the replies to the message before, if it is there. All that was shown in the room is in its history,
        too: that is asked then."""
        if not message.under:
            return None
        try:
            async for posted in self._threads.replies(message.under, oldest):
                if _is(posted, message.mark, own):
                    return posted
        except SlackApiError as error:
            if not isinstance(classify(error), Rejected):
                raise
        return None

    async def _find(
        self, channel: str, key: str, own: str, oldest: datetime
    ) -> Mapping[str, Any] | NotFound | CantTell:
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            answer = await self._client.conversations_history(
                channel=channel,
                oldest=f"{oldest.timestamp():.6f}",
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
            for posted in answer["messages"]:
                if _is(posted, key, own):
                    return dict(posted)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return NotFound()
        return CantTell(N_("too much was written in the channel since"), is_final=True)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """Show the message as it is now, and add what happened to its thread. May be repeated after any fault."""
        try:
            members = await self._members(message)
            await self._client.chat_update(channel=ref["channel"], ts=ref["ts"], **payload(message, members))
        except Exception as error:
            return self._fault(message, error)
        if ROOT in ref:
            return Sent(ref)
        kept, fault = await self._threads.bring_up(message, ref)
        # A thread that takes no replies (locked, forbidden) is no reason to change the message again and again.
        return fault if isinstance(fault, RetryLater) else Sent(kept)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        """A posted message is final."""
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        """Finish answering the presses that came in, and close the connections."""
        await self._before_close()
        if self._client.session is not None:
            await self._client.session.close()


def _ref_of(channel: str, posted: Mapping[str, Any]) -> dict[str, str]:
    """The ref of a posted message: with what it is a reply to, if it is one."""
    ts, root = str(posted["ts"]), str(posted.get("thread_ts") or "")
    return {"channel": channel, "ts": ts, "lines": "0", **({ROOT: root} if root not in ("", ts) else {})}


def _is(posted: Mapping[str, Any], key: str, own: str) -> bool:
    """Whether this is the bot's own message with this key."""
    return _key_of(posted) == key and (not own or posted.get("bot_id") == own)


def _key_of(posted: Mapping[str, Any]) -> str | None:
    metadata = posted.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None
