"""Posts to Slack, finds again what was posted, and brings it up to date."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import (
    CantTell,
    Capabilities,
    Ended,
    FollowResult,
    HealthListener,
    Message,
    NotFound,
    Rejected,
    RetryLater,
    SendResult,
    Sent,
)
from channels.slack.answer import classify
from channels.slack.directory import Directory
from channels.slack.render import EVENT_TYPE, payload, timeline
from escalation.event import Outcome

log = structlog.get_logger(__name__)

CLOCKS_DIFFER = timedelta(seconds=60)
MOST_PAGES = 5


class SlackNotifier:
    """The way out to Slack."""

    name = "slack"
    capabilities = Capabilities(can_update=True, can_reconcile=True, concurrency=4)

    def __init__(self, client: AsyncWebClient, directory: Directory, on_health: HealthListener | None = None) -> None:
        self._client = client
        self._directory = directory
        self._on_health = on_health

    async def send(self, message: Message) -> SendResult:
        """Post the message, then its timeline into its thread. A thread that fails is made up for by an update."""
        try:
            channel = await self._directory.destination(message.address)
            mentions = await self._mentions(message)
            answer = await self._client.chat_postMessage(
                channel=channel, unfurl_links=False, unfurl_media=False, **payload(message, mentions)
            )
        except Exception as error:
            return self._fault(error)
        self._heard(True, "")
        ref = {"channel": str(answer["channel"]), "ts": str(answer["ts"]), "lines": "0"}
        return Sent(await self._with_timeline(message, ref))

    async def _mentions(self, message: Message) -> list[str]:
        """Member ids of those whom the step names; one who can't be found must not stop the message."""
        found = []
        for address in message.mentions:
            try:
                found.append(await self._directory.member(address))
            except Exception as error:
                reason = classify(error).reason
                log.warning("Somebody can't be mentioned in Slack", key=message.key, reason=reason)
        return found

    async def _with_timeline(self, message: Message, ref: Mapping[str, str]) -> dict[str, str]:
        """Post the lines that the thread lacks; the ref says how many it has."""
        posted = int(ref.get("lines", "0"))
        lines = message.timeline[posted:]
        if not lines:
            return dict(ref)
        try:
            await self._client.chat_postMessage(
                channel=ref["channel"], thread_ts=ref["ts"], text=timeline(lines), mrkdwn=False, unfurl_links=False
            )
        except Exception as error:
            log.warning("A thread in Slack could not be continued", key=message.key, reason=classify(error).reason)
            return dict(ref)
        return {**ref, "lines": str(len(message.timeline))}

    def _fault(self, error: Exception) -> RetryLater | Rejected:
        found = classify(error)
        if isinstance(found, RetryLater) and found.is_channel_wide:
            self._heard(False, found.reason)
        return found

    def _heard(self, is_up: bool, detail: str) -> None:
        if self._on_health is not None:
            self._on_health("slack", is_up, detail)

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Look for the key in the conversation's newest messages (metadata is kept with them)."""
        oldest = f"{(since - CLOCKS_DIFFER).timestamp():.6f}"
        try:
            channel = await self._directory.conversation(message.address)
            if channel is None:
                return NotFound()
            found = await self._find(channel, message.key, oldest)
        except Exception as error:
            fault = self._fault(error)
            return CantTell(fault.reason, is_final=isinstance(fault, Rejected))
        return NotFound() if found is None else Sent({"channel": channel, "ts": found, "lines": "0"})

    async def _find(self, channel: str, key: str, oldest: str) -> str | None:
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            answer = await self._client.conversations_history(
                channel=channel, oldest=oldest, include_all_metadata=True, limit=200, cursor=cursor
            )
            for posted in answer["messages"]:
                if _key_of(posted) == key:
                    return str(posted["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return None
        return None

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """Show the message as it is now, and add what happened to its thread."""
        try:
            mentions = await self._mentions(message)
            await self._client.chat_update(channel=ref["channel"], ts=ref["ts"], **payload(message, mentions))
        except Exception as error:
            return self._fault(error)
        return Sent(await self._with_timeline(message, ref))

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        """A posted message is final."""
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        session = self._client.session
        if session is not None:
            await session.close()


def _key_of(posted: Mapping[str, Any]) -> str | None:
    metadata = posted.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key: str | None = (metadata.get("event_payload") or {}).get("key")
    return key
