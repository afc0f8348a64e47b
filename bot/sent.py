"""What has left: it is brought up to date, followed to its end, and its price is asked for."""

from collections.abc import Mapping

import structlog

from bot.asking import answered
from bot.channel_watch import ChannelWatch
from bot.clock import Clock
from bot.connect import of_end
from bot.metrics import Metrics
from bot.outcome import back_off, ended, priced
from bot.scribe import Worded
from bot.settlement import Settlement
from bot.store.record import NotificationRow, NotificationState
from channels.base import Ended, Notifier, Ongoing, Rejected, RetryLater, Sent
from escalation.command import Purpose
from escalation.event import DeliveryReported

log = structlog.get_logger(__name__)

MOST_UPDATES = 8


class SentRows:
    """Works on the rows of one channel that it has taken."""

    def __init__(
        self,
        notifier: Notifier,
        clock: Clock,
        worded: Worded,
        metrics: Metrics,
        watch: ChannelWatch,
        settlement: Settlement,
    ) -> None:
        self._notifier = notifier
        self._name = notifier.name
        self._clock = clock
        self._worded = worded
        self._metrics = metrics
        self._watch = watch
        self._settlement = settlement

    async def update(self, row: NotificationRow) -> None:
        message, alert = await self._worded(row)
        if message is None:
            await self._settlement.settle(row, row._replace(update_at=None, failures=0))
            return
        # No sign of an outage or its end: a provider limits what is posted and what is changed apart.
        result = await answered(self._notifier.update(message, row.ref), row)
        match result:
            case Sent():
                done = row._replace(update_at=None, ref=dict(result.ref), failures=0)
                await self._settlement.settle(row, done, worded=alert)
            case RetryLater() if row.failures < MOST_UPDATES or self._watch.is_out:
                failures = row.failures + 1
                later = self._clock.now() + (result.after or back_off(failures))
                await self._settlement.settle(row, row._replace(update_at=later, failures=failures))
            case RetryLater(reason=reason) | Rejected(reason=reason):
                log.warning("A posted message can't be updated", channel=self._name, key=row.key, reason=reason)
                await self._settlement.settle(row, row._replace(update_at=None, failures=0))

    async def follow(self, row: NotificationRow) -> None:
        now = self._clock.now()
        result = await answered(self._notifier.follow(row.ref), row)
        if row.state is NotificationState.ENDED:
            await self._price(row, result.cost if isinstance(result, Ended) else {})
            return
        match result:
            case Ended(outcome, detail, cost):
                self._metrics.outcome(self._name, outcome)
                over = ended(row, outcome, detail, now)._replace(ref={**row.ref, **cost})
                is_leg = row.purpose == Purpose.CONNECTED
                event = of_end(row, outcome, cost) if is_leg else DeliveryReported(row.key, outcome, detail)
                await self._settlement.settle(row, over, event)
            case Ongoing(after):
                await self._settlement.settle(row, row._replace(follow_at=now + after))
            case RetryLater():
                failures = row.failures + 1
                later = now + (result.after or back_off(failures))
                await self._settlement.settle(row, row._replace(follow_at=later, failures=failures))

    async def _price(self, row: NotificationRow, cost: Mapping[str, str]) -> None:
        after = priced(row, cost, self._clock.now())
        if after.follow_at is None:
            self._metrics.cost(self._name, after.ref)
        await self._settlement.settle(row, after)
