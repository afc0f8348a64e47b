"""The engine: one door in. Every happening is a job; jobs that wait together are committed together.

A job stages what it wants at a ``Desk``. All jobs at hand share one transaction (group commit); if one of them raises,
or another node was faster, the transaction is rolled back and each job runs again in its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog

from bot import chronicle, follow
from bot.clock import Clock
from bot.desk import Desk, Rules
from bot.failpoint import failpoint
from bot.store.record import ConflictError, NotificationRow
from bot.store.store import Store, Tx
from escalation.alert import Alert
from escalation.roster import Roster

log = structlog.get_logger(__name__)


class Taker(Protocol):
    """Works on what is claimed at a desk. If its part before the commit raises, what was decided is committed without
    it."""

    async def put_off(self, desk: Desk) -> None:
        """Before anything is saved: decide on about what was decided, and can't leave now."""

    async def take_up(self, desk: Desk) -> Collection[str]:
        """Claim what is due at once by this transaction; returns the channels of which nothing of it is left."""

    def begin(self, claimed: Mapping[str, Sequence[NotificationRow]]) -> None:
        """What was claimed, by channel, is committed: work on it."""

    def doubt(self, claimed: Mapping[str, Sequence[NotificationRow]], at: datetime) -> None:
        """What was claimed at this instant may be committed or not: the commit failed, or its answer was lost."""


class TakingError(Exception):
    """What was decided can be committed, but not taken up with it."""


T = TypeVar("T")
Job = Callable[[Desk], Awaitable[T]]

MOST_JOBS = 256
"""Jobs in one transaction, and in the queue: what bounds memory and the wait for a commit."""

KNOWN_FOR = timedelta(days=1)
"""Overrides and leaves that are over are known so much longer: somebody may still be told of what was due then."""

MOST_TRIES = 5
"""Tries of one job against other nodes that decide about the same alert."""


@dataclass(slots=True)
class _Waiting:
    job: Job[Any]
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit leaves to do: when a lane has something to do by it at the earliest, by channel; the channels that
    have something to send at once; and the earliest new due time. And the alerts that it opened."""

    lane_wakes: Mapping[str, datetime]
    due_channels: frozenset[str]
    due_at: datetime | None
    opened: tuple[Alert, ...] = ()


class Engine:
    """Runs jobs against the store, in order of arrival."""

    def __init__(self, store: Store, clock: Clock, rules: Rules) -> None:
        self.store = store
        self.clock = clock
        self.rules = rules
        self.listeners: list[Callable[[Committed], None]] = []
        self.failure_listeners: list[Callable[[Exception], None]] = []
        self.taker: Taker | None = None
        self.base: Callable[[Tx], Awaitable[Roster]] | None = None
        """Everybody as the calendars of others have it; None: the roster stays as it was given."""
        self.duty_listeners: list[Callable[[], None]] = []
        self._known: object = None
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(MOST_JOBS)

    async def submit(self, job: Job[T]) -> T:
        """Run a job; returns what it returned, after the commit. Raises what it, or the store, raised: then nothing
        of it was saved."""
        waiting = _Waiting(job, asyncio.get_running_loop().create_future())
        await self._queue.put(waiting)
        result: T = await asyncio.shield(waiting.done)
        return result

    async def run(self) -> None:
        """Serve the queue until ``stop``; what was submitted before is committed first."""
        while (first := await self._queue.get()) is not None:
            batch = [first]
            is_last = False
            while not self._queue.empty() and len(batch) < MOST_JOBS:
                other = self._queue.get_nowait()
                if other is None:
                    is_last = True
                    break
                batch.append(other)
            await self._serve(batch)
            if is_last:
                return

    async def stop(self) -> None:
        """Let ``run`` end after what is in the queue."""
        await self._queue.put(None)

    async def run_now(self, job: Job[T]) -> T:
        """Run one job at once, in its own transaction: for a process without a running engine (the CLI)."""
        waiting = _Waiting(job, asyncio.get_running_loop().create_future())
        await self._serve([waiting])
        result: T = await waiting.done
        return result

    async def _serve(self, batch: list[_Waiting]) -> None:
        try:
            try:
                await self._commit(batch, self.taker)
            except TakingError:
                await self._commit(batch)
        except Exception as error:
            if len(batch) == 1:
                await self._retry(batch[0], error)
                return
            log.info("A shared commit failed; each job runs alone", jobs=len(batch), error=type(error).__name__)
            for waiting in batch:
                await self._serve([waiting])

    async def _retry(self, waiting: _Waiting, error: Exception) -> None:
        for _ in range(MOST_TRIES):
            if not isinstance(error, ConflictError):
                break
            try:
                await self._commit([waiting])
                return
            except Exception as again:
                error = again
        if not waiting.done.done():
            waiting.done.set_exception(error)
        self._tell_failure(error)

    async def refresh(self, *, is_own: bool = False) -> None:
        """Read the overrides, leaves, calendars and the languages that people chose into the roster: at the start,
        after a change of our own (``is_own``), and when another process committed."""
        since = self.clock.now() - KNOWN_FOR
        async with self.store.reading() as tx:
            overrides, leaves = await tx.overrides(since), await tx.leaves(since)
            languages = await tx.languages()
            roster = await self.base(tx) if self.base is not None else self.rules.roster
        self.rules = replace(self.rules, roster=roster.changed(overrides, leaves).speaking(languages))
        known = (overrides, leaves, roster.schedules)
        is_changed, self._known = self._known != known, known
        if is_changed or is_own:
            for listener in self.duty_listeners:
                listener()

    async def _commit(self, batch: list[_Waiting], taker: Taker | None = None) -> None:
        desks: list[Desk] = []
        try:
            async with self.store.transaction() as tx:
                desk = Desk(tx, self.clock.now(), self.rules)
                desks.append(desk)
                results = [await waiting.job(desk) for waiting in batch]
                if taker is not None:
                    await _taken(taker.put_off(desk))
                await follow.tell(desk)
                await desk.save()
                taken = await _taken(taker.take_up(desk)) if taker is not None else ()
                failpoint("engine.saved")
        except BaseException:
            for desk in desks:
                if desk.claimed and self.taker is not None:
                    self.taker.doubt(desk.claimed, desk.now)
            raise
        failpoint("engine.committed")
        if desk.is_roster_changed:
            await self._refresh()
        for waiting, result in zip(batch, results, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(result)
        if desk.claimed and self.taker is not None:
            self.taker.begin(desk.claimed)
        self._tell(Committed(desk.lane_wakes, desk.due_channels.difference(taken), desk.due_at, desk.opened))
        self._log(desk)

    async def _refresh(self) -> None:
        """A fault here is not the commit's, and must not run the jobs again: the roster is read again soon anyway."""
        try:
            await self.refresh(is_own=True)
        except Exception:
            log.exception("What changed the schedules could not be read")

    def _tell(self, committed: Committed) -> None:
        """A listener's fault is not the commit's, and must not run the jobs again: it looks again by itself anyway."""
        for listener in self.listeners:
            try:
                listener(committed)
            except Exception:
                log.exception("A listener failed after a commit")

    def _log(self, desk: Desk) -> None:
        try:
            if chronicle.is_heard():
                chronicle.tell(desk.happened(desk.ids))
        except Exception:
            log.exception("What happened could not be logged")

    def _tell_failure(self, error: Exception) -> None:
        for listener in self.failure_listeners:
            try:
                listener(error)
            except Exception:
                log.exception("A listener failed after a failed commit")


async def _taken(part: Awaitable[T]) -> T:
    """The taker's part before the commit. Raises TakingError: a statement that failed may have ended the transaction,
    which must not be committed then."""
    try:
        return await part
    except Exception as error:
        log.exception("What is due could not be taken up with its decision, and is by itself")
        raise TakingError from error
