"""Whether Slack works: the Web API takes the bot's token, and presses can come in."""

import asyncio

import structlog

from channels.base import HealthListener
from channels.slack.answer import classify
from channels.slack.backoff import wait_after
from channels.slack.directory import Directory, Identity
from channels.slack.scope import SCOPES
from escalation.phrase import N_

log = structlog.get_logger(__name__)

API = "slack"
SOCKET = "slack:socket"
"""Messages leave without it, but no press comes in."""
LOOK_EVERY = 60.0


class Health:
    """Tells the listener when a part begins or ceases to work, never twice the same."""

    def __init__(self, listener: HealthListener) -> None:
        self._listener = listener
        self._said: dict[str, tuple[bool, str]] = {}

    def up(self, part: str) -> None:
        self._set(part, True, "")

    def down(self, part: str, detail: str) -> None:
        self._set(part, False, detail or N_("no reason given"))

    def _set(self, part: str, is_up: bool, detail: str) -> None:
        if self._said.get(part) != (is_up, detail):
            self._said[part] = (is_up, detail)
            self._listener(part, is_up, detail)


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
