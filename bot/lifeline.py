"""The alarm for when nothing can be saved: straight to the channels, past the store and its outbox.

Promise 4: silence is never final, a full disk included. After a restart it may say the same again: the lesser evil.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.desk import Rules, due_at_once
from bot.engine import Committed
from bot.scribe import Scribe
from bot.store.record import StoreError
from channels.base import Notifier, Sent
from escalation.command import AlarmKind, Purpose
from escalation.target import Reached, resolve

log = structlog.get_logger(__name__)

NOT_BEFORE = timedelta(minutes=10)
"""Between two alarms: a full disk fails every commit."""

AGAIN_AFTER = timedelta(minutes=1)
"""After an alarm that reached nobody."""


class Lifeline:
    """Listens to the engine's failures."""

    def __init__(
        self, clock: Clock, rules: Callable[[], Rules], notifiers: Mapping[str, Notifier], scribe: Scribe
    ) -> None:
        self._clock = clock
        self._rules = rules
        self._notifiers = notifiers
        self._scribe = scribe
        self._told_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, error: Exception) -> None:
        """A commit failed. Only a fault of the store is news: others are said where they happen."""
        now = self._clock.now()
        if not isinstance(error, StoreError):
            return
        self._failed_at = self._failed_at or now
        if self._told_at is not None and now - self._told_at < NOT_BEFORE:
            return
        self._told_at = now
        log.critical("Nothing can be saved", reason=str(error))
        task = asyncio.get_running_loop().create_task(self._tell(str(error), now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def saved(self, _: Committed) -> None:
        """A commit succeeded."""
        if self._failed_at is not None:
            seconds = round((self._clock.now() - self._failed_at).total_seconds())
            log.warning("Saving works again", seconds=seconds)
            self._failed_at = None

    async def _tell(self, detail: str, now: datetime) -> None:
        text = json.dumps({"kind": AlarmKind.STORE_FAILED, "detail": detail})
        digest = hashlib.sha256(f"{now.isoformat()}{detail}".encode()).hexdigest()[:16]
        rules = self._rules()
        found = [one for action in rules.alarms for one in resolve(action, None, rules.roster, now)]
        reached = [(f"s{digest}.{number}", one) for number, one in enumerate(found) if isinstance(one, Reached)]
        sent = await asyncio.gather(*(self._try(one, key, text, now) for key, one in reached))
        if not any(sent):
            self._told_at = now - NOT_BEFORE + AGAIN_AFTER

    async def _try(self, one: Reached, key: str, text: str, now: datetime) -> bool:
        """Whether it was sent; whatever befalls one channel, the others are tried."""
        try:
            return await self._send(one, key, text, now)
        except Exception:
            log.exception("Nobody could be told that nothing can be saved", channel=one.channel)
            return False

    async def _send(self, one: Reached, key: str, text: str, now: datetime) -> bool:
        row = due_at_once(key, one, Purpose.ALARM, now, text)
        message, _ = await self._scribe.word(row)
        if message is None:
            return False
        result = await self._notifiers[one.channel].send(message)
        if not isinstance(result, Sent):
            log.critical("Nobody could be told that nothing can be saved", channel=one.channel, reason=result.reason)
        return isinstance(result, Sent)
