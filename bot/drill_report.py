"""What a drill has shown: of everybody who was told, when it was due, left, was delivered where that is known, and was
answered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.store.drills import Drill
from bot.store.record import EventRow, NotificationRow
from bot.store.store import Tx
from escalation.alert import Alert
from escalation.event import Acknowledged, DeliveryReported, EscalatedNow, Outcome, PassedOn, Snoozed


@dataclass(frozen=True, slots=True)
class Told:
    """One notification of a drill. ``known_at`` is when the provider said what became of it; ``answered_at`` when
    whoever got it took it, passed it on, or asked for quiet, there."""

    row: NotificationRow
    known_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""

    @property
    def late(self) -> timedelta | None:
        """How long after it was due it left."""
        return None if self.row.sent_at is None else self.row.sent_at - self.row.due_at

    @property
    def answered_after(self) -> timedelta | None:
        """From leaving to the answer."""
        both = self.row.sent_at is not None and self.answered_at is not None
        return self.answered_at - self.row.sent_at if both else None  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Report:
    """A drill, its alert as it stands, and everything that was told in it. ``taken_at``: somebody took it."""

    drill: Drill
    alert: Alert
    told: tuple[Told, ...]
    taken_at: datetime | None = None
    taken_by: str = ""
    taken_via: str = ""

    @property
    def taken_after(self) -> timedelta | None:
        return None if self.taken_at is None else self.taken_at - self.drill.begun_at


async def report_of(tx: Tx, alert_id: int) -> Report | None:
    """The report of a drill as of now; None if this alert is none."""
    drill, alerts = await tx.drill(alert_id), await tx.alerts([alert_id])
    if drill is None or alert_id not in alerts:
        return None
    events, rows = await tx.events(alert_id), await tx.notifications_of(alert_id)
    taken = next((one for one in events if isinstance(one.event, Acknowledged)), None)
    report = Report(drill, alerts[alert_id], told_in(rows, events))
    if taken is None or not isinstance(taken.event, Acknowledged):
        return report
    return replace(report, taken_at=taken.at, taken_by=taken.event.by, taken_via=taken.event.via)


Answer = Acknowledged | PassedOn | Snoozed | EscalatedNow


def told_in(rows: Sequence[NotificationRow], events: Sequence[EventRow]) -> tuple[Told, ...]:
    """Each notification with what is known of it; an answer belongs to the last that its person had got there."""
    known = dict(_known(events))
    told = [Told(row, known.get(row.key)) for row in rows]
    for one in events:
        if isinstance(one.event, Answer):
            number = _answered(told, one.event, one.at)
            if number is not None and told[number].answered_at is None:
                told[number] = replace(told[number], answered_at=one.at, answered_by=one.event.by)
    return tuple(told)


def _known(events: Iterable[EventRow]) -> Iterator[tuple[str, datetime]]:
    """When the provider told the end of each: that it was sent is no news."""
    for one in events:
        if isinstance(one.event, DeliveryReported) and one.event.outcome not in (Outcome.SENT, Outcome.STALLED):
            yield one.event.key, one.at


def _answered(told: Sequence[Told], event: Answer, at: datetime) -> int | None:
    """Their own message there, or else the room's."""
    left = [(number, one.row) for number, one in enumerate(told) if one.row.sent_at and one.row.sent_at <= at]
    there = [(number, row) for number, row in left if row.channel == event.via and row.person in (event.by, None)]
    return max(there, key=lambda one: (one[1].person is not None, one[1].sent_at), default=(None,))[0]
