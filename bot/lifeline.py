"""The alarm for when nothing can be saved: straight to the channels, past the store and its outbox. And that it works
again, by the outbox: what can be told that way has been saved.

Promise 4: silence is never final, a full disk included. After a restart it may say the same again: the lesser evil.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk, due_at_once
from bot.engine import Committed, Engine
from bot.scribe import Scribe
from bot.store.record import StoreError
from bot.wording.saved import SAVES_AGAIN
from channels.base import Notifier, Sent
from escalation.command import AlarmKind, Purpose
from escalation.phrase import parts_of
from escalation.target import Reached, resolve

log = structlog.get_logger(__name__)

NOT_BEFORE = timedelta(minutes=10)
"""Between two alarms: a full disk fails every commit."""

AGAIN_AFTER = timedelta(minutes=1)
"""After an alarm that reached nobody."""

STEADY = timedelta(minutes=2)
"""Without a failure, before it is tried and told that saving works again: it may fail now and then."""

MOST_NAMED = 10
"""Alerts that were late, by number; the others are counted."""


@dataclass(slots=True)
class _Failure:
    """From its first failed commit on. ``back_at``: when a commit succeeded after the last that failed; one that had
    nothing to write proves little. ``reached`` are those who know."""

    since: datetime
    last_at: datetime
    back_at: datetime | None = None
    reached: dict[tuple[str, str], Reached] = field(default_factory=dict)


class Lifeline:
    """Listens to the engine's failures."""

    def __init__(self, engine: Engine, notifiers: Mapping[str, Notifier], scribe: Scribe) -> None:
        self._engine = engine
        self._notifiers = notifiers
        self._scribe = scribe
        self._told_at: datetime | None = None
        self._failure: _Failure | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, error: Exception) -> None:
        """A commit failed. Only a fault of the store is news: others are said where they happen."""
        now = self._engine.clock.now()
        if not isinstance(error, StoreError):
            return
        failure = self._failure = self._failure or _Failure(now, now)
        failure.last_at, failure.back_at = now, None
        if self._told_at is not None and now - self._told_at < NOT_BEFORE:
            return
        self._told_at = now
        log.critical("Nothing can be saved", reason=str(error))
        task = asyncio.get_running_loop().create_task(self._tell(error.why, now, failure))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def saved(self, _: Committed) -> None:
        """A commit succeeded."""
        if self._failure is not None and self._failure.back_at is None:
            self._failure.back_at = self._engine.clock.now()

    async def look(self) -> None:
        """Once nothing has failed for a while: tell whoever knows of it that saving works again, if it does."""
        failure, now = self._failure, self._engine.clock.now()
        if failure is None or now - failure.last_at < STEADY:
            return
        last_at, until = failure.last_at, failure.back_at or now
        try:
            text = await self._back(failure.since, until)
            await self._engine.submit(lambda desk: _announce(desk, text, failure))
        except StoreError:
            return
        log.warning("Saving works again", seconds=round((until - failure.since).total_seconds()))
        # It may have failed again since: that is news.
        self._failure = _Failure(failure.last_at, failure.last_at) if failure.last_at != last_at else None
        self._told_at = None

    async def _back(self, since: datetime, until: datetime) -> str:
        async with self._engine.store.reading() as tx:
            late = set(await tx.late_between(since, until))
            late |= {
                one.id
                for one in await tx.list_alerts(limit=100)
                if since <= one.mail.received_at < until <= one.opened_at and not one.sent_by
            }
        named = sorted(late)[:MOST_NAMED]
        more = len(late) - len(named)
        told = {"kind": SAVES_AGAIN, "since": since.isoformat(), "until": until.isoformat()}
        return json.dumps({**told, "late": named, "more": more})

    async def _tell(self, detail: str, now: datetime, failure: _Failure) -> None:
        text = json.dumps({"kind": AlarmKind.STORE_FAILED, "detail": detail, "said": parts_of(detail)})
        digest = hashlib.sha256(f"{now.isoformat()}{detail}".encode()).hexdigest()[:16]
        rules = self._engine.rules
        found = [one for action in rules.alarms for one in resolve(action, None, rules.roster, now)]
        reached = [(f"s{digest}.{number}", one) for number, one in enumerate(found) if isinstance(one, Reached)]
        sent = await asyncio.gather(*(self._try(one, key, text, now) for key, one in reached))
        told = [one for (_, one), is_sent in zip(reached, sent, strict=True) if is_sent]
        failure.reached |= {(one.channel, one.address): one for one in told}
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


async def _announce(desk: Desk, text: str, failure: _Failure) -> None:
    """To those who had the alarm; if it reached nobody, to all who should have."""
    desk.announce(text, f"saves:{failure.since.isoformat()}", list(failure.reached.values()) or None)
