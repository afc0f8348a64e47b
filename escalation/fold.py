"""The fold: what each event makes of an alert. Decides nothing; any list of events that was saved folds again.

``apply`` is total: an event that changes nothing still counts in ``seq``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from escalation.alert import Alert, AlertStatus
from escalation.decided import (
    ApprovalAsked,
    CallBackPromised,
    ClimbReason,
    ClimbStarted,
    Event,
    Exhausted,
    FireReason,
    LadderChanged,
    LoopEnded,
    NotApproved,
    ReadReached,
    RungFired,
    SkipReason,
    StepWaits,
    TakenForward,
    ToldBeside,
)
from escalation.event import (
    UNREACHED,
    Acknowledged,
    Approved,
    CallBackAsked,
    Cancelled,
    ClockSetBack,
    DeliveryReported,
    EscalatedNow,
    MailJoined,
    Noted,
    Opened,
    PassedOn,
    ReceiptReported,
    ReceiptWithdrawn,
    RecipientAdded,
    RemindedNow,
    Resolved,
    SenderCalled,
    Snoozed,
    TimerFired,
)
from escalation.policy import EscalationPolicy
from escalation.receipt import ReceiptKind, Recipient, with_receipt, with_withdrawal
from escalation.redial import with_outcome
from escalation.set_back import moved
from escalation.told import called, reminded, tried

_COUNTS_ANEW = frozenset({ClimbReason.ACK_TIMEOUT, ClimbReason.SNOOZE_ENDED, ClimbReason.ASKED_FOR})
"""Climbs that begin again although somebody had read: only what is read from then on can stop them."""

_SEQ = Alert._fields.index("seq")

_TOLD_BEFORE = frozenset({SkipReason.ALREADY_TOLD, SkipReason.NO_NEW_WAY})
_LET_BE = frozenset({SkipReason.NOT_NOW, SkipReason.NO_REDIAL})


def open_alert(id: int, event: Opened, at: datetime) -> Alert:
    """The alert that an ``Opened`` makes: the start of every fold."""
    return Alert(
        id=id,
        mail=event.mail,
        policy=event.policy,
        recipients=event.recipients,
        opened_at=at,
        status_at=at,
        severity=event.severity,
        rule=event.rule,
        is_junk=event.is_junk,
        seq=1,
        sent_by=event.sent_by,
        deadline=event.deadline,
        status=AlertStatus.TRIGGERED if event.approve_within is None else AlertStatus.HELD,
        starts_at=event.starts_at,
        approvers=event.approvers,
        approve_within=event.approve_within,
        is_exercise=event.is_exercise,
        left_out=event.left_out,
    )


def apply(alert: Alert, event: Event, at: datetime) -> Alert:
    """The alert after one more event, which was saved at ``at``."""
    folded = _FOLDS[type(event)](alert, event, at)
    # As ``_replace`` does, which asks for every field by its name, and that for every event of every alert.
    return Alert._make((*folded[:_SEQ], alert.seq + 1, *folded[_SEQ + 1 :]))


def fold(id: int, events: Iterable[tuple[Event, datetime]]) -> Alert:
    """The alert from its whole list of events. Raises ValueError if the first is no ``Opened``."""
    listed = iter(events)
    first, opened_at = next(listed)
    if not isinstance(first, Opened):
        raise ValueError(f"alert {id}: the first event is {type(first).__name__}, not Opened")
    alert = open_alert(id, first, opened_at)
    for event, at in listed:
        alert = apply(alert, event, at)
    return alert


def _same(alert: Alert, event: Event, at: datetime) -> Alert:
    return alert


def _with_recipient(alert: Alert, new: Recipient) -> Alert:
    return alert._replace(recipients=tuple(new if one.id == new.id else one for one in alert.recipients))


def _recipient_added(alert: Alert, event: RecipientAdded, at: datetime) -> Alert:
    return alert._replace(recipients=(*alert.recipients, event.recipient))


def _mail_joined(alert: Alert, event: MailJoined, at: datetime) -> Alert:
    return alert._replace(mails=alert.mails + 1, read_since=at)


def _receipt_reported(alert: Alert, event: ReceiptReported, at: datetime) -> Alert:
    recipient = alert.recipient(event.recipient)
    if recipient is None:
        return alert
    changed = _with_recipient(
        alert, with_receipt(recipient, event.kind, event.at, via=event.via, by=event.by, detail=event.detail)
    )
    return changed._replace(is_junk=True) if event.kind is ReceiptKind.JUNKED else changed


def _receipt_withdrawn(alert: Alert, event: ReceiptWithdrawn, at: datetime) -> Alert:
    recipient = alert.recipient(event.recipient)
    if recipient is None:
        return alert
    changed = _with_recipient(alert, with_withdrawal(recipient, event.kind, event.at))
    if event.kind is ReceiptKind.JUNKED:
        return changed._replace(is_junk=any(one.has(ReceiptKind.JUNKED) for one in changed.recipients))
    return changed


def _acknowledged(alert: Alert, event: Acknowledged, at: datetime) -> Alert:
    recipient = alert.recipient(event.by)
    if recipient is not None:
        alert = _with_recipient(
            alert, with_receipt(recipient, ReceiptKind.ACKNOWLEDGED, at, via=event.via, by=event.by)
        )
    others = () if alert.is_taken_by_reading else alert.taken_by
    taken_by = others if event.by in others else (*others, event.by)
    due_at = at + (alert.policy.ack_timeout or alert.policy.resolve_after)
    return _taken(alert, at, due_at)._replace(taken_by=taken_by, taken_via=event.via)


def _read_reached(alert: Alert, event: ReadReached, at: datetime) -> Alert:
    taken = _taken(alert, at, at + alert.policy.resolve_after)
    return taken._replace(taken_by=event.readers, taken_via=event.kind, is_taken_by_reading=True)


def _taken(alert: Alert, at: datetime, due_at: datetime) -> Alert:
    return alert._replace(
        status=AlertStatus.ACKNOWLEDGED,
        status_at=at,
        due_at=due_at,
        is_taken_by_reading=False,
        snoozed_until=None,
        current=(),
    )


def _snoozed(alert: Alert, event: Snoozed, at: datetime) -> Alert:
    """A climb goes on at the end of the snooze, but not earlier than it would have without."""
    due_at = event.until
    if alert.status is AlertStatus.TRIGGERED:
        due_at = max(event.until, alert.due_at or event.until)
    return alert._replace(due_at=due_at, snoozed_until=event.until, snoozed_by=event.by, current=(), called=())


def _resolved(alert: Alert, event: Resolved, at: datetime) -> Alert:
    return _closed(alert, AlertStatus.RESOLVED, at)


def _approval_asked(alert: Alert, event: ApprovalAsked, at: datetime) -> Alert:
    asked = tuple(one for one in event.notified if one.person in alert.approvers)
    return alert._replace(asked=event.time, due_at=event.due_at, current=asked, keys=alert.keys + len(event.notified))


def _not_approved(alert: Alert, event: NotApproved, at: datetime) -> Alert:
    closed = _closed(alert, AlertStatus.CANCELLED, at)
    return closed._replace(keys=alert.keys + len(event.notified))


def _approved(alert: Alert, event: Approved, at: datetime) -> Alert:
    """Its climb begins with its leaving: a step before the deadline has its place from then on."""
    begins_at = max(at, alert.starts_at or at)
    policy = alert.policy.placed(begins_at, alert.deadline)
    return alert._replace(status=AlertStatus.TRIGGERED, status_at=at, policy=policy, starts_at=begins_at, current=())


def _cancelled(alert: Alert, event: Cancelled, at: datetime) -> Alert:
    return _closed(alert, AlertStatus.CANCELLED, at)


def _closed(alert: Alert, status: AlertStatus, at: datetime) -> Alert:
    return alert._replace(status=status, status_at=at, due_at=None, snoozed_until=None, current=())


def _delivery_reported(alert: Alert, event: DeliveryReported, at: datetime) -> Alert:
    if alert.called:
        alert = alert._replace(called=with_outcome(alert.called, event))
    if event.outcome not in UNREACHED:
        return alert
    return alert._replace(current=tuple(one for one in alert.current if one.key != event.key))


def _climb_started(alert: Alert, event: ClimbStarted, at: datetime) -> Alert:
    is_going_on = (event.loop, event.rung) != (1, 0)
    return alert._replace(
        status=AlertStatus.TRIGGERED,
        status_at=at,
        taken_by=(),
        taken_via="",
        is_taken_by_reading=False,
        read_since=at if event.reason in _COUNTS_ANEW else alert.read_since,
        climb=event.climb,
        ladder=event.ladder,
        loop=event.loop,
        rung=event.rung,
        due_at=event.due_at,
        snoozed_until=None,
        current=(),
        ladder_until=event.until,
        began_at=_began_at(alert.policy, event.ladder, event.rung, event.due_at),
        tried=alert.tried if is_going_on else (),
        places=alert.places if is_going_on else (),
        waits=alert.waits if is_going_on else (),
        called_back=(),
        called=(),
    )


def _began_at(policy: EscalationPolicy, ladder: int | None, rung: int, due_at: datetime) -> datetime:
    """When a loop of this ladder began, if this rung of it is due then."""
    return due_at if ladder is None else due_at - policy.ladders[ladder].offset_of(rung)


def _ladder_changed(alert: Alert, event: LadderChanged, at: datetime) -> Alert:
    """What the newest rung told may still turn out to have reached nobody; its step's ``else`` is of another ladder."""
    left = {} if alert.ladder in (None, event.ladder) else {alert.ladder: alert.rung}
    places = {**dict(alert.places), **left}
    return alert._replace(
        ladder=event.ladder,
        rung=event.rung,
        due_at=event.due_at,
        ladder_until=event.until,
        places=tuple(places.items()),
        snoozed_until=None,
        is_else=alert.is_else or bool(left),
    )


def _step_waits(alert: Alert, event: StepWaits, at: datetime) -> Alert:
    waits = alert.waits
    if alert.waits_since(event.rung) is None and alert.ladder is not None:
        waits = (*waits, (alert.ladder, event.rung, alert.due_at or at))
    return alert._replace(due_at=event.until, waits=waits, rung=event.rung, snoozed_until=None)


def _rung_fired(alert: Alert, event: RungFired, at: datetime) -> Alert:
    """A rung that was passed over or let be leaves those told before it their time to answer, and their ``else`` as it
    was. An ``else`` that comes after it leaves the climb where it is."""
    was_told_already = any(one.reason in _TOLD_BEFORE for one in event.skipped)
    is_passed_over = not event.notified and any(one.reason in _LET_BE for one in event.skipped)
    return reminded(alert, event.notified, at)._replace(
        loop=event.loop,
        rung=max(event.rung + 1, alert.rung) if event.reason is FireReason.UNREACHABLE else event.rung + 1,
        due_at=event.next_due_at,
        snoozed_until=None,
        current=event.notified or (alert.current if was_told_already or is_passed_over else ()),
        is_else=alert.is_else if is_passed_over else event.is_else,
        keys=alert.keys + len(event.notified),
        newest=alert.newest if is_passed_over else (alert.ladder or 0, event.rung),
        tried=tried(alert, event),
        called=called(alert, event),
    )


def _call_back_promised(alert: Alert, event: CallBackPromised, at: datetime) -> Alert:
    return alert._replace(keys=alert.keys + len(event.notified), called_back=(*alert.called_back, event.by))


def _taken_forward(alert: Alert, event: TakenForward, at: datetime) -> Alert:
    return alert._replace(keys=alert.keys + len(event.notified))


def _told_beside(alert: Alert, event: ToldBeside, at: datetime) -> Alert:
    return reminded(alert, event.notified, at)._replace(keys=alert.keys + len(event.notified))


def _loop_ended(alert: Alert, event: LoopEnded, at: datetime) -> Alert:
    return alert._replace(
        loop=event.loop + 1,
        rung=0,
        due_at=event.due_at,
        current=(),
        snoozed_until=None,
        tried=(),
        places=(),
        waits=(),
        began_at=_began_at(alert.policy, alert.ladder, 0, event.due_at),
        called=(),
    )


def _exhausted(alert: Alert, event: Exhausted, at: datetime) -> Alert:
    return alert._replace(
        status=AlertStatus.EXHAUSTED,
        status_at=at,
        ladder=None,
        due_at=None,
        snoozed_until=None,
        current=event.notified,
        is_else=True,
        keys=alert.keys + len(event.notified),
    )


_Fold = Callable[[Alert, Any, datetime], Alert]
_FOLDS: Mapping[type, _Fold] = MappingProxyType(
    {
        Opened: _same,
        RecipientAdded: _recipient_added,
        MailJoined: _mail_joined,
        ReceiptReported: _receipt_reported,
        ReceiptWithdrawn: _receipt_withdrawn,
        Acknowledged: _acknowledged,
        PassedOn: _same,
        CallBackAsked: _same,
        EscalatedNow: _same,
        RemindedNow: _same,
        Noted: _same,
        SenderCalled: _same,
        Snoozed: _snoozed,
        Resolved: _resolved,
        ApprovalAsked: _approval_asked,
        Approved: _approved,
        NotApproved: _not_approved,
        Cancelled: _cancelled,
        TimerFired: _same,
        ClockSetBack: lambda alert, event, at: moved(alert, event.by, at),
        DeliveryReported: _delivery_reported,
        ClimbStarted: _climb_started,
        LadderChanged: _ladder_changed,
        StepWaits: _step_waits,
        RungFired: _rung_fired,
        CallBackPromised: _call_back_promised,
        TakenForward: _taken_forward,
        ToldBeside: _told_beside,
        LoopEnded: _loop_ended,
        ReadReached: _read_reached,
        Exhausted: _exhausted,
    }
)
