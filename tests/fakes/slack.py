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

from tests.fakes.patience import PATIENCE
from tests.fakes.slack_blocks import check, home_buttons
from tests.fakes.slack_methods import METHODS, WebApi
from tests.fakes.slack_scopes import of_manifest, scopes_of
from tests.fakes.slack_socket import Sockets
from tests.fakes.slack_views import state_of
from tests.fakes.slack_world import (
    ALICE,
    APP_TOKEN,
    BOB,
    BOT_TOKEN,
    OPS,
    TEAM,
    Posted,
    Refusal,
    RefusedError,
)


class FakeSlack(WebApi):
    """``async with FakeSlack() as slack``: ``slack.url`` is the ``api_url``."""

    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        super().__init__(Sockets(self.changed, APP_TOKEN))
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: defaultdict[str, deque[Refusal]] = defaultdict(deque)
        self.scopes = of_manifest()
        self.is_response_url_gone = False
        self.port = 0
        self.told: Callable[[str, Mapping[str, Any]], None] = lambda what, arguments: None
        """Called with every call (its method, or "response_url") as it comes in."""
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
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]
        self.sockets.port = self.port

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._api),
            web.post("/actions/{id}", self._respond),
            web.get("/link", self.sockets.link),
        ]

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
        return [one for one in self.messages if one.is_in_room and text in one.shown]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def refuse(self, method: str, *refusals: Refusal) -> None:
        self.refusals[method].extend(refusals)

    def refuse_always(self, method: str, error: str) -> None:
        """Every call of a method, from now on."""
        self.refuse(method, *[Refusal(error)] * 100)

    def write(self, channel: str, body: Mapping[str, Any], bot: str = "B0OTHER") -> Posted:
        """Somebody else writes."""
        return self.add(channel, dict(body), "", bot)

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

    def opening_of(self, user: str = ALICE, event_id: str = "Ev1", tab: str = "home") -> dict[str, Any]:
        """The payload of somebody's opening of a tab of the App Home.

        https://docs.slack.dev/reference/events/app_home_opened"""
        event = {"type": "app_home_opened", "user": user, "channel": "D0ALICE", "event_ts": "1.1", "tab": tab}
        view = self.homes.get(user) if tab == "home" else None
        return {
            "token": "a-verification-token",
            "team_id": TEAM,
            "api_app_id": "A0KIDOKU",
            "event": event | ({"view": view} if view else {}),
            "type": "event_callback",
            "event_id": event_id,
            "event_time": 1_800_000_000,
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": "U0KIDOKU", "is_bot": True}],
        }

    def home_press_of(
        self, text: str, user: str = ALICE, action_ts: str = "1.1", typed: str | None = None
    ) -> dict[str, Any]:
        """The payload of a press in a Home tab, on the button that reads ``text``; or of what is typed into its field:
        there is neither a channel nor a response_url.

        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
        view, who = self.homes[user], self.users[user]
        if typed is None:
            action = next(one for one in home_buttons(view) if one["text"]["text"] == text)
        else:
            action = {**next(one["element"] for one in view["blocks"] if one["type"] == "input"), "value": typed}
        return {
            "type": "block_actions",
            "user": {"id": user, "username": who["name"], "name": who["name"], "team_id": who["team_id"]},
            "api_app_id": "A0KIDOKU",
            "token": "a-verification-token",
            "container": {"type": "view", "view_id": view["id"]},
            "trigger_id": "1.2.3",
            "team": {"id": TEAM, "domain": "company"},
            "enterprise": None,
            "is_enterprise_install": False,
            "view": view,
            "actions": [{**action, "block_id": "x", "action_ts": action_ts}],
        }

    def command_of(self, text: str, user: str = ALICE, trigger_id: str = "7.7.7") -> dict[str, str]:
        """The payload of ``/kidoku text``, as Slack escapes it.

        https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling"""
        who = self.users[user]
        return {
            "token": "a-verification-token",
            "team_id": TEAM,
            "team_domain": "company",
            "channel_id": OPS,
            "channel_name": "ops",
            "user_id": user,
            "user_name": who["name"],
            "command": "/kidoku",
            "text": text,
            "api_app_id": "A0KIDOKU",
            "is_enterprise_install": "false",
            "response_url": f"http://127.0.0.1:{self.port}/actions/{TEAM}",
            "trigger_id": trigger_id,
        }

    # Dialogs --------------------------------------------------------------------------------------------------------

    def choice_of(self, message: Posted, value: str, user: str = ALICE, action_ts: str = "2.1") -> dict[str, Any]:
        """The payload of a choice in the menu of a message."""
        chosen = next(one for one in message.menu["options"] if one["value"] == value)
        press = self.press_of(message, message.buttons[0]["action_id"], user, action_ts)
        menu = {"type": "overflow", "action_id": message.menu["action_id"], "selected_option": chosen}
        return press | {"trigger_id": f"t{action_ts}", "actions": [{**menu, "block_id": "x", "action_ts": action_ts}]}

    def shortcut_of(self, text: str, callback_id: str, user: str = ALICE, trigger_id: str = "9.9.9") -> dict[str, Any]:
        """The payload of a message shortcut, on a message that somebody wrote.

        https://docs.slack.dev/reference/interaction-payloads/shortcuts-interactions-payload"""
        who = self.users[user]
        return {
            "type": "message_action",
            "token": "a-verification-token",
            "action_ts": "1.9",
            "team": {"id": TEAM, "domain": "company"},
            "user": {"id": user, "name": who["name"], "team_id": who["team_id"]},
            "channel": {"id": OPS, "name": "ops"},
            "is_enterprise_install": False,
            "enterprise": None,
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "response_url": f"http://127.0.0.1:{self.port}/actions/{TEAM}",
            "message_ts": "1800000000.000900",
            "message": {"type": "message", "user": BOB, "ts": "1800000000.000900", "text": text},
        }

    def submission_of(self, answers: Mapping[str, str], user: str = ALICE) -> dict[str, Any]:
        """The payload of a submission of the view that is seen; what is not in ``answers`` is left as it stood there.

        https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
        view, who = self.stack[-1], self.users[user]
        return {
            "type": "view_submission",
            "team": {"id": TEAM, "domain": "company"},
            "user": {"id": user, "username": who["name"], "name": who["name"], "team_id": who["team_id"]},
            "api_app_id": "A0KIDOKU",
            "token": "a-verification-token",
            "trigger_id": f"s{len(self.sockets.acks)}",
            "view": {**view, "state": state_of(view, answers), "hash": "1.h", "root_view_id": self.stack[0]["id"]},
            "response_urls": [],
            "is_enterprise_install": False,
            "enterprise": None,
        }

    async def submits(self, user: str = ALICE, **answers: str) -> dict[str, Any]:
        """Somebody submits the view that they see; what it was acknowledged with, and that does."""
        envelope = f"v{len(self.sockets.acks)}"
        await self.sockets.send(self.submission_of(answers, user), envelope)
        await self.until(lambda: envelope in self.sockets.answers)
        payload = self.sockets.answers[envelope]
        self.acknowledged(payload)
        return payload

    # The Web API ----------------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append((method, arguments))
        self.told(method, arguments)
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
        handler = METHODS.get(method)
        try:
            if handler is None:
                raise RefusedError("unknown_method")
            token = request.headers.get("Authorization", "")
            expected = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
            if token != f"Bearer {expected}":
                raise RefusedError("invalid_auth" if token else "not_authed")
            if not scopes_of(method, arguments) <= set(self.scopes.split(",")):
                raise RefusedError("missing_scope")
            return web.json_response({"ok": True, **handler(self, arguments)}, headers={"X-OAuth-Scopes": self.scopes})
        except RefusedError as refused:
            return web.json_response({"ok": False, "error": str(refused)})

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
        body = json.loads(await request.text())
        if self.is_response_url_gone:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        if check(body):
            return web.Response(status=400, text=check(body))
        self.private.append({"via": "response_url", **body})
        self.told("response_url", body)
        async with self.changed:
            self.changed.notify_all()
        return web.Response(text="ok")


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Slack takes them in the query, as a form, or as JSON."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        return given | dict(await request.json())
    return given | {name: str(value) for name, value in (await request.post()).items()}
