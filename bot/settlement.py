"""What became of a row of the outbox, written in one transaction with all that follows from it."""

from bot import notice
from bot.channel_watch import ChannelWatch
from bot.desk import Desk
from bot.engine import Engine
from bot.failover import owe
from bot.failpoint import failpoint
from bot.outcome import visible
from bot.outgoing import relay
from bot.post import Post
from bot.store.record import MISSED, NotificationRow, NotificationState
from channels.base import Notifier
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.event import DeliveryReported, Outcome, ReceiptReported, SenderCalled

Told = DeliveryReported | ReceiptReported | SenderCalled
"""What an alert may be told of a row."""


class Settlement:
    """Settles the rows of one channel."""

    def __init__(self, notifier: Notifier, engine: Engine, post: Post | None, watch: ChannelWatch) -> None:
        self._name = notifier.name
        self._can_update = notifier.capabilities.can_update
        self._engine = engine
        self._post = post
        self._watch = watch

    async def settle(
        self,
        row: NotificationRow,
        after: NotificationRow,
        event: Told | None = None,
        worded: Alert | None = None,
    ) -> None:
        """``event`` is what its alert is told. ``worded``: what was sent shows the alert so; if that has changed since,
        it is brought up to date."""
        failpoint(f"outbox.settling.{self._name}")

        async def job(desk: Desk) -> None:
            current = (await desk.load([row.alert_id])).get(row.alert_id) if row.alert_id is not None else None
            is_stale = self._can_update and worded is not None and visible(current) != visible(worded)
            settled = after._replace(update_at=desk.now) if is_stale else after
            desk.settle(settled, row)
            if row.purpose == Purpose.RELAY:
                await relay.settled(desk, settled, self._post)
            elif row.purpose == Purpose.DUTY:
                await notice.settled(desk, settled, row)
            if settled.outcome == MISSED:
                owe(desk, settled, self._watch)
            if event is not None and row.alert_id is not None and not await _is_known(desk, row, event):
                await desk.feed(row.alert_id, event)

        await self._engine.submit(job)
        if row.purpose == Purpose.RELAY and after.send_at is None:
            await self._engine.submit(lambda desk: relay.tidy(desk, row.key))

    async def put_off(self, desk: Desk, row: NotificationRow, event: Told | None) -> None:
        """Put a page into the outbox that missed its time at the very desk that decided it."""
        desk.put(row)
        owe(desk, row, self._watch)
        if event is not None and row.alert_id is not None:
            await desk.feed(row.alert_id, event)


async def _is_known(desk: Desk, row: NotificationRow, event: Told) -> bool:
    """Whether the alert knows it already: an outage was noticed, or the end of a call to its sender was told, while the
    row was being worked on."""
    is_leg = isinstance(event, SenderCalled)
    if not is_leg and (not isinstance(event, DeliveryReported) or event.outcome is not Outcome.STALLED):
        return False
    now_there = (await desk.tx.by_key([row.key])).get(row.key)
    if is_leg:
        return now_there is None or now_there.state is NotificationState.ENDED
    return now_there is not None and now_there.is_stalled
