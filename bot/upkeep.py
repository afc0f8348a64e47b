"""What is done every so often for as long as the bot runs: looked after, told, let go of."""

from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.beside import Beside
from bot.calendars.refresh import Refresher
from bot.desk import Desk
from bot.dialogs import DIALOG_KEPT
from bot.drill import DrillWatch
from bot.engine import Engine
from bot.expiry import delete_expired
from bot.health import HealthAlarm
from bot.lifeline import Lifeline
from bot.outgoing import probe
from bot.post import Post
from bot.set_back import Waits
from bot.settings import Settings
from bot.shift_watch import ShiftWatch
from bot.timers import ClockWatch, Timers
from bot.translation.translations import Translations
from bot.unreached import WeeklyList
from bot.weekly import WeeklyTest
from escalation.command import AlarmKind

log = structlog.get_logger(__name__)

HOLIDAYS_AHEAD = timedelta(days=180)
GREAT_JUMP = timedelta(minutes=1)
"""A clock that jumps so far is somebody's to look after."""


@dataclass(slots=True)
class Upkeep:
    """All periodic work of one bot. ``begin`` says how often each is done; each can also be done by itself."""

    settings: Settings
    engine: Engine
    post: Post | None
    beside: Beside
    health: HealthAlarm
    lifeline: Lifeline
    shifts: ShiftWatch
    calendars: Refresher
    drills: DrillWatch
    weekly: WeeklyTest
    unreached: WeeklyList
    translations: Translations | None
    _watch: ClockWatch = field(default_factory=ClockWatch)
    _untold: list[timedelta] = field(default_factory=list)
    """Great jumps of which the administrators have not been told yet."""
    _waits: Waits = field(init=False)

    def __post_init__(self) -> None:
        self._waits = Waits(self.engine)

    def begin(self, timers: Timers) -> None:
        """Have it done from now on, in real time."""
        timers.every(timedelta(seconds=0.5), self.beside.look, "beside")
        timers.every(timedelta(seconds=15), self.health.look, "health")
        timers.every(timedelta(seconds=15), self.lifeline.look, "lifeline")
        timers.every(timedelta(seconds=1), self.look_at_clock, "clock")
        timers.every(timedelta(hours=1), self.purge, "retention")
        timers.every(timedelta(days=1), self.look_at_holidays, "holidays")
        timers.every(timedelta(minutes=1), self.expire, "expiry")
        timers.every(timedelta(seconds=15), self.calendars.look, "calendars")
        timers.every(timedelta(minutes=1), self.shifts.guard, "shifts")
        timers.every(timedelta(seconds=15), self.drills.look, "drills")
        timers.every(timedelta(minutes=1), self.weekly.look, "weekly test")
        timers.every(timedelta(minutes=1), self.unreached.look, "unreached")

    async def look_at_clock(self) -> None:
        """See to it that no page comes late by a jump, and tell of a great one."""
        jump = self._watch.jump()
        if jump:
            log.warning("The clock jumped", seconds=jump.total_seconds())
        if jump < timedelta(0):
            self._waits.set_back(-jump)
        if abs(jump) >= GREAT_JUMP:
            self._untold.append(jump)
        # What can't be saved now is neither forgotten nor done twice: the next look goes on with it.
        await self._waits.keep()
        while self._untold:
            await self._tell_jump(self._untold[0])
            del self._untold[0]

    async def _tell_jump(self, jump: timedelta) -> None:
        detail = f"{jump.total_seconds():+.0f} s"
        key = f"clock:{self.engine.clock.now().isoformat()}"
        await self.engine.submit(lambda desk: desk.alarm(AlarmKind.CLOCK_JUMPED, detail, key))

    async def look_at_holidays(self) -> None:
        """Settings live as long as the bot: one that runs for years must not come to the end of its calendar."""
        until = self.settings.holidays_until
        if until is not None and self.engine.clock.now().date() > until - HOLIDAYS_AHEAD:
            kind, detail = AlarmKind.HOLIDAYS_END, until.isoformat()
            await self.engine.submit(lambda desk: desk.alarm(kind, detail, f"holidays:{detail}"))

    async def purge(self) -> None:
        """Delete what is older than the retention."""
        before = self.engine.clock.now() - timedelta(days=self.settings.retention_days)

        async def job(desk: Desk) -> int:
            await desk.tx.forget_dialogs(desk.now - DIALOG_KEPT)
            return await desk.tx.purge(before)

        if count := await self.engine.submit(job):
            log.info("Old alerts were deleted", alerts=count)
        await self.calendars.forget()

    async def expire(self) -> None:
        """Let go of what has had its time. First of what is in memory alone: that needs no store, and can't fail."""
        if self.translations is not None:
            self.translations.interpreter.memory.forget()
        await delete_expired(self.engine)
        await probe.finish_due(self.engine, has_page=self.post is not None and bool(self.post.public_url))
