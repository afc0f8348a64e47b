"""The methods of Slack's Web API, as documented, on a workspace that is kept in memory.

https://docs.slack.dev/reference/methods
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.slack_blocks import check, check_view, why
from tests.fakes.slack_socket import Sockets
from tests.fakes.slack_views import Views
from tests.fakes.slack_world import (
    ALICE,
    BOB,
    BOT,
    BOT_USER,
    FIRST_TS,
    OPS,
    QUIET,
    STRANGER,
    TEAM,
    Posted,
    RefusedError,
    user,
)


class WebApi(Views):
    """Each method takes its arguments and gives its answer, or raises RefusedError with Slack's error."""

    def __init__(self, sockets: Sockets) -> None:
        super().__init__()
        self.messages: list[Posted] = []
        self.private: list[dict[str, Any]] = []
        """What only one person saw: by a response_url ({"via": "response_url"}) or chat.postEphemeral."""
        self.rooms = {"ops": OPS, "quiet": QUIET}
        self.archived: set[str] = set()
        self.joined = {OPS}
        self.users: dict[str, dict[str, Any]] = {
            ALICE: user(ALICE, "alice", TEAM),
            BOB: user(BOB, "bob", TEAM),
            STRANGER: user(STRANGER, "alice", "T0OTHER"),
        }
        self.page = 200
        self.homes: dict[str, dict[str, Any]] = {}
        """The Home tab of each member, as it is published now."""
        self.has_home_tab = True
        self.sockets = sockets
        self._ts = FIRST_TS

    def thread(self, message: Posted) -> list[str]:
        """The lines under a message; not what is shown in the room, too."""
        return [one.shown for one in self.messages if one.thread_ts == message.ts and not one.is_in_room]

    def auth_test(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "url": "https://company.slack.com/",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def post_message(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._place(str(arguments["channel"]))
        self._validate(arguments)
        thread = str(arguments.get("thread_ts") or "")
        if thread and self._find(channel, thread) is None:
            raise RefusedError("thread_not_found")
        posted = self.add(channel, dict(arguments), thread, BOT)
        return {"channel": channel, "ts": posted.ts, "message": posted.as_json(0, True)}

    def _validate(self, arguments: Mapping[str, Any]) -> None:
        if error := check(arguments):
            raise RefusedError(error) from ValueError(why(arguments))

    def add(self, channel: str, body: dict[str, Any], thread: str, bot: str) -> Posted:
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
        found = [one for one in self.messages if one.channel == channel and one.is_in_room and float(one.ts) > oldest]
        return self._page("messages", [self._as_json(one, arguments) for one in reversed(found)], arguments)

    def replies(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        root = self._find(str(arguments["channel"]), str(arguments["ts"]))
        if root is None:
            raise RefusedError("thread_not_found")
        oldest = float(arguments.get("oldest") or 0)
        found = [root, *(one for one in self.messages if one.thread_ts == root.ts and float(one.ts) > oldest)]
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

    def publish(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """https://docs.slack.dev/reference/methods/views.publish"""
        user, view = str(arguments["user_id"]), arguments["view"]
        view = json.loads(view) if isinstance(view, str) else view
        if user not in self.users:
            raise RefusedError("invalid_arguments")
        if not self.has_home_tab:
            raise RefusedError("not_enabled")
        if error := check_view(view):
            raise RefusedError(error)
        before = self.homes.get(user)
        if arguments.get("hash") and (before is None or arguments["hash"] != before["hash"]):
            raise RefusedError("hash_conflict")
        self._ts += 1
        self.homes[user] = {**view, "id": f"V{user}", "team_id": TEAM, "hash": f"{self._ts}.abc", "bot_id": BOT}
        return {"view": self.homes[user]}

    def open_connection(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"url": self.sockets.ticket()}


METHODS: Mapping[str, Callable[[WebApi, Mapping[str, Any]], dict[str, Any]]] = {
    "auth.test": WebApi.auth_test,
    "chat.postMessage": WebApi.post_message,
    "chat.update": WebApi.update,
    "chat.postEphemeral": WebApi.post_ephemeral,
    "conversations.open": WebApi.open,
    "conversations.history": WebApi.history,
    "conversations.replies": WebApi.replies,
    "conversations.list": WebApi.list,
    "users.lookupByEmail": WebApi.look_up,
    "users.info": WebApi.info,
    "views.open": WebApi.open_view,
    "views.update": WebApi.update_view,
    "views.publish": WebApi.publish,
    "apps.connections.open": WebApi.open_connection,
}
