"""The outbox: one lane per channel, each with its own pace and back-off, so that one channel's trouble is its own.

A row is claimed (committed as *sending*) before the provider is called. A row that is found *sending* when it is
claimed again belongs to a try whose outcome was lost: the provider is asked first, and only then is it sent again.

A notification that could not leave within ``STALLED_AFTER`` is reported as stalled, once: the next step comes forward
while the lane goes on trying. In an outage of the channel (``bot/failover.py``) it is so as soon as it fails; and once
it was overtaken, it does not leave any more.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot import missed, notice
from bot.channel_watch import ChannelWatch
from bot.clock import Clock
from bot.desk import Desk
from bot.engine import Committed, Engine
from bot.failover import owe
from bot.failpoint import failpoint
from bot.metrics import Metrics
from bot.outcome import back_off, ended, happened, is_overtaken, is_page, is_wanted, patience, priced, visible
from bot.outgoing import relay
from bot.outgoing.screening import Screening
from bot.post import Post
from bot.store.record import MISSED, NotificationRow, NotificationState
from channels.base import CantTell, Ended, NotFound, Notifier, Ongoing, Rejected, RetryLater, SendResult, Sent
from channels.message import Message
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.event import STALLED_AFTER, DeliveryReported, Outcome, ReceiptReported

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
MOST_ASKS = 5
MOST_UPDATES = 8
FIRST_FOLLOW = timedelta(seconds=10)
LOOK_AGAIN = timedelta(seconds=5)
MISSED_AGAIN = timedelta(seconds=30)
"""During an outage: whether a room has missed anything is asked again after this."""
QUICK = timedelta(milliseconds=500)
"""A send that took no longer: more may be taken up ahead of it."""
MOST_TURN = timedelta(seconds=8)
"""What was taken up and has waited longer for its turn is put back: its lease must outlast the send, which for mail may
take 110 seconds."""

Worded = Callable[[NotificationRow], Awaitable[tuple[Message | None, Alert | None]]]
"""Words a row as of now: the message, and the alert it was worded from (None for an alarm). No message: nobody needs it
any more."""


class Lane:
    """Sends, updates and follows the notifications of one channel."""

    def __init__(
        self,
        notifier: Notifier,
        engine: Engine,
        clock: Clock,
        worded: Worded,
        metrics: Metrics,
        post: Post | None = None,
        screening: Screening | None = None,
        watch: ChannelWatch | None = None,
    ) -> None:
        self.watch = watch or ChannelWatch(notifier.name, clock)
        self.screening = screening
        self.notifier = notifier
        self.engine = engine
        self.clock = clock
        self.worded = worded
        self.metrics = metrics
        self.post = post
        self.kicked = asyncio.Event()
        self._busy: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(notifier.capabilities.concurrency)
        self._is_quick = False
        self._paused_until: datetime | None = None
        self._failures = 0

    @property
    def name(self) -> str:
        return self.notifier.name

    async def run(self) -> None:
        """Work until cancelled; what is being sent then is finished by ``drain``."""
        while True:
            self.kicked.clear()
            try:
                wake_at = await self.turn()
            except Exception:
                log.exception("A lane could not read its outbox and tries again", channel=self.name)
                wake_at = self.clock.now() + LOOK_AGAIN
            await self._wait(wake_at)

    async def turn(self) -> datetime | None:
        """Claim what is due, as far as there is room, and start on it; returns when to look again, None for when
        something happens."""
        wake_at = await self._next_wake()
        if not self._takes() or wake_at is None or wake_at > self.clock.now():
            return wake_at
        room = self._most - len(self._busy)
        claimed = await self.engine.submit(lambda desk: desk.tx.claim(self.name, desk.now, room, LEASE))
        for row in claimed:
            task = asyncio.create_task(self._work(row, self.clock.now()), name=f"{self.name} {row.key}")
            self._busy.add(task)
            task.add_done_callback(self._done)
        return await self._next_wake() if self._takes() else None

    async def _next_wake(self) -> datetime | None:
        async with self.engine.store.reading() as tx:
            return await tx.next_wake(self.name)

    @property
    def _most(self) -> int:
        """How many rows may be in hand."""
        capabilities = self.notifier.capabilities
        return capabilities.concurrency * (capabilities.ahead if self._is_quick else 1)

    def _takes(self) -> bool:
        """Whether there is room for more; where many are taken up ahead, for half of them, so that it is worth it."""
        in_hand = len(self._busy)
        return in_hand < self._most if self.notifier.capabilities.ahead == 1 else in_hand <= self._most // 2

    async def drain(self) -> None:
        """Wait for what is under way."""
        while self._busy:
            await asyncio.wait(self._busy)

    @property
    def is_busy(self) -> bool:
        return bool(self._busy)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self.kicked.set()

    async def _wait(self, wake_at: datetime | None) -> None:
        wait = LOOK_AGAIN
        if wake_at is not None and self._takes():
            wait = min(wait, max(timedelta(0), self.clock.real(wake_at - self.clock.now())))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait.total_seconds()):
                await self.kicked.wait()

    # One row --------------------------------------------------------------------------------------------------------

    async def _work(self, row: NotificationRow, claimed_at: datetime) -> None:
        try:
            failpoint("outbox.claimed")
            if row.send_at is not None:
                await self._send(row, claimed_at)
            elif row.update_at is not None and row.update_at <= self.clock.now():
                await self._update(row)
            else:
                await self._follow(row)
        except Exception:
            log.exception("A notification could not be worked on", channel=self.name, key=row.key)
            await self._failed(row)

    async def _failed(self, row: NotificationRow) -> None:
        """A fault of our own must not keep the next step waiting: it counts as any other. Where that can't be saved
        either, the lease ends by itself, and the row is claimed again as one whose outcome was lost."""
        if row.send_at is None:
            return
        try:
            await self._retry_later(row, RetryLater("a fault inside Kidoku; see its log", maybe_sent=True))
        except Exception:
            log.exception("That a notification failed could not be saved", channel=self.name, key=row.key)

    async def _send(self, row: NotificationRow, claimed_at: datetime) -> None:
        async with self._room:
            message, alert = await self.worded(row)
            if message is None and row.purpose == Purpose.MISSED and await self._is_unclear(row):
                unclear = RetryLater("nothing was overtaken yet", MISSED_AGAIN)
                await self._retry_later(row, self._not_yet(claimed_at) or unclear, is_own_failure=False)
                return
            if message is None or (alert is not None and not await self._is_wanted(row, alert)):
                result: SendResult | None = None
            elif (later := self._not_yet(claimed_at)) is not None:
                await self._retry_later(row, later, is_own_failure=False)
                return
            else:
                began = self.clock.now()
                result = await self._try(row, message)
                self._is_quick = self.clock.real(self.clock.now() - began) <= QUICK
        # Only now: the next one need not wait for this one's commit.
        if result is None:
            await self._settle(row, row._replace(state=NotificationState.DROPPED, send_at=None))
        else:
            await self._take(row, result, alert)

    async def _is_unclear(self, row: NotificationRow) -> bool:
        """Whether a room that has missed nothing so far may have in the end."""
        return self.watch.told is not None or await missed.may_miss_more(self.engine.store, row)

    async def _is_wanted(self, row: NotificationRow, alert: Alert) -> bool:
        if row.outcome != MISSED or not is_wanted(row, alert):
            return is_wanted(row, alert)
        async with self.engine.store.reading() as tx:
            return not is_overtaken(row, await tx.notifications_of(alert.id), self.clock.now())

    def _not_yet(self, claimed_at: datetime) -> RetryLater | None:
        """Why a row whose turn has come may not be tried now; None: it may."""
        now = self.clock.now()
        if self._paused_until is not None and now < self._paused_until:
            return RetryLater("the channel is paused", self._paused_until - now)
        if self.clock.real(now - claimed_at) > MOST_TURN:
            return RetryLater("the channel has become slow; it is taken up again")
        return None

    async def _try(self, row: NotificationRow, message: Message) -> SendResult:
        if row.state is NotificationState.SENDING:
            found = await self._ask(row, message)
            if not isinstance(found, NotFound):
                return found
        if self.screening is not None and (stopped := await self.screening.stops(row, message)) is not None:
            return stopped
        self.metrics.attempt(self.name)
        failpoint(f"outbox.before.{self.name}")
        with self.watch.asking() as heard:
            result = await self.notifier.send(message)
            heard(result)
        failpoint(f"outbox.after.{self.name}")
        return result

    async def _ask(self, row: NotificationRow, message: Message) -> Sent | NotFound | RetryLater:
        if not self.notifier.capabilities.can_reconcile:
            return NotFound()
        with self.watch.asking() as heard:
            answer = await self.notifier.reconcile(message, row.claimed_at or row.created_at)
            if not isinstance(answer, CantTell):
                return answer
            if not answer.is_final:
                heard(RetryLater(answer.reason, is_channel_wide=True, has_other_way=answer.has_other_way))
        if answer.is_final or row.failures >= MOST_ASKS:
            return NotFound()
        return RetryLater(f"asking whether it was sent: {answer.reason}", maybe_sent=True)

    async def _take(self, row: NotificationRow, result: SendResult, alert: Alert | None) -> None:
        match result:
            case Sent():
                self._failures = 0
                self._paused_until = None
                await self._sent(row, result, alert)
            case RetryLater():
                self._pause(result)
                await self._retry_later(row, result)
            case Rejected():
                self.metrics.outcome(self.name, "rejected")
                await self._rejected(row, result.reason)

    def _pause(self, result: RetryLater) -> None:
        if not result.is_channel_wide:
            return
        self._failures += 1
        self._paused_until = self.clock.now() + (result.after or back_off(self._failures))

    async def _sent(self, row: NotificationRow, result: Sent, alert: Alert | None) -> None:
        now = self.clock.now()
        self.metrics.sent(self.name, now - row.due_at)
        log.info("Sent", channel=self.name, key=row.key, alert_id=row.alert_id, purpose=row.purpose)
        after = row._replace(
            state=NotificationState.SENT,
            send_at=None,
            sent_at=now,
            ref=dict(result.ref),
            claimed_at=None,
            failures=0,
            outcome=Outcome.SENT,
            follow_at=None if result.is_final else now + FIRST_FOLLOW,
        )
        await self._settle(row, after, happened(row, Outcome.SENT, now), alert)

    async def _retry_later(self, row: NotificationRow, result: RetryLater, is_own_failure: bool = True) -> None:
        now = self.clock.now()
        failures = row.failures + is_own_failure
        give_up_after, wait = patience(row, failures)
        if now - max(row.created_at, row.due_at) > give_up_after:
            await self._rejected(row, f"{relay.GIVEN_UP}{result.reason}")
            return
        send_at = now + (result.after or wait)
        is_missed = self.watch.is_out and is_page(row)
        is_late = is_missed or max(send_at, now) - row.due_at >= STALLED_AFTER
        maybe_sent = result.maybe_sent or (row.state is NotificationState.SENDING and not is_own_failure)
        after = row._replace(
            state=NotificationState.SENDING if maybe_sent else NotificationState.PENDING,
            claimed_at=row.claimed_at or now if maybe_sent else None,
            send_at=send_at,
            failures=failures,
            detail=result.reason,
            is_stalled=row.is_stalled or is_late,
            outcome=MISSED if is_missed else row.outcome,
        )
        log.warning("Not sent yet", channel=self.name, key=row.key, alert_id=row.alert_id, reason=result.reason)
        event = None
        if after.is_stalled and not row.is_stalled:
            self.metrics.outcome(self.name, "stalled")
            event = happened(row, Outcome.STALLED, now, result.reason, is_outage=self.watch.is_troubled)
        await self._settle(row, after, event)

    async def _rejected(self, row: NotificationRow, reason: str) -> None:
        log.error("Can't be sent", channel=self.name, key=row.key, alert_id=row.alert_id, reason=reason)
        after = row._replace(
            state=NotificationState.REJECTED,
            send_at=None,
            follow_at=None,
            # Its room is told that it missed it, however long the outage was.
            outcome=row.outcome if row.outcome == MISSED else Outcome.REJECTED,
            detail=reason,
        )
        await self._settle(row, after, happened(row, Outcome.REJECTED, self.clock.now(), reason))

    async def _update(self, row: NotificationRow) -> None:
        message, alert = await self.worded(row)
        if message is None:
            await self._settle(row, row._replace(update_at=None, failures=0))
            return
        # No sign of an outage or its end: a provider limits what is posted and what is changed apart.
        result = await self.notifier.update(message, row.ref)
        match result:
            case Sent():
                done = row._replace(update_at=None, ref=dict(result.ref), failures=0)
                await self._settle(row, done, worded=alert)
            case RetryLater() if row.failures < MOST_UPDATES or self.watch.is_out:
                failures = row.failures + 1
                later = self.clock.now() + (result.after or back_off(failures))
                await self._settle(row, row._replace(update_at=later, failures=failures))
            case RetryLater(reason=reason) | Rejected(reason=reason):
                log.warning("A posted message can't be updated", channel=self.name, key=row.key, reason=reason)
                await self._settle(row, row._replace(update_at=None, failures=0))

    async def _follow(self, row: NotificationRow) -> None:
        now = self.clock.now()
        result = await self.notifier.follow(row.ref)
        if row.state is NotificationState.ENDED:
            await self._price(row, result.cost if isinstance(result, Ended) else {})
            return
        match result:
            case Ended(outcome, detail, cost):
                self.metrics.outcome(self.name, outcome)
                over = ended(row, outcome, detail, now)._replace(ref={**row.ref, **cost})
                await self._settle(row, over, DeliveryReported(row.key, outcome, detail))
            case Ongoing(after):
                await self._settle(row, row._replace(follow_at=now + after))
            case RetryLater():
                failures = row.failures + 1
                later = now + (result.after or back_off(failures))
                await self._settle(row, row._replace(follow_at=later, failures=failures))

    async def _price(self, row: NotificationRow, cost: Mapping[str, str]) -> None:
        after = priced(row, cost, self.clock.now())
        if after.follow_at is None:
            self.metrics.cost(self.name, after.ref)
        await self._settle(row, after)

    async def _settle(
        self,
        row: NotificationRow,
        after: NotificationRow,
        event: DeliveryReported | ReceiptReported | None = None,
        worded: Alert | None = None,
    ) -> None:
        failpoint(f"outbox.settling.{self.name}")

        async def job(desk: Desk) -> None:
            current = (await desk.load([row.alert_id])).get(row.alert_id) if row.alert_id is not None else None
            is_stale = self._can_update and worded is not None and visible(current) != visible(worded)
            settled = after._replace(update_at=desk.now) if is_stale else after
            desk.settle(settled, row)
            if row.purpose == Purpose.RELAY:
                await relay.settled(desk, settled, self.post)
            elif row.purpose == Purpose.DUTY:
                await notice.settled(desk, settled, row)
            if settled.outcome == MISSED:
                owe(desk, settled, self.watch)
            if event is not None and row.alert_id is not None and not await _is_known(desk, row, event):
                await desk.feed(row.alert_id, event)

        await self.engine.submit(job)
        if row.purpose == Purpose.RELAY and after.send_at is None:
            await self.engine.submit(lambda desk: relay.tidy(desk, row.key))

    @property
    def _can_update(self) -> bool:
        return self.notifier.capabilities.can_update


async def _is_known(desk: Desk, row: NotificationRow, event: DeliveryReported | ReceiptReported) -> bool:
    """Whether the alert knows it already: an outage was noticed while the row was being worked on."""
    if not isinstance(event, DeliveryReported) or event.outcome is not Outcome.STALLED:
        return False
    now_there = (await desk.tx.by_key([row.key])).get(row.key)
    return now_there is not None and now_there.is_stalled


class Outbox:
    """All lanes."""

    def __init__(self, lanes: dict[str, Lane], engine: Engine) -> None:
        self.lanes = lanes
        engine.listeners.append(self._committed)

    def _committed(self, committed: Committed) -> None:
        for name in committed.channels:
            if name in self.lanes:
                self.lanes[name].kicked.set()

    def kick(self) -> None:
        """Let every lane look: another process committed."""
        for lane in self.lanes.values():
            lane.kicked.set()

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
