"""Discord on loopback: the REST API v10 for what the bot calls, and a gateway.

It follows https://docs.discord.com/developers: limits of messages, nonce with enforcement, rate limits, error codes,
HELLO, IDENTIFY, READY, heartbeats, RESUME, interactions. Requests are validated against Discord's own OpenAPI file
where it is present beside the checkout.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

from aiohttp import WSMsgType, web
from jsonschema import Draft202012Validator

from tests.fakes.discord_modals import MODAL, SUBMISSION, modal_fault, submitted
from tests.fakes.patience import PATIENCE

SPECIFICATION = Path(__file__).parents[3] / "shared" / "specs" / "discord_openapi.json"
TOKEN = "a-secret-bot-token"
APPLICATION = 900_000_000_000_000_001
BOT = 900_000_000_000_000_002
ROOM = 111_000_000_000_000_000
ALICE = 201_000_000_000_000_000


@cache
def _validator(schema: str) -> Draft202012Validator | None:
    if not SPECIFICATION.exists():
        return None
    document = json.loads(SPECIFICATION.read_text("utf-8"))
    return Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": document["components"]})


@dataclass(frozen=True)
class Refusal:
    """How the next call is answered instead."""

    status: int
    code: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    is_done: bool = False
    """The call was carried out all the same: only its answer is lost."""
    is_silent: bool = False
    """No answer ever comes."""
    of: str = ""
    """Only a call with this in "METHOD path" is answered so; "" is any but those about the bot itself."""
    page: str = ""
    """What a proxy or a firewall before Discord answers, which is no JSON."""


@dataclass
class Posted:
    """One message as it stands now."""

    id: int
    channel: int
    body: dict[str, Any]
    edits: int = 0

    @property
    def embed(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body["embeds"][0]
        return found

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [one for one in self._components if one["type"] == 2]

    @property
    def menu(self) -> dict[str, Any]:
        """The menu under the buttons."""
        return next(one for one in self._components if one["type"] == 3)

    @property
    def _components(self) -> list[dict[str, Any]]:
        return [one for row in self.body.get("components") or [] for one in row["components"]]


class FakeDiscord:
    """``async with FakeDiscord() as discord``: ``discord.url`` is what ``api_url`` should be."""

    def __init__(self) -> None:
        self.messages: dict[int, Posted] = {}
        self.threads: set[int] = set()
        self.answers: list[dict[str, Any]] = []
        self.modals: list[dict[str, Any]] = []
        self._interactions: dict[int, int] = {}
        """The type of each that has had no answer yet."""
        self.calls: list[tuple[str, str]] = []
        self.refusals: deque[Refusal] = deque()
        self.port = 0
        self._nonces: dict[tuple[int, str], int] = {}
        self._next = (1_800_000_000_000 << 22) + 1
        self._changed = asyncio.Condition()
        self._socket: web.WebSocketResponse | None = None
        self._sequence = 0
        self._runner: web.AppRunner | None = None
        self.registered: list[tuple[str, list[dict[str, Any]]]] = []
        self.is_gateway_gone = False
        self.identified = 0
        self.resumed = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v10"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get("/gateway", self._gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._api)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something that the server saw makes this true."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(is_so)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # REST -----------------------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.calls.append((request.method, path))
        if (
            not path.startswith(("interactions/", "webhooks/"))
            and request.headers.get("Authorization") != f"Bot {TOKEN}"
        ):
            return _error(401, 0, "401: Unauthorized")
        refusal = self._refusal(f"{request.method} {path}")
        if refusal is not None and refusal.is_silent:
            await asyncio.Event().wait()
        response = None if refusal is not None and not refusal.is_done else await self._route(request, path.split("/"))
        await self._tell()
        if refusal is not None and refusal.page:
            return web.Response(text=refusal.page, status=refusal.status, content_type="text/html")
        if refusal is not None:
            body = refusal.body or {"message": "refused", "code": refusal.code}
            return _json(body, status=refusal.status, headers=dict(refusal.headers))
        assert response is not None
        return response

    def _refusal(self, call: str) -> Refusal | None:
        """The first that is meant for this call."""
        is_own = "@me" in call.split()[1].split("/")[:2]
        found = next((one for one in self.refusals if (one.of in call if one.of else not is_own)), None)
        if found is not None:
            self.refusals.remove(found)
        return found

    async def _route(self, request: web.Request, path: list[str]) -> web.StreamResponse:  # noqa: C901 - the routes
        body: Any = await request.json() if request.can_read_body else {}
        match [request.method, *path]:
            case ["GET", "users", "@me"]:
                return _json(_user(BOT, "kidoku"))
            case ["GET", "oauth2", "applications", "@me"]:
                return _json(_application())
            case ["GET", "gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
                url = f"ws://127.0.0.1:{self.port}/gateway"
                return _json({"url": url, "shards": 1, "session_start_limit": limit})
            case ["POST", "users", "@me", "channels"]:
                recipient = int(body["recipient_id"])
                return _json({"id": str(recipient + 1), "type": 1, "recipients": [_user(recipient, "x")]})
            case ["POST", "channels", channel, "messages"]:
                return self._post(int(channel), body)
            case ["GET", "channels", channel, "messages"]:
                return self._history(int(channel), int(request.query.get("after", "0")))
            case ["PATCH", "channels", _, "messages", message]:
                return self._edit(int(message), body)
            case ["POST", "channels", channel, "messages", message, "threads"]:
                return self._thread(int(channel), int(message), body)
            case ["PUT", "applications", _, *scope, "commands"]:
                return self._register(body, scope)
            case ["POST", "interactions", interaction, _, "callback"]:
                if refusal := self._take_callback(int(interaction), body):
                    return refusal
                self.answers.append({"callback": body})
                return _json({"interaction": {"id": path[1], "type": 3}})
            case ["POST", "webhooks", _, _]:
                self.answers.append({"followup": body})
                return _json(self._as_json(Posted(self._id(), ROOM, body)))
        return _error(404, 0, "404: Not Found")

    def _take_callback(self, interaction: int, body: dict[str, Any]) -> web.Response | None:
        """One answer for each; a modal is none to the submission of another."""
        if interaction not in self._interactions:
            return _error(400, 40060, "Interaction has already been acknowledged.")
        kind = self._interactions.pop(interaction)
        if body["type"] != MODAL:
            return None
        fault = _fault("ModalInteractionCallbackRequest", body) or modal_fault(body["data"])
        if fault or kind == SUBMISSION:
            return _error(400, 50035, fault or "no modal after a modal")
        self.modals.append(body["data"])
        return None

    def _register(self, body: list[dict[str, Any]], scope: list[str]) -> web.StreamResponse:
        """Bulk overwrite of the commands of one guild (``guilds/ID``) or of all."""
        schema = "ApplicationCommandUpdateRequest"
        if fault := next((found for one in body if (found := _fault(schema, one) or _command_fault(one))), ""):
            return _error(400, 50035, fault)
        self.registered.append((scope[1] if scope else "all", body))
        more = {
            "description": "",
            "application_id": str(APPLICATION),
            "version": "1",
            "default_member_permissions": None,
            "type": 1,
        }
        return _json([more | one | {"id": str(self._id())} for one in body])

    def _post(self, channel: int, body: dict[str, Any]) -> web.StreamResponse:
        if fault := _fault("MessageCreateRequest", body):
            return _error(400, 50035, fault)
        reference = body.get("message_reference") or {}
        if reference.get("fail_if_not_exists", True) and int(reference.get("message_id", 0)) not in {0, *self.messages}:
            return _error(400, 50035, "message_reference: Unknown message")
        nonce = body.get("nonce")
        if body.get("enforce_nonce") and nonce and (channel, nonce) in self._nonces:
            return _json(self._as_json(self.messages[self._nonces[(channel, nonce)]]))
        posted = Posted(self._id(), channel, body)
        self.messages[posted.id] = posted
        if nonce:
            self._nonces[(channel, nonce)] = posted.id
        return _json(self._as_json(posted))

    def forget_nonces(self) -> None:
        """Some minutes later a nonce is no longer known."""
        self._nonces.clear()

    def _edit(self, id: int, body: dict[str, Any]) -> web.StreamResponse:
        if id not in self.messages:
            return _error(404, 10008, "Unknown Message")
        if fault := _fault("MessageEditRequestPartial", body):
            return _error(400, 50035, fault)
        posted = self.messages[id]
        posted.body = {**posted.body, **body}
        posted.edits += 1
        return _json(self._as_json(posted))

    def _history(self, channel: int, after: int) -> web.StreamResponse:
        found = [one for one in self.messages.values() if one.channel == channel and one.id > after]
        return _json([self._as_json(one) for one in sorted(found, key=lambda one: -one.id)[:100]])

    def _thread(self, channel: int, message: int, body: dict[str, Any]) -> web.StreamResponse:
        if message in self.threads:
            return _error(400, 160004, "A thread has already been created for this message")
        if fault := _fault("CreateTextThreadWithMessageRequest", body):
            return _error(400, 50035, fault)
        self.threads.add(message)
        return _json(_thread_of(message, channel, body["name"]), status=201)

    def _id(self) -> int:
        self._next += 1
        return self._next

    def _as_json(self, posted: Posted) -> dict[str, Any]:
        embeds = [{"type": "rich", **one} for one in posted.body.get("embeds") or []]
        return {
            "id": str(posted.id),
            "channel_id": str(posted.channel),
            "type": 0,
            "author": _user(BOT, "kidoku"),
            "content": posted.body.get("content") or "",
            "timestamp": "2026-05-03T00:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": embeds,
            "components": posted.body.get("components") or [],
            "pinned": False,
            **self._answered(posted),
        }

    def _answered(self, posted: Posted) -> dict[str, Any]:
        """What it is a reply to: null if that was deleted
        (https://docs.discord.com/developers/resources/message#message-reference-structure)."""
        if not (reference := posted.body.get("message_reference")):
            return {}
        answered = self.messages.get(int(reference["message_id"]))
        named = {name: str(value) for name, value in reference.items() if name.endswith("_id")}
        return {
            "type": 19,
            "message_reference": {"type": 0, **named},
            "referenced_message": None if answered is None else self._as_json(answered),
        }

    # What a story asks ----------------------------------------------------------------------------------------------

    def in_channel(self, channel: int = ROOM) -> list[Posted]:
        return [one for one in self.messages.values() if one.channel == channel]

    async def press(self, custom_id: str, user: int = ALICE, interaction: int | None = None) -> None:
        """Somebody presses a button."""
        message = next(iter(self.messages.values()))
        await self._dispatch(
            "INTERACTION_CREATE",
            {
                "id": str(interaction or self._id()),
                "application_id": str(APPLICATION),
                "type": 3,
                "token": "an-interaction-token",
                "version": 1,
                "channel_id": str(message.channel),
                "channel": {"id": str(message.channel), "type": 1},
                "user": _user(user, "alice"),
                "message": self._as_json(message),
                "data": {"component_type": 2, "custom_id": custom_id, "id": 2},
                "entitlements": [],
                "authorizing_integration_owners": {},
                "attachment_size_limit": 1000,
            },
        )

    async def submit(self, user: int = ALICE, /, **answers: str) -> None:
        """Somebody submits the newest modal."""
        await self._interacts(SUBMISSION, submitted(self.modals[-1], answers), user)

    async def click(self, custom_id: str, user: int = ALICE) -> None:
        """Somebody presses a button of an answer that they alone see."""
        said = [one.get("followup") or one["callback"].get("data") or {} for one in self.answers]
        body = next(one for one in said if custom_id in str(one.get("components")))
        message = self._as_json(Posted(self._id(), ROOM, body))
        await self._interacts(3, {"component_type": 2, "custom_id": custom_id, "id": 2}, user, message=message)

    async def choose(self, posted: Posted, value: str, user: int = ALICE) -> None:
        """Somebody chooses from the menu of a message."""
        assert value in [one["value"] for one in posted.menu["options"]]
        data = {"component_type": 3, "custom_id": posted.menu["custom_id"], "id": 3, "values": [value]}
        await self._interacts(3, data, user, message=self._as_json(posted))

    async def on_message(self, name: str, text: str, user: int = ALICE) -> None:
        """Somebody chooses a command from the menu of a message that somebody wrote."""
        message = self._as_json(Posted(self._id(), ROOM, {"content": text}))
        resolved = {"messages": {message["id"]: message}}
        data = {"id": "2", "type": 3, "name": name, "target_id": message["id"], "resolved": resolved}
        await self._interacts(2, data, user)

    async def _interacts(self, kind: int, data: dict[str, Any], user: int, **more: Any) -> None:
        common = {
            "id": str(self._id()),
            "application_id": str(APPLICATION),
            "type": kind,
            "token": "an-interaction-token",
            "version": 1,
            "locale": "ja",
            "channel_id": str(ROOM),
            "channel": {"id": str(ROOM), "type": 1},
            "user": _user(user, "alice"),
            "data": data,
            "entitlements": [],
            "authorizing_integration_owners": {},
            "attachment_size_limit": 1000,
        }
        await self._dispatch("INTERACTION_CREATE", common | more)

    async def command(
        self, name: str, user: int = ALICE, *, typed: str = "", thread: int | None = None, **fields: Any
    ) -> None:
        """Somebody sends /kidoku name (or /kidoku-name, if that is registered), in the room or in a thread there; or is
        still typing the field ``typed``."""
        kinds = {bool: 5, str: 3}
        options = [
            {"type": kinds[type(value)], "name": key, "value": value} | ({"focused": True} if key == typed else {})
            for key, value in fields.items()
        ]
        sub = {"type": 1, "name": name, "options": options}
        data = {"id": "1", "type": 1, "name": "kidoku", "options": [sub]}
        known = {one["name"] for _, commands in self.registered for one in commands}
        if f"kidoku-{name}" in known:
            data = {"id": "1", "type": 1, "name": f"kidoku-{name}", "options": options}
        await self._interacts(4 if typed else 2, data, user, **({} if thread is None else _in_thread(thread, user)))

    # The gateway ----------------------------------------------------------------------------------------------------

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        if self.is_gateway_gone:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket = socket
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._hear(json.loads(frame.data))
        return socket

    async def _hear(self, frame: Mapping[str, Any]) -> None:
        if frame["op"] == 1:
            assert self._socket is not None
            await self._socket.send_json({"op": 11, "d": None, "s": None, "t": None})
        if frame["op"] == 2:
            self.identified += 1
            await self._dispatch("READY", self._ready())
        if frame["op"] == 6:
            self.resumed += 1
            await self._dispatch("RESUMED", {})
        await self._tell()

    def _ready(self) -> dict[str, Any]:
        return {
            "v": 10,
            "user": _user(BOT, "kidoku"),
            "guilds": [],
            "session_id": "a-session",
            "resume_gateway_url": f"ws://127.0.0.1:{self.port}/gateway",
            "application": {"id": str(APPLICATION), "flags": 0},
        }

    async def _dispatch(self, kind: str, data: Mapping[str, Any]) -> None:
        assert self._socket is not None
        if kind == "INTERACTION_CREATE":
            self._interactions[int(data["id"])] = data["type"]
        self._sequence += 1
        await self._socket.send_json({"op": 0, "d": data, "s": self._sequence, "t": kind})

    async def reconnect(self) -> None:
        """Ask the client to come again (op 7)."""
        assert self._socket is not None
        await self._socket.send_json({"op": 7, "d": None, "s": None, "t": None})

    async def lose_gateway(self) -> None:
        """Cut the connection, and take no other until ``is_gateway_gone`` is taken back. REST goes on."""
        self.is_gateway_gone = True
        await self.drop()

    async def drop(self) -> None:
        """Cut the connection."""
        assert self._socket is not None
        await self._socket.close(code=1011)


def _thread_of(id: int, parent: int, name: str) -> dict[str, Any]:
    return {
        "id": str(id),
        "type": 11,
        "guild_id": "1",
        "parent_id": str(parent),
        "owner_id": str(BOT),
        "name": name,
        "message_count": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-05-03T00:00:00+00:00",
            "locked": False,
        },
    }


def _in_thread(id: int, user: int) -> dict[str, Any]:
    """Where an interaction comes from, and who it was: a thread of the room, and a member of its server.
    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object"""
    member = {
        "user": _user(user, "alice"),
        "roles": [],
        "joined_at": "2026-05-03T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": "0",
    }
    return {"channel_id": str(id), "channel": _thread_of(id, ROOM, "down"), "guild_id": "1", "member": member}


def _user(id: int, name: str) -> dict[str, Any]:
    return {"id": str(id), "username": name, "discriminator": "0", "avatar": None, "global_name": name}


def _application() -> dict[str, Any]:
    return {
        "id": str(APPLICATION),
        "name": "Kidoku",
        "icon": None,
        "description": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0",
        "flags": 0,
        "team": None,
        "owner": _user(1, "owner"),
    }


def _json(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Discord names no charset, and discord.py compares the header as a whole."""
    given = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=given)


def _error(status: int, code: int, message: str) -> web.Response:
    return _json({"message": message, "code": code}, status=status)


def _fault(schema: str, body: Mapping[str, Any]) -> str:
    """What is wrong with a request: by Discord's specification, and by the limits that it says in prose."""
    if users := (body.get("allowed_mentions") or {}).get("users"):
        # Discord takes ids as numbers too, and discord.py writes them so; the specification knows texts only.
        body = {**body, "allowed_mentions": {**body["allowed_mentions"], "users": [str(one) for one in users]}}
    if reference := body.get("message_reference"):
        ids = {name: str(value) for name, value in reference.items() if name.endswith("_id")}
        body = {**body, "message_reference": {**reference, **ids}}
    validator = _validator(schema)
    if validator is not None:
        for error in validator.iter_errors(dict(body)):
            return f"{error.json_path}: {error.message[:200]}"
    if len(body.get("content") or "") > 2000:
        return "content is longer than 2000"
    total = sum(_embed_size(one) for one in body.get("embeds") or [])
    return "embeds are longer than 6000 in all" if total > 6000 else ""


def _command_fault(command: Mapping[str, Any]) -> str:
    """The limits that Discord says in prose: names, descriptions, 25 of each, 8,000 characters in all.

    https://docs.discord.com/developers/interactions/application-commands#application-command-object"""
    if command.get("type", 1) != 1:
        is_named = all(1 <= len(one) <= 32 for one in _names(command))
        return "" if is_named and not command.get("description") else f"a name or description of {command['name']}"
    nodes = list(_nodes(command))
    for one in nodes:
        texts = [one["description"], *(one.get("description_localizations") or {}).values()]
        if not re.fullmatch(r"[-_'\w]{1,32}", one["name"]) or not all(1 <= len(text) <= 100 for text in texts):
            return f"a name or description of {one['name']}"
        if len(one.get("options") or []) > 25 or len(one.get("choices") or []) > 25:
            return f"too many options of {one['name']}"
        required = [bool(option.get("required")) for option in one.get("options") or []]
        if required != sorted(required, reverse=True):
            return f"a required option of {one['name']} after others"
    total = sum(len(one["name"]) + _longest(one) + sum(map(_size_of, one.get("choices") or [])) for one in nodes)
    return "longer than 8000 in all" if total > 8000 else ""


def _longest(one: Mapping[str, Any]) -> int:
    """Of a description's languages the longest counts."""
    return max(len(text) for text in (one["description"], *(one.get("description_localizations") or {}).values()))


def _size_of(choice: Mapping[str, Any]) -> int:
    return len(choice["name"]) + len(str(choice["value"]))


def _names(command: Mapping[str, Any]) -> list[str]:
    return [command["name"], *(command.get("name_localizations") or {}).values()]


def _nodes(command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield command
    for one in command.get("options") or []:
        yield from _nodes(one)


def _embed_size(embed: Mapping[str, Any]) -> int:
    texts = [embed.get("title") or "", embed.get("description") or "", (embed.get("footer") or {}).get("text") or ""]
    texts += [text for one in embed.get("fields") or [] for text in (one["name"], one["value"])]
    return sum(map(len, texts))
