"""Presses of buttons, commands, shortcuts and openings of the Home tab, over Socket Mode or signed HTTP: saved,
acknowledged to Slack within 3 seconds, and answered so that only the one who did it sees it, unless they asked to share
the answer.

https://docs.slack.dev/interactivity/handling-user-interaction,
https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/events/app_home_opened and
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from channels.inbox import Actor, Inbox, Press, Reply, Typed, Wish
from channels.message import Verb
from channels.slack.answer import classify
from channels.slack.client import response_to
from channels.slack.directory import Directory, Profile
from channels.slack.modal import ASK, CALLBACK, SHORTCUT
from channels.slack.publisher import Publisher
from channels.slack.render import MENU, answer
from channels.slack.typed import mentioned, plain_of, rooms_of
from channels.slack.window import Windows

log = structlog.get_logger(__name__)

ACK_WITHIN = 2.0
"""Slack wants its acknowledgement within 3 seconds. It gets it when the press is saved, or after this time: so a press
whose acknowledgement the presser saw is not lost by a crash, and a slow disk does not make Slack show a failure."""
LOOK_UP_WITHIN = 1.5
OPEN_WITHIN = 1.0
"""A trigger opens a window for 3 seconds. What is asked in it is usually known sooner than this; if not, an empty
window is opened first."""
FINISH_WITHIN = 3.0
MOST_SEEN = 1_000

Ack = Callable[[], Awaitable[Any]]


class Presses:
    """Turns verified block actions into presses, and slash commands into what was typed. ``app`` is bolt's, for either
    transport: what is handed to it must be verified already."""

    def __init__(self, client: AsyncWebClient, directory: Directory, inbox: Inbox) -> None:
        self._client = client
        self._directory = directory
        self._inbox = inbox
        self._publisher = Publisher(client, inbox)
        self._seen: OrderedDict[str, asyncio.Task[Any]] = OrderedDict()
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
        self._windows = Windows(client, inbox, self._actor_of, self._start)
        self.app.message_shortcut(SHORTCUT)(self._shortcut)
        self.app.view(CALLBACK)(self._windows.submitted)
        self.app.options(re.compile(f"^{ASK}"))(self._windows.offered)
        # Whatever the app's command is called: Slack sends those of this app only.
        self.app.command(re.compile(r"."))(self._commanded)
        self.app.event("app_home_opened")(self._opened)

    async def _pressed(self, ack: Ack, body: dict[str, Any]) -> None:
        id = _id_of(body)
        if (body.get("actions") or [{}])[0].get("action_id") == MENU:
            await self._take(ack, id, lambda: self._choose(body), body, is_asking=True)
        else:
            await self._take(ack, id, lambda: self._carry_out(body, id), body)

    async def _shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        """https://docs.slack.dev/interactivity/implementing-shortcuts#message_shortcuts"""
        id = f"{(body.get('user') or {}).get('id', '')}:{body.get('trigger_id', '')}"
        await self._take(ack, id, lambda: self._write(body), body, is_asking=True)

    async def _commanded(self, ack: Ack, body: dict[str, Any]) -> None:
        """A trigger_id is of one command alone."""
        id = f"{body.get('user_id', '')}:{body.get('trigger_id', '')}"
        await self._take(ack, id, lambda: self._obey(body, id), _as_pressed(body))

    async def _opened(self, body: dict[str, Any]) -> None:
        """bolt has acknowledged it: nothing is lost with an opening, since the next one shows the page as well."""
        event = body.get("event") or {}
        id = f"{event.get('user', '')}:{body.get('event_id', '')}"
        if event.get("tab") == "home" and event.get("user") and id not in self._seen:
            self._remember(id, self._start(self._show(str(event["user"]), event.get("view") or {}, "")))

    async def _show(self, member: str, seen: Mapping[str, Any], note: str) -> None:
        """Publish a member's Home tab; ``seen`` is the view that they had before their eyes."""
        try:
            actor = await self._actor(member, "", ())
            await self._publisher.show(actor, str(seen.get("hash") or ""), note)
        except Exception:
            log.exception("A Home tab could not be made", channel="slack")

    async def _take(
        self,
        ack: Ack,
        id: str,
        work_of: Callable[[], Coroutine[Any, Any, Reply | None]],
        body: Mapping[str, Any],
        *,
        is_asking: bool = False,
    ) -> None:
        """Slack may deliver a press or command again, also over another connection: it is acknowledged again, and
        nothing more, unless it could not be saved the first time."""
        work = self._seen.get(id)
        if work is None or _has_failed(work):
            work = self._start(work_of())
            self._remember(id, work)
            self._start(self._answer(work, body, is_asking=is_asking))
        await asyncio.wait([work], timeout=ACK_WITHIN)
        if work.done():
            # If it could not be saved, Slack gets no acknowledgement, and shows the presser that it failed.
            work.result()
        await ack()

    def _remember(self, id: str, work: asyncio.Task[Any]) -> None:
        self._seen[id] = work
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

    def _start(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def _carry_out(self, body: Mapping[str, Any], id: str) -> Reply | None:
        """None for a button that is not ours to understand."""
        try:
            user = body["user"]
            verb, alert_id, argument = _read(body["actions"][0])
            name = str(user.get("name") or user.get("username") or "")
            member = str(user["id"])
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            log.warning("A press that can't be read was ignored")
            return None
        actor = await self._actor(member, name, rooms_of(body.get("channel") or {}))
        return await self._inbox.press(Press(verb, alert_id, actor, argument, id))

    async def _choose(self, body: Mapping[str, Any]) -> Reply | None:
        """A verb of the menu of a message; None for one that is not ours to understand."""
        try:
            verb, _, alert = str(body["actions"][0]["selected_option"]["value"]).partition(":")
            wish = Wish(await self._actor_of(body), Verb(verb), int(alert))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            log.warning("A choice that can't be read was ignored")
            return None
        return await self._inbox.ask(wish)

    async def _write(self, body: Mapping[str, Any]) -> Reply:
        """A message's text becomes that of a mail; members in it by their mail addresses where these are known."""
        raw = str((body.get("message") or {}).get("text") or "")
        emails = {one: (await self._profile_of(one)).email for one in mentioned(raw)}
        return await self._inbox.ask(Wish(await self._actor_of(body), "send", text=plain_of(raw, emails)))

    async def _actor_of(self, body: Mapping[str, Any]) -> Actor:
        """Of an interaction's payload. Raises KeyError for one that nobody did."""
        user = body["user"]
        name = str(user.get("name") or user.get("username") or "")
        return await self._actor(str(user["id"]), name, rooms_of(body.get("channel") or {}))

    async def _obey(self, body: Mapping[str, Any], id: str) -> Reply:
        """Members whom the text names are told apart by their mail address, as whoever types is."""
        room = {"id": body.get("channel_id"), "name": body.get("channel_name")}
        actor = await self._actor(str(body.get("user_id") or ""), str(body.get("user_name") or ""), rooms_of(room))
        raw = str(body.get("text") or "")
        emails = {one: (await self._profile_of(one)).email for one in mentioned(raw)}
        return await self._inbox.typed(Typed(actor, plain_of(raw, emails), dedup=id))

    async def _actor(self, member: str, name: str, rooms: tuple[str, ...]) -> Actor:
        profile = await self._profile_of(member)
        return Actor("slack", member, profile.email, name, profile.locale, rooms)

    async def _profile_of(self, member: str) -> Profile:
        """Slack's trouble must not hold anybody up: the member's id alone may do."""
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN):
                return await self._directory.profile_of(member)
        except Exception as error:
            log.warning("A member's mail address could not be looked up in Slack", reason=classify(error).reason)
            return Profile()

    async def _answer(self, work: asyncio.Task[Reply | None], body: Mapping[str, Any], *, is_asking: bool) -> None:
        trigger_id, held = str(body.get("trigger_id") or ""), ""
        if is_asking:
            await asyncio.wait([work], timeout=OPEN_WITHIN)
            held = "" if work.done() else await self._windows.hold(trigger_id)
        try:
            reply = await work
        except Exception:
            log.exception("A press or command could not be carried out", channel="slack")
            return
        if reply is None:
            return
        if reply.dialog is not None and await self._windows.open(reply.dialog, trigger_id, held):
            return
        if held and await self._windows.tell(reply, held):
            return
        try:
            await self._tell(reply, body)
        except Exception as error:
            log.warning("Something was carried out, but its answer could not be shown", reason=classify(error).reason)

    async def _tell(self, reply: Reply, body: Mapping[str, Any]) -> None:
        """Through its own response_url; if that is not to be had, by chat.postEphemeral, to the one who asked only. A
        Home tab has neither: the answer stands on the page, which nobody else sees."""
        if (body.get("view") or {}).get("type") == "home":
            await self._show(str(body["user"]["id"]), body["view"], reply.text)
            return
        shown = answer(reply.text)
        kind = "in_channel" if reply.is_shared else "ephemeral"
        try:
            way = response_to(str(body["response_url"]), self._client)
            told = await way.send(response_type=kind, replace_original=False, **shown)
            if told.status_code == 200:
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


def _as_pressed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a slash command, what an answer needs to know, as a press has it."""
    return {
        "response_url": body.get("response_url"),
        "channel": {"id": body.get("channel_id")},
        "user": {"id": body.get("user_id")},
        "trigger_id": body.get("trigger_id"),
    }


def _read(action: Mapping[str, Any]) -> tuple[Verb, int, str]:
    """What a button carries, or what was typed into a field. Raises ValueError, KeyError or TypeError if it is not
    ours."""
    verb = Verb(action["action_id"].split(":")[1])
    if action.get("type") == "plain_text_input":
        return verb, 0, str(action["value"] or "")
    value = json.loads(action["value"])
    return verb, int(value["alert"]), str(value["argument"])


def _id_of(body: Mapping[str, Any]) -> str:
    """Slack's id of a press: who, and the instant of the action (it has no other)."""
    actions = body.get("actions") or [{}]
    user = body.get("user") or {}
    return f"{user.get('id', '')}:{actions[0].get('action_ts', '')}:{actions[0].get('action_id', '')}"
