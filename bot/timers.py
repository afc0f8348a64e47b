"""The clockwork of a node: one wake-up at the earliest due time, and the periodic work. APScheduler's jobs hold no
state: all of it is in the store."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock, monotonic, wall
from bot.desk import Desk
from bot.engine import Committed, Engine
from bot.silence import end
from bot.wakeup import WakeUp
from escalation.event import TimerFired

log = structlog.get_logger(__name__)

AT_ONCE = 2000
"""Due alerts decided and saved in one transaction."""

LOOK_AGAIN = timedelta(seconds=5)
"""The earliest due time is read again this often, whatever the wake-up says: a jump of the system's clock or a
process that commits beside this one can't make it sleep on."""


class Timers:
    """Feeds ``TimerFired`` to every alert that is due."""

    def __init__(self, engine: Engine, clock: Clock, scheduler: AsyncIOScheduler) -> None:
        self.engine = engine
        self.clock = clock
        self.scheduler = scheduler
        self._wake_up = WakeUp(clock, scheduler, "wake")
        engine.listeners.append(self._committed)

    async def run(self) -> None:
        """Decide what is due at each wake-up, until cancelled. A tick that fails is tried again."""
        self.every(LOOK_AGAIN, self._wake_up.now, "look")
        while True:
            self._wake_up.begin()
            try:
                await self.tick()
            except Exception:
                log.exception("What is due could not be decided; it is tried again")
            await self._wake_up.wait()

    def every(self, span: timedelta, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Run periodic work in real time; a run that takes longer than its period is not started twice."""

        async def guarded() -> None:
            try:
                await work()
            except asyncio.CancelledError:
                # The scheduler stops with work under way: that is no error to be logged.
                return
            except Exception:
                log.exception("Periodic work failed and is tried again", work=name)

        self.scheduler.add_job(
            guarded,
            IntervalTrigger(seconds=span.total_seconds()),
            id=name,
            replace_existing=True,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    async def look(self) -> None:
        """Read the earliest due time and plan the wake-up for it."""
        await self._read()

    async def tick(self) -> int:
        """Decide every alert that is due now; returns how many. Safe to run twice, or late."""
        count = 0
        while ids := await self.engine.submit(self._fire_due):
            count += len(ids)
            if len(ids) < AT_ONCE:
                break
        await self._end_silences(await self._read())
        return count

    async def _read(self) -> list[int]:
        """Plan the next wake-up; returns the silences that are over. One transaction: what is due waits for it."""
        self._wake_up.forget()
        now = self.clock.now()
        async with self.engine.store.reading() as tx:
            found = [await tx.earliest_due(), await tx.next_silence_end(now)]
            ended = await tx.ended_silences(now)
        for due_at in found:
            if due_at is not None:
                self._wake_up.at(due_at)
        return ended

    async def _end_silences(self, ended: list[int]) -> None:
        """In transactions of their own, and whatever comes of it: a page never waits for a summary. One that could not
        be saved is tried again at the next look."""
        for id in ended:
            try:
                await self.engine.submit(partial(end, id=id))
            except Exception:
                log.exception("What a silence swallowed could not be told yet; it is tried again", silence=id)

    async def _fire_due(self, desk: Desk) -> list[int]:
        ids = await desk.due(AT_ONCE)
        for id in ids:
            await desk.feed(id, TimerFired())
        return ids

    def _committed(self, committed: Committed) -> None:
        if committed.due_at is not None:
            self._wake_up.at(committed.due_at)


class ClockWatch:
    """Sees the system's clock jump against the one that never does."""

    MOST = timedelta(seconds=2)
    """What is slewed, and what a busy machine makes of it, is no jump."""

    def __init__(self) -> None:
        self._base = self._offset()

    def _offset(self) -> float:
        return wall().timestamp() - monotonic()

    def jump(self) -> timedelta:
        """How far the clock jumped since the last call; zero when that is less than ``MOST``."""
        now = self._offset()
        jumped = timedelta(seconds=round(now - self._base, 3))
        if abs(jumped) < self.MOST:
            return timedelta(0)
        self._base = now
        return jumped
