"""The timeline of a message, in its thread: only the lines that the thread lacks are posted.

How many it has stands in the ref. After a lost answer, or for a message that this process has not touched yet (a crash
may lie between a post and its ref), Slack is asked first: each reply keeps the count in its metadata.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import Rejected, RetryLater
from channels.message import Message
from channels.slack.answer import classify
from channels.slack.render import TIMELINE_TYPE, replies

log = structlog.get_logger(__name__)

MOST_SURE = 5_000
PAGE = 200
MOST_PAGES = 10

Fault = RetryLater | Rejected


class Threads:
    """Continues the threads under posted messages."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._sure: OrderedDict[tuple[str, str], None] = OrderedDict()

    def started(self, ref: Mapping[str, str]) -> None:
        """The message was posted just now: its thread is empty for certain."""
        self._sure[(ref["channel"], ref["ts"])] = None
        while len(self._sure) > MOST_SURE:
            self._sure.popitem(last=False)

    async def bring_up(self, message: Message, ref: Mapping[str, str]) -> tuple[dict[str, str], Fault | None]:
        """Post what the thread lacks. The ref to keep, and what went wrong, if anything did."""
        posted = int(ref.get("lines", "0"))
        place = (ref["channel"], ref["ts"])
        try:
            if len(message.timeline) > posted and place not in self._sure:
                posted = max(posted, await self._lines_in(message, ref))
                self.started(ref)
            for count, reply in replies(message, posted):
                await self._client.chat_postMessage(channel=ref["channel"], thread_ts=ref["ts"], **reply)
                posted = count
        except Exception as error:
            self._sure.pop(place, None)
            fault = classify(error)
            log.warning("A thread in Slack could not be continued", key=message.key, reason=fault.reason)
            return {**ref, "lines": str(posted)}, fault
        return {**ref, "lines": str(posted)}, None

    async def _lines_in(self, message: Message, ref: Mapping[str, str]) -> int:
        """How many lines the thread holds, by its metadata; 0 if Slack does not let the bot read it."""
        try:
            return max([_lines_of(one, message.key) async for one in self.replies(ref)], default=0)
        except SlackApiError as error:
            if isinstance(classify(error), Rejected):
                return 0
            raise

    async def replies(
        self, ref: Mapping[str, str], since: datetime | None = None
    ) -> AsyncIterator[Mapping[str, object]]:
        """All of a thread, or what came to it since, oldest first. Slack may put fewer on a page than it was asked for.
        https://docs.slack.dev/reference/methods/conversations.replies"""
        cursor: str | None = None
        oldest = None if since is None else f"{since.timestamp():.6f}"
        for _ in range(MOST_PAGES):
            answer = await self._client.conversations_replies(
                channel=ref["channel"],
                ts=ref["ts"],
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
                oldest=oldest,
            )
            for one in answer["messages"]:
                yield one
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return


def _lines_of(reply: Mapping[str, object], key: str) -> int:
    metadata = reply.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != TIMELINE_TYPE:
        return 0
    said = metadata.get("event_payload") or {}
    return int(said.get("lines") or 0) if said.get("key") == key else 0
