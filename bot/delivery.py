"""One row of the outbox on its way out: sent, or asked about, or tried again later.

The intent is committed before the provider is called: what is claimed again while *sending* is a try whose outcome was
lost, and is asked about first. A notification that could not leave within ``STALLED_AFTER`` is reported as stalled,
once: the next step comes forward while it is tried on. In an outage of the channel (``bot/failover.py``) it is so as
soon as it fails; and once it was overtaken, it does not leave any more.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from bot import missed
from bot.asking import answered, own_fault
from bot.channel_watch import ChannelWatch
from bot.clock import Clock
from bot.desk import Desk
from bot.engine import Engine
from bot.failpoint import failpoint
from bot.metrics import Metrics
from bot.outcome import back_off, happened, is_overtaken, is_page, is_wanted, patience
from bot.outgoing import relay
from bot.outgoing.screening import Screening
from bot.post import Post
from bot.scribe import Worded
from bot.sent import SentRows
from bot.settlement import Settlement, Told
from bot.store.record import MISSED, NotificationRow, NotificationState
from bot.throttle import Throttle
from channels.base import CantTell, NotFound, Notifier, Rejected, RetryLater, SendResult, Sent
from channels.message import Message
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.event import STALLED_AFTER, Outcome
from escalation.phrase import N_

log = structlog.get_logger(__name__)

PAUSED = N_("the channel is paused")
MOST_ASKS = 5
FIRST_FOLLOW = timedelta(seconds=10)
MISSED_AGAIN = timedelta(seconds=30)
"""During an outage: whether a room has missed anything is asked again after this."""
QUICK = timedelta(milliseconds=500)
"""A send that took no longer: more may be taken up ahead of it."""
FRESH = timedelta(milliseconds=200)
"""What was worded no longer ago leaves as it is: a send itself takes as long."""
MOST_TURN = timedelta(seconds=8)
"""What was taken up and has waited longer for its turn is put back: its lease must outlast the send, which for mail may
take 110 seconds."""


@dataclass(frozen=True, slots=True)
class Later:
    """It may not be tried yet, and that is no failure of its own."""

    reason: RetryLater


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is tried over the channel from an instant to another."""

    since: datetime
    until: datetime

    def left(self, now: datetime) -> timedelta:
        """How long it lasts yet. If it has not begun the clock was set back, by nobody knows how much: then it is over,
        as a try too many is better than a channel that is silent for hours."""
        return max(timedelta(0), self.until - now) if self.since <= now else timedelta(0)


NO_PAUSE = Pause(datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Delivery:
    """Works on the rows of one channel, as many at once as the channel allows."""

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
        throttle: Throttle | None = None,
    ) -> None:
        self.notifier = notifier
        self.engine = engine
        self.clock = clock
        self.worded = worded
        self.metrics = metrics
        self.screening = screening
        self.throttle = throttle
        self.watch = watch or ChannelWatch(notifier.name, clock)
        self._settlement = Settlement(notifier, engine, post, self.watch)
        self._sent_rows = SentRows(notifier, clock, worded, metrics, self.watch, self._settlement)
        self.is_quick = False
        """Whether the last send was quick."""
        self._room = asyncio.Semaphore(notifier.capabilities.concurrency)
        self._worded_ahead = asyncio.Semaphore(notifier.capabilities.concurrency)
        self._asked = NO_PAUSE
        """What the provider asked for."""
        self._back_off = NO_PAUSE
        """Our own, after failures."""
        self._failures = 0
        self._addresses: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def name(self) -> str:
        return self.notifier.name

    async def work(self, row: NotificationRow, claimed_at: datetime, ends_turn: Callable[[], None]) -> None:
        """``ends_turn`` is called as soon as another may have its turn: what came of it is saved beside that."""
        try:
            failpoint("outbox.claimed")
            if row.send_at is not None:
                await self._send(row._replace(claimed_at=row.claimed_at or claimed_at), claimed_at, ends_turn)
            elif row.update_at is not None and row.update_at <= self.clock.now():
                await self._sent_rows.update(row)
            else:
                await self._sent_rows.follow(row)
        except Exception:
            # What came of it could not be saved. The lease ends by itself: the row is claimed again, as one whose
            # outcome was lost.
            log.exception("A notification could not be worked on", channel=self.name, key=row.key)
        finally:
            ends_turn()

    async def _send(self, row: NotificationRow, claimed_at: datetime, ends_turn: Callable[[], None]) -> None:
        try:
            async with self._alone(row):
                result, alert = await self._tried(row, claimed_at)
        except Exception:
            # A fault of our own must not keep the next step waiting: it counts as any other. Nothing was begun here.
            log.exception("A notification could not be made", channel=self.name, key=row.key)
            result, alert = own_fault(maybe_sent=row.state is NotificationState.SENDING), None
        match result:
            case None:
                await self._settlement.settle(row, row._replace(state=NotificationState.DROPPED, send_at=None))
            case Later(reason):
                await self._retry_later(row, reason, is_own_failure=False)
            case _:
                self._hear(result)
                ends_turn()
                await self._take(row, result, alert)

    def _alone(self, row: NotificationRow) -> AbstractAsyncContextManager[object]:
        """Around its try, where each address is tried alone."""
        if not self.notifier.capabilities.is_alone:
            return nullcontext()
        return self._addresses.setdefault(row.address, asyncio.Lock())

    async def _tried(
        self, row: NotificationRow, claimed_at: datetime
    ) -> tuple["SendResult | Later | None", Alert | None]:
        """What came of its turn, and the alert it was worded from; None: nobody needs it any more."""
        # Worded before it is its turn, so that no provider waits for the database; only so many, as mails are large.
        async with self._worded_ahead:
            if (later := self._not_yet(claimed_at)) is not None:
                return Later(later), None
            worded_at = self.clock.now()
            message, alert = await self.worded(row)
            await self._room.acquire()
        try:
            if abs(self.clock.real(self.clock.now() - worded_at)) > FRESH and await self._is_outdated(alert):
                message, alert = await self.worded(row)
            if message is None and row.purpose == Purpose.MISSED and await self._is_unclear(row):
                unclear = RetryLater(N_("nothing was overtaken yet"), MISSED_AGAIN)
                return Later(self._not_yet(claimed_at) or unclear), alert
            if message is None or (alert is not None and not await self._is_wanted(row, alert)):
                return None, alert
            if self.throttle is not None:
                message = await self.throttle.held(row, alert, message)
            # Last of all: while the database was asked, another row may have found out that the channel is down.
            if (later := self._not_yet(claimed_at)) is not None:
                return Later(later), alert
            began = self.clock.now()
            result = await self._try(row, message)
            self.is_quick = self.clock.real(self.clock.now() - began) <= QUICK
            return result, alert
        finally:
            self._room.release()

    async def _is_outdated(self, alert: Alert | None) -> bool:
        """Whether something happened while it waited for its turn: a mail that was recalled must not leave."""
        if alert is None:
            return True
        async with self.engine.store.reading() as tx:
            return await tx.has_news(alert)

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
        if wait := self._wait(now):
            return RetryLater(PAUSED, wait)
        if self.clock.real(now - claimed_at) > MOST_TURN:
            return RetryLater(N_("the channel has become slow; it is taken up again"))
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
            result = await answered(self.notifier.send(message), row, maybe_sent=True)
            heard(result)
        failpoint(f"outbox.after.{self.name}")
        return result

    async def _ask(self, row: NotificationRow, message: Message) -> Sent | NotFound | RetryLater:
        if not self.notifier.capabilities.can_reconcile:
            return NotFound()
        with self.watch.asking() as heard:
            answer = await self.notifier.reconcile(message, self._begun_at(row))
            if not isinstance(answer, CantTell):
                return answer
            if not answer.is_final:
                heard(RetryLater(answer.reason, is_channel_wide=True, has_other_way=answer.has_other_way))
        if answer.is_final or row.failures >= MOST_ASKS:
            return NotFound()
        return RetryLater(f"asking whether it was sent: {answer.reason}", maybe_sent=True)

    def _begun_at(self, row: NotificationRow) -> datetime:
        """When the try began whose outcome was lost; if the clock was set back since, at most a turn ago."""
        began_at, now = row.claimed_at or row.created_at, self.clock.now()
        return began_at if began_at <= now else now - MOST_TURN

    async def _take(self, row: NotificationRow, result: SendResult, alert: Alert | None) -> None:
        match result:
            case Sent():
                await self._sent(row, result, alert)
            case RetryLater():
                await self._retry_later(row, result)
            case Rejected(is_held_back=True):
                self.metrics.outcome(self.name, "held_back")
                await self._rejected(row, result.reason, Outcome.HELD_BACK)
            case Rejected():
                self.metrics.outcome(self.name, "rejected")
                await self._rejected(row, result.reason)

    def _hear(self, result: SendResult) -> None:
        """While the channel is paused only what had begun before is heard of: that it went well ends no pause that the
        provider has asked for, and of several that failed together not each is a failure of its own."""
        if isinstance(result, Sent):
            self._failures, self._back_off = 0, NO_PAUSE
        elif isinstance(result, RetryLater) and result.is_channel_wide:
            now = self.clock.now()
            if result.after:
                self._asked = Pause(now, now + max(self._asked.left(now), result.after))
            elif not self._wait(now):
                self._failures += 1
                self._back_off = Pause(now, now + back_off(self._failures))

    def _wait(self, now: datetime) -> timedelta:
        """How long the channel is paused yet."""
        return max(self._asked.left(now), self._back_off.left(now))

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
        await self._settlement.settle(row, after, happened(row, Outcome.SENT, now), alert)

    async def _retry_later(self, row: NotificationRow, result: RetryLater, is_own_failure: bool = True) -> None:
        now = self.clock.now()
        failures = row.failures + is_own_failure
        give_up_after, wait = patience(row, failures)
        if now - max(row.created_at, row.due_at) > give_up_after:
            await self._rejected(row, f"{relay.GIVEN_UP}{result.reason}")
            return
        maybe_sent = result.maybe_sent or (row.state is NotificationState.SENDING and not is_own_failure)
        waiting = row._replace(
            state=NotificationState.SENDING if maybe_sent else NotificationState.PENDING,
            claimed_at=row.claimed_at if maybe_sent else None,
            send_at=now + (result.after or wait),
            failures=failures,
            detail=result.reason,
        )
        await self._settlement.settle(row, *self._waits(waiting, now))

    def _waits(self, row: NotificationRow, now: datetime) -> tuple[NotificationRow, Told | None]:
        """A row that could not be sent, and waits for another time; and what its alert is told of that."""
        log.warning("Not sent yet", channel=self.name, key=row.key, alert_id=row.alert_id, reason=row.detail)
        is_missed = self.watch.is_out and is_page(row)
        sends_at = max(row.send_at or now, now)
        if row.is_stalled or not (is_missed or sends_at - row.due_at >= STALLED_AFTER):
            return row._replace(outcome=MISSED if is_missed else row.outcome), None
        self.metrics.outcome(self.name, "stalled")
        event = happened(row, Outcome.STALLED, now, row.detail, is_outage=self.watch.is_troubled)
        return row._replace(is_stalled=True, outcome=MISSED if is_missed else row.outcome), event

    @property
    def is_shut(self) -> bool:
        """Whether the channel is known to be out of order, and nothing is tried now."""
        return self.watch.is_out and bool(self._wait(self.clock.now()))

    async def put_off(self, desk: Desk) -> bool:
        """The pages that would wait here while the channel is shut: the next step comes forward in the very transaction
        that decides them. Returns whether there was any."""
        pages = [row for row in desk.due_in(self.name) if is_page(row)] if self.is_shut else []
        for row in pages:
            if desk.has_put(row.key):
                waiting = row._replace(send_at=desk.now + self._wait(desk.now), detail=PAUSED)
                await self._settlement.put_off(desk, *self._waits(waiting, desk.now))
        return bool(pages)

    async def _rejected(self, row: NotificationRow, reason: str, outcome: Outcome = Outcome.REJECTED) -> None:
        if outcome is Outcome.HELD_BACK:
            log.info("Held back", channel=self.name, key=row.key, alert_id=row.alert_id)
        else:
            log.error("Can't be sent", channel=self.name, key=row.key, alert_id=row.alert_id, reason=reason)
        after = row._replace(
            state=NotificationState.REJECTED,
            send_at=None,
            follow_at=None,
            # Its room is told that it missed it, however long the outage was.
            outcome=row.outcome if row.outcome == MISSED else outcome,
            detail=reason,
        )
        await self._settlement.settle(row, after, happened(row, outcome, self.clock.now(), reason))
