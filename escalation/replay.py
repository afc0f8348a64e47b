"""A past alert once more, under another policy and other people: the same inputs, everything else decided anew.

1. What came from outside comes again, at the instant at which it came: receipts, acknowledgements, snoozes, later
   mails. Nobody is taken to answer earlier because they are told earlier.
2. What became of a notification is repeated for the one of the same turn to the same address over the same channel, as
   long after it as then. A notification that was not made then is taken to arrive.
3. What time alone did (a resolution by the timer) is decided anew.
4. Of a clock that was set back nothing is replayed: what came after it is taken to have come so much later.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from escalation.alert import Alert, AlertStatus
from escalation.command import Notify, Purpose
from escalation.decided import ApprovalAsked, Derived, Event, Exhausted, NotApproved, Notified, RungFired, TakenForward
from escalation.event import (
    CallBackAsked,
    Cancelled,
    ClockSetBack,
    DeliveryReported,
    Opened,
    ReceiptReported,
    ReceiptWithdrawn,
    Resolved,
    Snoozed,
    TimerFired,
)
from escalation.policy import PHONE, EscalationPolicy
from escalation.roster import Roster
from escalation.simulate import MOST_DECISIONS, TimedInput, story

SLACK = timedelta(seconds=30)
"""Two notifications no further apart are at the same time: a running bot may be late."""

Lived = Sequence[tuple[Event, datetime]]
"""An alert's list of events, each with its instant."""

Address = tuple[str, str]
"""A channel, and an address there."""


class Told(NamedTuple):
    """One notification of a step, its ``else`` or the last resort. ``at`` is when it was due."""

    at: datetime
    channel: str
    address: str
    target: str
    person: str | None
    is_last: bool = False


class ChangeKind(StrEnum):
    """``moved`` is told at another time."""

    SAME = "same"
    MOVED = "moved"
    GONE = "gone"
    NEW = "new"


class Change(NamedTuple):
    """One notification as it was, and as it would have been; None: it was not, or would not have been."""

    kind: ChangeKind
    before: Told | None
    after: Told | None


@dataclass(frozen=True, slots=True)
class Course:
    """What an alert came to: whom it told, and how it stood in the end."""

    opened_at: datetime
    told: tuple[Told, ...]
    status: AlertStatus

    @property
    def calls(self) -> int:
        return sum(one.channel == PHONE for one in self.told)

    @property
    def first_told(self) -> timedelta | None:
        """From the mail to the first notification; None: nobody was told."""
        return min((one.at - self.opened_at for one in self.told), default=None)


def lived(events: Lived, status: AlertStatus) -> Course:
    """What was, from the list of an alert's events."""
    steady = _steady(events)
    return Course(events[0][1], tuple(told for event, at in steady for told in _told_by(event, at)), status)


def replayed(events: Lived, policy: EscalationPolicy, roster: Roster, until: datetime) -> Course:
    """What would have been until ``until``, under this policy and with these people."""
    until += sum((event.by for event, _ in events if isinstance(event, ClockSetBack)), timedelta(0))
    events = _steady(events)
    opened, at = events[0]
    assert isinstance(opened, Opened)
    told: list[Told] = []
    alert: Alert | None = None
    known = _Reports(events)
    new = replace(opened, policy=policy.placed(opened.starts_at or at, opened.deadline))
    for number, (now, decision) in enumerate(story(new, roster, at, list(_inputs(events)), known.of)):
        if alert is not None and (now > until or number >= MOST_DECISIONS):
            break
        alert = decision.alert
        told += [one for event in decision.events for one in _told_by(event, now)]
    assert alert is not None
    # A story ends when all that time would still do is to resolve it.
    is_over = alert.status is AlertStatus.ACKNOWLEDGED and alert.due_at is not None and alert.due_at <= until
    return Course(at, tuple(told), AlertStatus.RESOLVED if is_over else alert.status)


def changes(before: Course, after: Course) -> tuple[Change, ...]:
    """Each notification of either, in order of time: those of one address are paired in their order."""
    waiting: dict[Address, list[Told]] = {}
    for one in after.told:
        waiting.setdefault((one.channel, one.address), []).append(one)
    found = [_paired(one, waiting.get((one.channel, one.address), [])) for one in before.told]
    found += [Change(ChangeKind.NEW, None, one) for left in waiting.values() for one in left]
    return tuple(sorted(found, key=_when))


def _paired(one: Told, waiting: list[Told]) -> Change:
    if not waiting:
        return Change(ChangeKind.GONE, one, None)
    other = waiting.pop(0)
    is_same = abs(other.at - one.at) <= SLACK
    return Change(ChangeKind.SAME if is_same else ChangeKind.MOVED, one, other)


def _when(change: Change) -> datetime:
    one = change.after or change.before
    assert one is not None
    return one.at


def _steady(events: Lived) -> Lived:
    """What happened by a clock that was never set back (rule 4)."""
    found: list[tuple[Event, datetime]] = []
    ahead = timedelta(0)
    for event, at in events:
        match event:
            case ClockSetBack(by):
                ahead += by
                continue
            case RungFired(due_at=due_at):
                event = replace(event, due_at=due_at + ahead)
            case Snoozed(until=until):
                event = replace(event, until=until + ahead)
            case ReceiptReported() | ReceiptWithdrawn() | CallBackAsked():
                event = replace(event, at=event.at + ahead)
        found.append((event, at + ahead))
    return found


def _inputs(events: Lived) -> Iterator[TimedInput]:
    """What came from outside after the beginning (rules 1 and 3); outcomes of notifications come by themselves."""
    opened_at = events[0][1]
    for event, at in events[1:]:
        is_by_time = isinstance(event, Resolved | Cancelled) and event.by is None and event.via in ("", "timer")
        if not isinstance(event, Derived | TimerFired | DeliveryReported) and not is_by_time:
            yield at - opened_at, event


class _Reports:
    """What became of the notifications of then (rule 2)."""

    def __init__(self, events: Lived) -> None:
        told = {one.key: (one.channel, one.address, at) for event, at in events for one in _notified(event)}
        heard: dict[str, list[tuple[timedelta, DeliveryReported]]] = {}
        for event, at in events:
            if isinstance(event, DeliveryReported) and event.key in told:
                heard.setdefault(event.key, []).append((at - told[event.key][2], event))
        self._known: dict[Address, list[list[tuple[timedelta, DeliveryReported]]]] = {}
        for key, (channel, address, _) in told.items():
            self._known.setdefault((channel, address), []).append(heard.get(key, []))
        self._turns: Counter[Address] = Counter()

    def of(self, told: Notify, offset: timedelta) -> Iterator[TimedInput]:
        """The reports on the notification of then that this one stands for."""
        if told.purpose is Purpose.MAIL:
            return
        address = told.channel, told.address
        turn = self._turns[address]
        self._turns[address] += 1
        known = self._known.get(address, [])
        for delay, report in known[turn] if turn < len(known) else ():
            yield offset + delay, replace(report, key=told.key)


def _notified(event: Event) -> tuple[Notified, ...]:
    if isinstance(event, RungFired | Exhausted | TakenForward | ApprovalAsked | NotApproved):
        return event.notified
    return ()


def _told_by(event: Event, at: datetime) -> Iterator[Told]:
    match event:
        case RungFired(notified=notified, due_at=due_at):
            due_at = min(due_at, at)
            yield from (Told(due_at, one.channel, one.address, one.target, one.person) for one in notified)
        case Exhausted(notified=notified):
            yield from (Told(at, one.channel, one.address, one.target, one.person, True) for one in notified)
