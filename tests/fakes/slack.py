"""Slack on loopback: the Web API's methods as documented, Socket Mode, signed requests, response_urls.

https://docs.slack.dev/reference/methods, https://docs.slack.dev/apis/events-api/using-socket-mode,
https://docs.slack.dev/authentication/verifying-requests-from-slack. Slack publishes no specification that a machine
could check against: messages are validated by the documented limits (``slack_blocks``).
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any, Self

from aiohttp import web

from tests.fakes.slack_blocks import check, why
from tests.fakes.slack_socket import Sockets
from tests.fakes.slack_world import (
    ALICE,
    APP_TOKEN,
    BOB,
    BOT,
    BOT_TOKEN,
    BOT_USER,
    FIRST_TS,
    OPS,
    PATIENCE,
    QUIET,
    SCOPES,
    STRANGER,
    TEAM,
    Posted,
    Refusal,
    RefusedError,
    user,
)


class FakeSlack:
    """``async with FakeSlack() as slack``: ``slack.url`` is the ``api_url``."""

    def __init__(self) -> None:
        self.messages: list[Posted] = []
        self.private: list[dict[str, Any]] = []
        """What only one person saw: by a response_url ({"via": "response_url"}) or chat.postEphemeral."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: defaultdict[str, deque[Refusal]] = defaultdict(deque)
        self.rooms = {"ops": OPS, "quiet": QUIET}
        self.archived: set[str] = set()
        self.joined = {OPS}
        self.users: dict[str, dict[str, Any]] = {
            ALICE: user(ALICE, "alice", TEAM),
            BOB: user(BOB, "bob", TEAM),
            STRANGER: user(STRANGER, "alice", "T0OTHER"),
        }
        self.scopes = SCOPES
        self.is_response_url_gone = False
        self.page = 200
        self.port = 0
        self.changed = asyncio.Condition()
        self.sockets = Sockets(self.changed, APP_TOKEN)
        self._ts = FIRST_TS
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/actions/{id}", self._respond)
        app.router.add_get("/link", self.sockets.link)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]
        self.sockets.port = self.port

    async def stop(self) -> None:
        self._stopping.set()
        await self.sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # What a test asks -----------------------------------------------------------------------------------------------

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something that the server saw makes this true."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(is_so)

    async def message(self, text: str = "", count: int = 1) -> Posted:
        """The ``count``-th message (no reply) that shows ``text``, as soon as there is one."""
        await self.until(lambda: len(self._showing(text)) >= count)
        return self._showing(text)[count - 1]

    def _showing(self, text: str) -> list[Posted]:
        return [one for one in self.messages if not one.thread_ts and text in one.shown]

    def thread(self, message: Posted) -> list[str]:
        """The replies under a message."""
        return [one.shown for one in self.messages if one.thread_ts == message.ts]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def refuse(self, method: str, *refusals: Refusal) -> None:
        self.refusals[method].extend(refusals)

    def write(self, channel: str, body: Mapping[str, Any], bot: str = "B0OTHER") -> Posted:
        """Somebody else writes."""
        return self._add(channel, dict(body), "", bot)

    def press_of(self, message: Posted, action_id: str, user: str = ALICE, action_ts: str = "1.1") -> dict[str, Any]:
        """The payload of a press on a button of a message."""
        button = next(one for one in message.buttons if one["action_id"] == action_id)
        who = self.users[user]
        return {
            "type": "block_actions",
            "user": {"id": user, "username": who["name"], "name": who["name"], "team_id": who["team_id"]},
            "api_app_id": "A0KIDOKU",
            "token": "a-verification-token",
            "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
            "trigger_id": "1.2.3",
            "team": {"id": TEAM, "domain": "company"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": message.channel, "name": "ops"},
            "message": message.as_json(0, False),
            "state": {"values": {}},
            "response_url": f"http://127.0.0.1:{self.port}/actions/{TEAM}",
            "actions": [{**button, "block_id": "x", "action_ts": action_ts}],
        }

    # The Web API ----------------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append((method, arguments))
        refusal = self.refusals[method].popleft() if self.refusals[method] else None
        if refusal is not None and refusal.is_silent:
            await self._stopping.wait()
        answer: web.StreamResponse | None = None
        if refusal is None or refusal.is_done:
            answer = self._answer(method, request, arguments)
        async with self.changed:
            self.changed.notify_all()
        if refusal is None:
            assert answer is not None
            return answer
        if refusal.text:
            return web.Response(status=refusal.status, text=refusal.text, content_type="text/html")
        return web.json_response(
            {"ok": False, "error": refusal.error}, status=refusal.status, headers=dict(refusal.headers)
        )

    def _answer(self, method: str, request: web.Request, arguments: dict[str, Any]) -> web.StreamResponse:
        handler = _METHODS.get(method)
        try:
            if handler is None:
                raise RefusedError("unknown_method")
            token = request.headers.get("Authorization", "")
            expected = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
            if token != f"Bearer {expected}":
                raise RefusedError("invalid_auth" if token else "not_authed")
            return web.json_response({"ok": True, **handler(self, arguments)}, headers={"X-OAuth-Scopes": self.scopes})
        except RefusedError as refused:
            return web.json_response({"ok": False, "error": str(refused)})

    def auth_test(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": self.url, "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}

    def post_message(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._place(str(arguments["channel"]))
        self._validate(arguments)
        thread = str(arguments.get("thread_ts") or "")
        if thread and self._find(channel, thread) is None:
            raise RefusedError("thread_not_found")
        posted = self._add(channel, dict(arguments), thread, BOT)
        return {"channel": channel, "ts": posted.ts, "message": posted.as_json(0, True)}

    def _validate(self, arguments: Mapping[str, Any]) -> None:
        if error := check(arguments):
            raise RefusedError(error) from ValueError(why(arguments))

    def _add(self, channel: str, body: dict[str, Any], thread: str, bot: str) -> Posted:
        self._ts += 1
        posted = Posted(channel, f"{self._ts}.000100", body, thread, bot=bot)
        self.messages.append(posted)
        return posted

    def _place(self, channel: str) -> str:
        """The conversation for what chat.postMessage takes as a channel."""
        id = self.rooms.get(channel.removeprefix("#"), channel)
        if id in self.users:
            return id.replace("U", "D", 1)
        is_direct = id.startswith("D") and id.replace("D", "U", 1) in self.users
        if id not in self.rooms.values() and not is_direct:
            raise RefusedError("channel_not_found")
        if id in self.archived:
            raise RefusedError("is_archived")
        return id

    def _find(self, channel: str, ts: str) -> Posted | None:
        return next((one for one in self.messages if (one.channel, one.ts) == (channel, ts)), None)

    def update(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = str(arguments["channel"])
        if not channel.startswith(("C", "G", "D")):
            raise RefusedError("channel_not_found")
        posted = self._find(channel, str(arguments["ts"]))
        if posted is None:
            raise RefusedError("message_not_found")
        if posted.bot != BOT:
            raise RefusedError("cant_update_message")
        self._validate(arguments)
        posted.body = {**posted.body, **arguments}
        posted.edits += 1
        return {"channel": channel, "ts": posted.ts, "text": arguments.get("text", "")}

    def post_ephemeral(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self._place(str(arguments["channel"]))
        if arguments["user"] not in self.users:
            raise RefusedError("user_not_in_channel")
        self._validate(arguments)
        self.private.append({"via": "chat.postEphemeral", **arguments})
        return {"message_ts": "1.0"}

    def open(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        user = str(arguments["users"])
        if user not in self.users:
            raise RefusedError("user_not_found")
        return {"channel": {"id": user.replace("U", "D", 1)}}

    def history(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = str(arguments["channel"])
        if channel in self.rooms.values() and channel not in self.joined:
            raise RefusedError("not_in_channel")
        if not channel.startswith(("C", "D")):
            raise RefusedError("channel_not_found")
        oldest = float(arguments.get("oldest") or 0)
        found = [
            one for one in self.messages if one.channel == channel and not one.thread_ts and float(one.ts) > oldest
        ]
        return self._page("messages", [self._as_json(one, arguments) for one in reversed(found)], arguments)

    def replies(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        root = self._find(str(arguments["channel"]), str(arguments["ts"]))
        if root is None:
            raise RefusedError("thread_not_found")
        found = [root, *(one for one in self.messages if one.thread_ts == root.ts)]
        return self._page("messages", [self._as_json(one, arguments) for one in found], arguments)

    def _as_json(self, one: Posted, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return one.as_json(len(self.thread(one)), arguments.get("include_all_metadata") in ("1", "true", True))

    def _page(self, name: str, found: list[Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        start = int(arguments.get("cursor") or 0)
        end = start + min(self.page, int(arguments.get("limit") or 100))
        cursor = str(end) if end < len(found) else ""
        return {name: found[start:end], "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}

    def list(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return self._page("channels", [{"id": id, "name": name} for name, id in self.rooms.items()], arguments)

    def look_up(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        for one in self.users.values():
            if one["profile"]["email"] == str(arguments["email"]).lower() and one["team_id"] == TEAM:
                return {"user": one}
        raise RefusedError("users_not_found")

    def info(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if arguments["user"] not in self.users:
            raise RefusedError("user_not_found")
        return {"user": self.users[str(arguments["user"])]}

    def open_connection(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": self.sockets.ticket()}

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
        body = json.loads(await request.text())
        if self.is_response_url_gone:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        if check(body):
            return web.Response(status=400, text=check(body))
        self.private.append({"via": "response_url", **body})
        async with self.changed:
            self.changed.notify_all()
        return web.Response(text="ok")


_METHODS: Mapping[str, Callable[[FakeSlack, Mapping[str, Any]], dict[str, Any]]] = {
    "auth.test": FakeSlack.auth_test,
    "chat.postMessage": FakeSlack.post_message,
    "chat.update": FakeSlack.update,
    "chat.postEphemeral": FakeSlack.post_ephemeral,
    "conversations.open": FakeSlack.open,
    "conversations.history": FakeSlack.history,
    "conversations.replies": FakeSlack.replies,
    "conversations.list": FakeSlack.list,
    "users.lookupByEmail": FakeSlack.look_up,
    "users.info": FakeSlack.info,
    "apps.connections.open": FakeSlack.open_connection,
}


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Slack takes them in the query, as a form, or as JSON."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        return given | dict(await request.json())
    return given | {name: str(value) for name, value in (await request.post()).items()}
