"""One wake-up: at the earliest instant that was asked for, or at once."""

import asyncio
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot.clock import Clock, wall


class WakeUp:
    """One job of the scheduler, which holds no state: whoever waits reads from the store what is due."""

    def __init__(self, clock: Clock, scheduler: AsyncIOScheduler, name: str) -> None:
        self._clock = clock
        self._scheduler = scheduler
        self._name = name
        self._planned_for: datetime | None = None
        self._woken = asyncio.Event()

    def begin(self) -> None:
        """What is asked for from now on will wake again."""
        self._woken.clear()

    async def wait(self) -> None:
        await self._woken.wait()

    async def now(self) -> None:
        self.set()

    def set(self) -> None:
        """Wake up at once."""
        self._woken.set()

    def forget(self) -> None:
        """Nothing is planned; what is planned next need not be sooner."""
        self._planned_for = None

    def at(self, due_at: datetime) -> None:
        """Wake up at ``due_at``, unless that is planned for earlier anyway; at once if it is past."""
        if self._planned_for is not None and self._planned_for <= due_at:
            return
        self._planned_for = due_at
        wait = self._clock.real(due_at - self._clock.now())
        if wait <= timedelta(0):
            self._woken.set()
            return
        self._scheduler.add_job(
            self.now,
            DateTrigger(wall() + wait),
            id=self._name,
            replace_existing=True,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
