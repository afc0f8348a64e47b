"""Publishes people's Home tabs: when one is opened, and after a press in it.

1. What is published is made at that moment, so that a page is never older than the press it answers.
2. Slack says which state of the view somebody saw (``hash``): if it has been published since, nothing is overwritten;
   the page is made once more, and then it is the newest there is.
3. Slack's trouble is waited for as it says, a few times; a newer wish of the same person takes the place of the older.

https://docs.slack.dev/reference/methods/views.publish
"""

import asyncio
from collections import OrderedDict

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import Rejected, RetryLater
from channels.inbox import Actor, Inbox
from channels.slack.answer import classify
from channels.slack.backoff import wait_after
from channels.slack.home import view

log = structlog.get_logger(__name__)

MOST_TRIES = 5
MOST_KNOWN = 5_000


class Publisher:
    """Shows people their own page."""

    def __init__(self, client: AsyncWebClient, inbox: Inbox) -> None:
        self._client = client
        self._inbox = inbox
        self._wishes: OrderedDict[str, object] = OrderedDict()
        """The newest wish of each member."""

    async def show(self, actor: Actor, hash: str = "", note: str = "") -> None:
        """Publish the page of whoever opened it or pressed there. ``hash`` is that of the view they saw, "" if they saw
        none. Raises what the inbox raises."""
        wish = object()
        self._wishes[actor.address] = wish
        self._wishes.move_to_end(actor.address)
        while len(self._wishes) > MOST_KNOWN:
            self._wishes.popitem(last=False)
        for failures in range(1, MOST_TRIES + 1):
            home = await self._inbox.home(actor, note)
            if self._wishes.get(actor.address) is not wish:
                return
            try:
                await self._client.views_publish(user_id=actor.address, view=view(home), hash=hash or None)
                return
            except Exception as error:
                wait = _wait_for(error, failures)
            if wait is None:
                return
            hash = ""
            await asyncio.sleep(wait)
        log.warning("A Home tab could not be published in time", channel="slack")


def _wait_for(error: Exception, failures: int) -> float | None:
    """Seconds until the next try; None for never."""
    if isinstance(error, SlackApiError) and error.response.get("error") == "hash_conflict":
        return 0.0
    fault = classify(error)
    if isinstance(fault, Rejected):
        log.warning("A Home tab could not be published", channel="slack", reason=fault.reason)
        return None
    log.info("A Home tab is published later", channel="slack", reason=fault.reason)
    return _seconds(fault, failures)


def _seconds(fault: RetryLater, failures: int) -> float:
    return fault.after.total_seconds() if fault.after is not None else wait_after(failures)
