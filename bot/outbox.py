"""The outbox: one lane a channel takes up what is due and has it delivered (``delivery.py``).

A row is claimed (committed as *sending*) before the provider is called; one that is due at once, by the very
transaction that decides it, so that no page waits for another commit. A row that is claimed again belongs to a try
whose outcome was lost: the provider is asked first, and only then is it sent again.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot.delivery import Delivery
from bot.desk import Desk
from bot.engine import Committed, Engine
from bot.store.record import NotificationRow

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
AT_ONCE, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
FOLLOWED = 4
"""How much of what a channel has sent is followed or brought up to date at once."""


def _only(kinds: Collection[bool]) -> bool | None:
    """For ``is_send``."""
    return None if len(kinds) == 2 else True in kinds


class Lane:
    """Takes up the notifications of one channel when they are due, as many as there is room for. What was sent and is
    followed or brought up to date has a room of its own: no page waits behind it, nor it behind the provider's pace.

    Rows are claimed one transaction at a time, and are in hand as soon as it is committed: so the room is what is free
    then, less what the same transaction has claimed before.
    """

    looks_every = timedelta(seconds=5)
    """The store is asked this often, whatever commits have told: what one told may have been lost."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.notifier = delivery.notifier
        self.engine = delivery.engine
        self.clock = delivery.clock
        self.kicked = asyncio.Event()
        self._is_due = False
        """Something that is due at once was committed since the last claim: no need to look first."""
        self._looks_at = AT_ONCE
        """Nothing wakes this lane before that, as far as it was told: until then the store is not asked. It is no
        later than the next regular look: what a commit has told may have been lost."""
        self._waits_for_room = False
        self._is_running = False
        self._is_stopped = False
        self._doubted: list[tuple[datetime, NotificationRow]] = []
        """What was claimed, and when, by a commit that failed or whose answer was lost."""
        self._sending: set[object] = set()
        self._following: set[object] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        return self.notifier.name

    async def run(self) -> None:
        """Work until cancelled; what is being sent then is finished by ``drain``."""
        self._is_running = True
        try:
            while True:
                self.kicked.clear()
                await self._wait(await self._turned())
        finally:
            self._is_running, self._is_stopped = False, True

    async def _turned(self) -> datetime | None:
        try:
            return await self.turn()
        except Exception:
            log.exception("A lane could not read its outbox and tries again", channel=self.name)
            return self.clock.now() + self.looks_every

    async def turn(self) -> datetime | None:
        """Claim what is due, as far as there is room, and start on it; returns when to look again, None for when
        something happens."""
        kinds = self._kinds()
        if not kinds:
            return None
        if not (self._is_due and True in kinds) and not self._doubted:
            wake_at = await self._next_wake(kinds)
            if wake_at is None or wake_at > self.clock.now():
                return wake_at
        if True in kinds:
            self._is_due = False
        with self._looking() as found:
            doubted = len(self._doubted)
            left, wake_at = await self.engine.submit(self._claim)
            del self._doubted[:doubted]
            found(left, wake_at)
        # What was full then, and has room now, was not asked for.
        return self.clock.now() if self._kinds() - left else wake_at

    async def _next_wake(self, kinds: frozenset[bool]) -> datetime | None:
        """When there is something to do of these kinds."""
        if self._looks_at > self.clock.now():
            return self._looks_at
        with self._looking() as found:
            async with self.engine.store.reading() as tx:
                wake_at = await tx.next_wake(self.name, _only(kinds))
            found(kinds, wake_at)
        return wake_at

    @contextmanager
    def _looking(self) -> Iterator[Callable[[frozenset[bool], datetime | None], None]]:
        """Around a look at the store; what is yielded is told what was found of which kinds. What was found of one kind
        says nothing of the other."""
        self._looks_at, is_known = NEVER, False

        def found(kinds: frozenset[bool], wake_at: datetime | None) -> None:
            nonlocal is_known
            # Something sooner may have been told meanwhile.
            self._looks_at = min(self._looks_at, wake_at or NEVER, self.clock.now() + self.looks_every)
            is_known = len(kinds) == 2

        try:
            yield found
        finally:
            if not is_known:
                self._looks_at = AT_ONCE

    async def _claim(self, desk: Desk) -> tuple[frozenset[bool], datetime | None]:
        """Both kinds. Returns those for which there is room left, and when there is more of them."""
        for at, row in self._doubted:
            if await desk.tx.still_claimed([row.key], at + LEASE):
                desk.claimed.setdefault(self.name, []).append(row)
        left = frozenset({is_send for is_send in (True, False) if await self.claim(desk, is_send=is_send)})
        return left, await desk.tx.next_wake(self.name, _only(left)) if left else None

    async def claim(self, desk: Desk, *, is_send: bool) -> bool:
        """Take up what is due of one kind, at this desk; False if there was no room for all of it."""
        claimed = desk.claimed.setdefault(self.name, [])
        room = self._room(is_send) - sum((row.send_at is not None) is is_send for row in claimed)
        if room <= 0:
            return False
        found = await desk.tx.claim(self.name, desk.now, room, LEASE, is_send=is_send)
        claimed += found
        return len(found) < room

    async def take_up(self, desk: Desk) -> bool:
        """Claim what is to be sent at once by somebody else's transaction; False if something of it is left."""
        return self._is_running and await self.claim(desk, is_send=True)

    def begin(self, claimed: Iterable[NotificationRow]) -> None:
        """Start on what was claimed: first on what was begun before, in that order. Of several whose outcome was lost
        the provider is asked for the first one first: it may have taken none of the others. After the stop nothing is
        begun: it is asked about at the next start."""
        if self._is_stopped:
            return
        self._looks_at = min(self._looks_at, self.clock.now() + LEASE)
        for row in sorted(claimed, key=lambda row: row.claimed_at or NEVER):
            hand = self._sending if row.send_at is not None else self._following
            turn = object()
            hand.add(turn)
            work = self.delivery.work(row, self.clock.now(), partial(self._end, hand, turn))
            task = asyncio.create_task(work, name=f"{self.name} {row.key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def doubt(self, claimed: Iterable[NotificationRow], at: datetime) -> None:
        """It may have been claimed at that instant: it is looked at with the next claim, soon, and not only when its
        lease has ended."""
        self._doubted += [(at, row) for row in claimed]

    def _kinds(self) -> frozenset[bool]:
        """For which of what is to be sent (True) and what was (False) there is room; if not for both, the end of a turn
        tells. What room there is may change while a send is under way (``is_quick``): so it is what was found here
        that counts."""
        kinds = frozenset(is_send for is_send in (True, False) if self._room(is_send) > 0)
        self._waits_for_room = len(kinds) < 2
        return kinds

    def _room(self, is_send: bool) -> int:
        """How many more rows may be taken up. Where many are taken up ahead none, unless half of them: so that it is
        worth it."""
        capabilities = self.notifier.capabilities
        if not is_send:
            return FOLLOWED - len(self._following)
        most = capabilities.concurrency * (capabilities.ahead if self.delivery.is_quick else 1)
        room = most - len(self._sending)
        return room if capabilities.ahead == 1 or len(self._sending) <= most // 2 else 0

    def kick(self, at: datetime, *, is_due: bool = False) -> None:
        """Something was committed that is to be done then; ``is_due``: something that is to be sent at once."""
        self._looks_at = min(self._looks_at, at)
        self._is_due = self._is_due or is_due
        self.kicked.set()

    async def drain(self) -> None:
        """Wait for what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _end(self, hand: set[object], turn: object) -> None:
        """A turn is over; safe to call twice."""
        hand.discard(turn)
        # Whatever is left to do with this row its commit has told.
        if self._waits_for_room:
            self.kicked.set()

    async def _wait(self, wake_at: datetime | None) -> None:
        wait = self.looks_every
        if wake_at is not None:
            wait = min(wait, max(timedelta(0), self.clock.real(wake_at - self.clock.now())))
        try:
            async with asyncio.timeout(wait.total_seconds()):
                await self.kicked.wait()
        except TimeoutError:
            if wait == self.looks_every:
                self._looks_at = AT_ONCE


class Outbox:
    """All lanes."""

    def __init__(self, lanes: dict[str, Lane], engine: Engine) -> None:
        self.lanes = lanes
        engine.listeners.append(self._committed)
        engine.taker = self

    async def put_off(self, desk: Desk) -> None:
        """The pages that would wait for a channel which is out of order; what comes forward by that may wait for
        another. Where something can leave it does not wait for that: then their lanes put them off, a moment later."""
        while all(name in self.lanes and self.lanes[name].delivery.is_shut for name in desk.due_channels):
            if not [name for name, lane in self.lanes.items() if await lane.delivery.put_off(desk)]:
                return

    async def take_up(self, desk: Desk) -> set[str]:
        """What is due at once, as far as its lane has room: in the transaction that decided it, so that no page waits
        for another commit."""
        names = sorted(name for name in desk.due_channels if name in self.lanes)
        return {name for name in names if await self.lanes[name].take_up(desk)}

    def begin(self, claimed: Mapping[str, Iterable[NotificationRow]]) -> None:
        """It is committed."""
        for name, rows in claimed.items():
            self.lanes[name].begin(rows)

    def doubt(self, claimed: Mapping[str, Iterable[NotificationRow]], at: datetime) -> None:
        """Whether it is committed is not known."""
        for name, rows in claimed.items():
            self.lanes[name].doubt(rows, at)

    def _committed(self, committed: Committed) -> None:
        for name in {*committed.lane_wakes, *committed.due_channels}:
            if name in self.lanes:
                is_due = name in committed.due_channels
                self.lanes[name].kick(committed.lane_wakes.get(name, NEVER), is_due=is_due)

    def kick(self) -> None:
        """Let every lane look: another process committed."""
        for lane in self.lanes.values():
            lane.kick(AT_ONCE)

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
