"""Whether Slack works: the Web API takes the bot's token, and presses can come in."""

import asyncio
from collections.abc import Iterable

import structlog

from channels.base import HealthListener
from channels.slack.answer import classify
from channels.slack.backoff import wait_after
from channels.slack.directory import Directory, Identity

log = structlog.get_logger(__name__)

API = "api"
SOCKET = "socket"
LOOK_EVERY = 60.0
SCOPES = frozenset({"chat:write", "im:write", "users:read", "users:read.email", "channels:history", "im:history"})
"""What the channel can't do its work without; config/slack-manifest.yaml asks for them and a few more."""


class Health:
    """Up once every part is; down as soon as one is down. Tells the listener of changes only."""

    def __init__(self, listener: HealthListener, parts: Iterable[str]) -> None:
        self._listener = listener
        self._faults: dict[str, str | None] = dict.fromkeys(parts)
        self._said: tuple[bool, str] | None = None

    def up(self, part: str) -> None:
        self._set(part, "")

    def down(self, part: str, detail: str) -> None:
        self._set(part, detail or "no reason given")

    def _set(self, part: str, fault: str) -> None:
        self._faults[part] = fault
        faults = [one for one in self._faults.values() if one]
        if not faults and None in self._faults.values():
            return
        state = (not faults, "; ".join(faults))
        if state != self._said:
            self._said = state
            self._listener("slack", *state)


class Pulse:
    """Asks Slack every minute whose token it is (auth.test): a revoked token is found by day, not by the alarm."""

    def __init__(self, directory: Directory, health: Health) -> None:
        self._directory = directory
        self._health = health
        self._lacking: frozenset[str] = frozenset()

    async def run(self) -> None:
        failures = 0
        while True:
            failures = 0 if await self._look() else failures + 1
            await asyncio.sleep(wait_after(failures) if failures else LOOK_EVERY)

    async def _look(self) -> bool:
        try:
            identity = await self._directory.identity(is_fresh=True)
        except Exception as error:
            self._health.down(API, classify(error).reason)
            return False
        self._health.up(API)
        self._check(identity)
        return True

    def _check(self, identity: Identity) -> None:
        lacking = SCOPES - identity.scopes if identity.scopes else frozenset()
        if lacking != self._lacking and lacking:
            log.warning("The Slack app lacks permissions: update it from its manifest", scopes=sorted(lacking))
        self._lacking = lacking
