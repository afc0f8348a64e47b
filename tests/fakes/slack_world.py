"""Who and what there is in the workspace of the fake Slack: members, rooms, messages, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack_blocks import shown

BOT_TOKEN = "xoxb-a-secret-bot-token"
APP_TOKEN = "xapp-a-secret-app-token"
SIGNING_SECRET = "a-secret-for-signing"
TEAM, BOT, BOT_USER = "T0KIDOKU", "B0KIDOKU", "U0KIDOKU"
ALICE, BOB, STRANGER = "U0ALICE", "U0BOB", "U0STRANGER"
OPS, QUIET = "C0OPS", "C0QUIET"
FIRST_TS = 1_800_000_000


class RefusedError(Exception):
    """An answer ``{"ok": false, "error": …}``."""


@dataclass(frozen=True)
class Refusal:
    """How the next call of a method is answered instead. ``is_done``: it was carried out all the same, only its answer
    is lost. ``is_silent``: no answer ever comes. ``text``: an answer that is not Slack's, such as a proxy's."""

    error: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    is_done: bool = False
    is_silent: bool = False


LIMITED = Refusal("ratelimited", 429, {"Retry-After": "30"})


@dataclass
class Posted:
    """One message as it stands now."""

    channel: str
    ts: str
    body: dict[str, Any]
    thread_ts: str = ""
    edits: int = 0
    bot: str = BOT

    @property
    def is_in_room(self) -> bool:
        """Whether the room shows it: no reply, or one that is shown there too."""
        return not self.thread_ts or self.body.get("reply_broadcast") in ("1", "true", True)

    @property
    def header(self) -> str:
        return str(next(one["text"]["text"] for one in self.body["blocks"] if one["type"] == "header"))

    @property
    def shown(self) -> str:
        return shown(self.body)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [one for one in self._elements if one["type"] == "button"]

    @property
    def menu(self) -> dict[str, Any]:
        """The menu beside the buttons."""
        return next(one for one in self._elements if one["type"] == "overflow")

    @property
    def _elements(self) -> list[dict[str, Any]]:
        return [one for block in self.body["blocks"] if block["type"] == "actions" for one in block["elements"]]

    def as_json(self, replies: int, with_metadata: bool) -> dict[str, Any]:
        found = {"type": "message", "ts": self.ts, "bot_id": self.bot, "user": BOT_USER, "text": self.body.get("text")}
        found |= {"blocks": self.body.get("blocks")} | ({"thread_ts": self.thread_ts} if self.thread_ts else {})
        found |= {"subtype": "thread_broadcast"} if self.thread_ts and self.is_in_room else {}
        found |= {"thread_ts": self.ts, "reply_count": replies} if replies else {}
        return found | ({"metadata": self.body.get("metadata")} if with_metadata else {})


def user(id: str, name: str, team: str) -> dict[str, Any]:
    profile = {"email": f"{name}@company.example", "real_name": name.title()}
    return {"id": id, "name": name, "team_id": team, "deleted": False, "is_bot": False, "profile": profile}
