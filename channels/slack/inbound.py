"""Presses of buttons, over Socket Mode or signed HTTP: saved, acknowledged to Slack within 3 seconds, and answered so
that only the presser sees it.

https://docs.slack.dev/interactivity/handling-user-interaction and
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import Actor, Inbox, Press, Reply, Verb
from channels.slack.answer import classify
from channels.slack.client import response_to
from channels.slack.directory import Directory
from channels.slack.render import private

log = structlog.get_logger(__name__)

ACK_WITHIN = 2.0
"""Slack wants its acknowledgement within 3 seconds. It gets it when the press is saved, or after this time: so a press
whose acknowledgement the presser saw is not lost by a crash, and a slow disk does not make Slack show a failure."""
LOOK_UP_WITHIN = 1.5
FINISH_WITHIN = 3.0
MOST_SEEN = 1_000

Ack = Callable[[], Awaitable[Any]]


class Presses:
    """Turns verified block actions into presses. ``app`` is bolt's, for either transport: what is handed to it must be
    verified already."""

    def __init__(self, client: AsyncWebClient, directory: Directory, inbox: Inbox) -> None:
        self._client = client
        self._directory = directory
        self._inbox = inbox
        self._seen: OrderedDict[str, asyncio.Task[Reply | None]] = OrderedDict()
        self._busy: set[asyncio.Task[Any]] = set()
        self.app = AsyncApp(
            name="kidoku",
            # Without a token of its own, bolt asks ``authorize`` and not Slack: a press counts even if that is slow.
            client=AsyncWebClient(base_url=client.base_url, timeout=client.timeout),
            authorize=_authorize,
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
        )
        self.app.action(re.compile(r"^kidoku:"))(self._pressed)

    async def _pressed(self, ack: Ack, body: dict[str, Any]) -> None:
        """Slack may deliver a press again, also over another connection: it is acknowledged again, and nothing more,
        unless it could not be saved the first time."""
        id = _id_of(body)
        work = self._seen.get(id)
        if work is None or _has_failed(work):
            work = self._start(self._carry_out(body, id))
            self._seen[id] = work
            while len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
            self._start(self._answer(work, body))
        await asyncio.wait([work], timeout=ACK_WITHIN)
        if work.done():
            # If it could not be saved, Slack gets no acknowledgement, and shows the presser that it failed.
            work.result()
        await ack()

    def _start(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def _carry_out(self, body: Mapping[str, Any], id: str) -> Reply | None:
        """None for a button that is not ours to understand."""
        try:
            action, user = body["actions"][0], body["user"]
            value = json.loads(action["value"])
            verb, alert_id, argument = Verb(action["action_id"].split(":")[1]), int(value["alert"]), value["argument"]
            name = str(user.get("name") or user.get("username") or "")
            member = str(user["id"])
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            log.warning("A press that can't be read was ignored")
            return None
        actor = Actor("slack", member, await self._email_of(member), name)
        return await self._inbox.press(Press(verb, alert_id, actor, str(argument), id))

    async def _email_of(self, member: str) -> str:
        """Slack's trouble must not hold up a press: the member's id alone may do."""
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN):
                return await self._directory.email_of(member)
        except Exception as error:
            log.warning("A presser's mail address could not be looked up in Slack", reason=classify(error).reason)
            return ""

    async def _answer(self, work: asyncio.Task[Reply | None], body: Mapping[str, Any]) -> None:
        try:
            reply = await work
        except Exception:
            log.exception("A press could not be carried out", channel="slack")
            return
        if reply is None:
            return
        try:
            await self._tell(reply.text, body)
        except Exception as error:
            log.warning("A press was carried out, but its answer could not be shown", reason=classify(error).reason)

    async def _tell(self, text: str, body: Mapping[str, Any]) -> None:
        """Through the press's own response_url; if that is not to be had, by chat.postEphemeral."""
        shown = private(text)
        try:
            way = response_to(str(body["response_url"]), self._client)
            answer = await way.send(response_type="ephemeral", replace_original=False, **shown)
            if answer.status_code == 200:
                return
        except Exception as error:
            log.info("A response_url did not work", reason=classify(error).reason)
        channel = (body.get("channel") or body.get("container") or {}).get("id") or body["container"]["channel_id"]
        await self._client.chat_postEphemeral(channel=channel, user=body["user"]["id"], **shown)

    async def drain(self) -> None:
        """Finish what came in, within a few seconds."""
        if self._busy:
            _, late = await asyncio.wait(set(self._busy), timeout=FINISH_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def _has_failed(work: asyncio.Task[Reply | None]) -> bool:
    return work.done() and (work.cancelled() or work.exception() is not None)


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _id_of(body: Mapping[str, Any]) -> str:
    """Slack's id of a press: who, and the instant of the action (it has no other)."""
    actions = body.get("actions") or [{}]
    user = body.get("user") or {}
    return f"{user.get('id', '')}:{actions[0].get('action_ts', '')}:{actions[0].get('action_id', '')}"
