"""The outbox: one lane a channel takes up what is due and has it delivered (``delivery.py``).

A row is claimed (committed as *sending*) before the provider is called. A row that is claimed again belongs to a try
whose outcome was lost: the provider is asked first, and only then is it sent again.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.delivery import Delivery
from bot.desk import Desk
from bot.engine import Committed, Engine, Taken
from bot.store.record import NotificationRow

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=5)


class Lane:
    """Takes up the notifications of one channel when they are due, as many as there is room for."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.notifier = delivery.notifier
        self.engine = delivery.engine
        self.clock = delivery.clock
        self.kicked = asyncio.Event()
        self._is_due = False
        """Something that is due at once was committed since the last claim: no need to look first."""
        self._waits_for_room = False
        self.is_running = False
        self._is_claiming = False
        self._busy: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        return self.notifier.name

    async def run(self) -> None:
        """Work until cancelled; what is being sent then is finished by ``drain``."""
        self.is_running = True
        try:
            while True:
                self.kicked.clear()
                await self._wait(await self._turned())
        finally:
            self.is_running = False

    async def _turned(self) -> datetime | None:
        try:
            return await self.turn()
        except Exception:
            log.exception("A lane could not read its outbox and tries again", channel=self.name)
            return self.clock.now() + LOOK_AGAIN

    async def turn(self) -> datetime | None:
        """Claim what is due, as far as there is room, and start on it; returns when to look again, None for when
        something happens."""
        if self._is_full():
            return None
        if not self._is_due:
            wake_at = await self._next_wake()
            if wake_at is None or wake_at > self.clock.now():
                return wake_at
        self._is_due = False
        room = self._most - len(self._busy)

        async def job(desk: Desk) -> tuple[list[NotificationRow], datetime | None]:
            claimed = await desk.tx.claim(self.name, desk.now, room, LEASE)
            return claimed, await desk.tx.next_wake(self.name)

        self._is_claiming = True
        try:
            claimed, wake_at = await self.engine.submit(job)
        finally:
            self._is_claiming = False
        self.begin(claimed)
        return None if self._is_full() else wake_at

    @property
    def room(self) -> int:
        """How many rows may be taken up by somebody else's transaction: none while a claim of its own is under way, or
        where the lane does not run."""
        return self._most - len(self._busy) if self.is_running and not self._is_claiming and self._takes() else 0

    def begin(self, claimed: Iterable[NotificationRow]) -> None:
        """Start on what was claimed."""
        for row in claimed:
            task = asyncio.create_task(self.delivery.work(row, self.clock.now()), name=f"{self.name} {row.key}")
            self._busy.add(task)
            task.add_done_callback(self._done)

    def _is_full(self) -> bool:
        """Whether there is no room; then ``_done`` tells of it. What room there is may change while a send is under
        way (``is_quick``): so it is what was found here that counts."""
        self._waits_for_room = not self._takes()
        return self._waits_for_room

    def kick(self, *, is_due: bool = False) -> None:
        """Something was committed; ``is_due``: something that is due at once."""
        self._is_due = self._is_due or is_due
        self.kicked.set()

    async def _next_wake(self) -> datetime | None:
        async with self.engine.store.reading() as tx:
            return await tx.next_wake(self.name)

    @property
    def _most(self) -> int:
        """How many rows may be in hand."""
        capabilities = self.notifier.capabilities
        return capabilities.concurrency * (capabilities.ahead if self.delivery.is_quick else 1)

    def _takes(self) -> bool:
        """Whether there is room for more; where many are taken up ahead, for half of them, so that it is worth it."""
        in_hand = len(self._busy)
        return in_hand < self._most if self.notifier.capabilities.ahead == 1 else in_hand <= self._most // 2

    async def drain(self) -> None:
        """Wait for what is under way."""
        while self._busy:
            await asyncio.wait(self._busy)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        # Whatever is left to do with this row its commit has told.
        if self._waits_for_room:
            self.kicked.set()

    async def _wait(self, wake_at: datetime | None) -> None:
        wait = LOOK_AGAIN
        if wake_at is not None and self._takes():
            wait = min(wait, max(timedelta(0), self.clock.real(wake_at - self.clock.now())))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait.total_seconds()):
                await self.kicked.wait()


class Outbox:
    """All lanes."""

    def __init__(self, lanes: dict[str, Lane], engine: Engine) -> None:
        self.lanes = lanes
        engine.listeners.append(self._committed)
        engine.taker = self

    async def take_up(self, desk: Desk) -> dict[str, Taken]:
        """What is due at once, as far as its lane has room: in the transaction that decided it, so that no page waits
        for another commit."""
        taken: dict[str, Taken] = {}
        for name in sorted(desk.due_channels):
            room = self.lanes[name].room if name in self.lanes else 0
            if room > 0:
                rows = await desk.tx.claim(name, desk.now, room, LEASE)
                taken[name] = Taken(rows, len(rows) < room)
        return taken

    def begin(self, taken: Mapping[str, Taken]) -> None:
        """It is committed."""
        for name, one in taken.items():
            self.lanes[name].begin(one.rows)

    def _committed(self, committed: Committed) -> None:
        for name in committed.channels:
            if name in self.lanes:
                self.lanes[name].kick(is_due=name in committed.due_channels)

    def kick(self) -> None:
        """Let every lane look: another process committed."""
        for lane in self.lanes.values():
            lane.kick()

    async def run(self) -> None:
        """Run all lanes until cancelled, even where there is none: such a bot still keeps what it sees."""
        async with asyncio.TaskGroup() as group:
            for lane in self.lanes.values():
                group.create_task(lane.run(), name=f"lane {lane.name}")
            await asyncio.Event().wait()

    async def drain(self) -> None:
        """Finish what is being sent."""
        for lane in self.lanes.values():
            await lane.drain()
