"""The transition table of an alert, and ``decide``: the one place where it is decided what happens next.

The rules:

1. An input that the table has no entry for changes nothing: no event, no command. So does one that is known already.
2. While *triggered*, the ladder climbs at its due times (``climb.py`` has the rules of climbing), and another ladder
   takes over when its window begins (``crossing.py``).
3. Enough reading, as the policy's ``read_by`` and ``counts`` demand, acknowledges the alert in its readers' name, if
   the policy stops on ``read``. A person's acknowledgement acknowledges it always. A resolution closes it.
4. Whatever stops the climb withdraws every notification that has not left, ends ringing calls, and refreshes what was
   posted.
5. An alert acknowledged by a person starts again after ``ack_timeout`` if the policy has one; else, and after
   reading, it is resolved by itself after ``resolve_after``.
6. A snooze silences until its instant. Then a climb goes on where it was; an acknowledged or exhausted alert starts
   again.
7. A later mail of the thread is unread: what was read before does not count for it. If reading had acknowledged the
   alert, or its ladder had ended, the climb starts again; if a person had taken it, they keep it.
   One more recipient who has not read starts it again too, if now too few have. Nothing but a person starts a snoozed
   one again before its instant.
8. \\Seen taken back re-opens an alert that reading had acknowledged, if the policy says so.
9. A recipient who failed (DSN), a call passed on by one of those who were told last, and "escalate now" bring the next
   step forward. Of a watched mail it is the first who failed. Of a mail that the team sent it is one who can't be taken
   forward alone, and only if the mail now reaches nobody who has not read, or its sender can't be told: else the others
   keep their time. Against a snooze only "escalate now" does: a person has asked for quiet.
10. Nothing re-opens a closed alert; a later mail of its thread opens a new one. Only what becomes of a call to the
    sender is still kept there; no such call changes how any alert stands.
11. Whoever is called may ask to be called again a little later, twice in one climb: that call alone is put off, and no
    step waits for it.
12. A mail that needs a second person is *held* (``approval.py``).
13. A person may ask for one step, for one person, or that the unread be reminded (``request.py``), and write a note.
14. A notification that is reported to have reached nobody (refused, or stuck, as in an outage of its channel) takes its
    rung along when it is the last of those told by it. Reported again, in whatever order, it takes nothing along. An
    outage is told once, and not again by an alarm of each alert. So goes a call that is held back, because its person
    was called often enough of late: never but where something else tells of the alert at once (``throttle.py``).
15. A reminder of a mail that the team sent which the mail server refuses for good is a failure of its recipient, as
    that of the mail itself is. No other one goes there until a receipt shows that mail arrives; every other channel
    goes on.
16. When the clock is set back, no wait becomes longer by it (``set_back.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from escalation import approval, climb, detail, reading, request
from escalation.alert import Alert, AlertStatus
from escalation.command import AlarmKind, Command, RaiseAlarm, Refresh, Withdraw
from escalation.decided import CallBackPromised, ClimbReason, Event, FireReason
from escalation.draft import Draft
from escalation.event import (
    Acknowledged,
    Approved,
    CallBackAsked,
    Cancelled,
    ClockSetBack,
    DeliveryReported,
    EscalatedNow,
    Input,
    MailJoined,
    Noted,
    Opened,
    Outcome,
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
from escalation.fold import open_alert
from escalation.receipt import ReceiptKind
from escalation.roster import Roster

A_MINUTE = timedelta(minutes=1)
MOST_CALL_BACKS = 2
"""How often one person may ask in one climb to be called again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The alert as it is now, what happened (to be appended to its list), and what to do. All saved together."""

    alert: Alert
    events: tuple[Event, ...] = ()
    commands: tuple[Command, ...] = ()


def open(id: int, opened: Opened, now: datetime, roster: Roster) -> Decision:
    """The decision that opens an alert: its climb starts, unless its recipients have read it already."""
    draft = Draft(open_alert(id, opened, now), now, roster)
    draft.events.append(opened)
    if draft.alert.status is AlertStatus.HELD:
        approval.ask(draft)
        return _decision(draft)
    if opened.sent_by:
        draft.due_at = max(now, opened.starts_at or now)
        draft.post()
    reading.stop_if_read(draft)
    if draft.alert.status is AlertStatus.TRIGGERED:
        climb.start(draft, ClimbReason.OPENED, opened.starts_at)
    return _decision(draft)


def decide(alert: Alert, event: Input, now: datetime, roster: Roster) -> Decision:
    """What happens to an alert when ``event`` happens at ``now``. Pure; the same arguments, the same decision."""
    transition = TABLE.get((alert.status, type(event)))
    draft = Draft(alert, now, roster)
    if transition is not None:
        transition.handle(draft, event)
    return _decision(draft)


def _decision(draft: Draft) -> Decision:
    return Decision(draft.alert, tuple(draft.events), tuple(draft.commands))


# What each input does ------------------------------------------------------------------------------------------------


def _stop(draft: Draft, event: Acknowledged | Resolved | Cancelled | Snoozed) -> None:
    draft.record(event)
    draft.do(Withdraw(is_recall=isinstance(event, Cancelled)), Refresh())


def _acknowledge_too(draft: Draft, event: Acknowledged) -> None:
    if draft.alert.is_taken_by_reading or event.by not in draft.alert.taken_by:
        draft.record(event)
        draft.do(Refresh())


def _snooze(draft: Draft, event: Snoozed) -> None:
    is_new = (event.until, event.by) != (draft.alert.snoozed_until, draft.alert.snoozed_by)
    if is_new and event.until > draft.now:
        _stop(draft, event)


def _pass_on(draft: Draft, event: PassedOn) -> None:
    draft.record(event)
    if reading.is_climbing(draft.alert) and _may_pass_on(draft.alert, event.by):
        climb.bring_forward(draft, FireReason.PASSED_ON)
        climb.climb(draft)


def _may_pass_on(alert: Alert, by: str) -> bool:
    """False for somebody told earlier (or who pressed twice): those told since have just begun to answer."""
    told = {one.person for one in alert.current}
    return not told or None in told or by in told


def _pass_on_last(draft: Draft, event: PassedOn) -> None:
    draft.record(event)
    person = draft.roster.people.get(event.by)
    draft.do(Refresh(), RaiseAlarm(AlarmKind.NOBODY_NEXT, person.name if person else event.by))


def _call_back(draft: Draft, event: CallBackAsked) -> None:
    if draft.alert.called_back.count(event.by) < MOST_CALL_BACKS and draft.alert.snoozed_until is None:
        draft.record(CallBackPromised(event.by, event.at, (draft.call_again(event),)))
        draft.do(Refresh())


def _escalate(draft: Draft, event: EscalatedNow) -> None:
    if event.to or event.step is not None:
        request.escalate(draft, event)
        return
    draft.record(event)
    climb.bring_forward(draft, FireReason.ASKED_FOR)
    climb.climb(draft)


def _escalate_again(draft: Draft, event: EscalatedNow) -> None:
    if event.to or event.step is not None:
        request.escalate(draft, event)
        return
    draft.record(event)
    climb.go_on(draft, FireReason.ASKED_FOR)
    climb.climb(draft)


def _note(draft: Draft, event: Noted | SenderCalled) -> None:
    draft.record(event)
    draft.do(Refresh())


def _set_back(draft: Draft, event: ClockSetBack) -> None:
    """Times are shown to the minute: where none that was posted changes, nothing is posted anew for every alert."""
    draft.record(event)
    if event.by >= A_MINUTE:
        draft.do(Refresh())


def _is_due(draft: Draft) -> bool:
    return draft.alert.due_at is not None and draft.alert.due_at <= draft.now


def _tick(draft: Draft, event: TimerFired) -> None:
    climb.climb(draft)


def _time_out(draft: Draft, event: TimerFired) -> None:
    if not _is_due(draft):
        return
    alert = draft.alert
    if alert.snoozed_until is not None:
        climb.start(draft, ClimbReason.SNOOZE_ENDED)
    elif alert.policy.ack_timeout and not alert.is_taken_by_reading:
        climb.start(draft, ClimbReason.ACK_TIMEOUT)
    else:
        _stop(draft, Resolved(None, "timer"))


def _wake_up(draft: Draft, event: TimerFired) -> None:
    if _is_due(draft):
        climb.start(draft, ClimbReason.SNOOZE_ENDED)


def _deliver(draft: Draft, event: DeliveryReported) -> None:
    refused = _refused(draft.alert, event, draft.now)
    if not _note_delivery(draft, event):
        for one in refused:
            reading.receive(draft, one)
        return
    for one in refused:
        reading.keep_receipt(draft, one)
    is_known = event.is_outage or event.outcome is Outcome.HELD_BACK
    climb.reached_nobody(draft, detail.of_outcome(event), is_known=is_known)
    climb.climb(draft)


def _refused(alert: Alert, event: DeliveryReported, now: datetime) -> tuple[ReceiptReported, ...]:
    """What a refused reminder tells of its recipient: mail does not get there (rule 15)."""
    if not alert.sent_by or not event.address or event.outcome is not Outcome.REJECTED:
        return ()
    ids = (one.id for one in alert.recipients if one.address == event.address)
    return tuple(ReceiptReported(id, ReceiptKind.FAILED, now, "smtp", detail=event.detail) for id in ids)


def _deliver_last(draft: Draft, event: DeliveryReported) -> None:
    refused = _refused(draft.alert, event, draft.now)
    is_unreached = _note_delivery(draft, event)
    for one in refused:
        reading.keep_receipt(draft, one)
    if is_unreached:
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.of_last_resort(detail.of_outcome(event))))


def _note_delivery(draft: Draft, event: DeliveryReported) -> bool:
    """Keep an outcome; True if by it the last of those told by the newest rung turned out to be unreached."""
    had_current = bool(draft.alert.current)
    draft.record(event)
    if event.outcome is not Outcome.SENT:
        draft.do(Refresh())
    return had_current and not draft.alert.current


def _deliver_question(draft: Draft, event: DeliveryReported) -> None:
    if _note_delivery(draft, event):
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.APPROVAL))


def _keep_delivery(draft: Draft, event: DeliveryReported) -> None:
    refused = _refused(draft.alert, event, draft.now)
    draft.record(event)
    for one in refused:
        reading.keep_receipt(draft, one)


# The table -----------------------------------------------------------------------------------------------------------

H, T, A, E = AlertStatus.HELD, AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED, AlertStatus.EXHAUSTED
R, C = AlertStatus.RESOLVED, AlertStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class Transition:
    """What one input does in one status: where it may lead, and when, in words. ``docs/state-machine.md`` shows it."""

    handle: Callable[[Draft, Any], None]
    to: tuple[AlertStatus, ...]
    words: str


TABLE: Mapping[tuple[AlertStatus, type], Transition] = MappingProxyType(
    {
        (H, Approved): Transition(approval.approve, (T, E), "a second person lets it leave"),
        (H, Cancelled): Transition(_stop, (C,), "it does not leave"),
        (H, TimerFired): Transition(
            approval.ask_again, (H, C), "asked once more; then it does not leave, and that is told"
        ),
        (H, DeliveryReported): Transition(_deliver_question, (H,), "nobody who may approve was reached: alarm"),
        (H, Noted): Transition(_note, (H,), "kept"),
        (H, ClockSetBack): Transition(_set_back, (H,), "what counts a wait keeps its length"),
        (T, RecipientAdded): Transition(
            reading.add_recipient, (T, A), "one more recipient; read already may be enough"
        ),
        (T, MailJoined): Transition(reading.join, (T,), "a later mail of the thread is unread too"),
        (T, ReceiptReported): Transition(
            reading.receive, (T, A, E), "enough have read; nobody else is reached: next step"
        ),
        (T, ReceiptWithdrawn): Transition(reading.keep_receipt, (T,), "marked unread again"),
        (T, Acknowledged): Transition(_stop, (A,), "a person takes it"),
        (T, PassedOn): Transition(_pass_on, (T, E), "next step now, if those told last pass it on"),
        (T, CallBackAsked): Transition(_call_back, (T,), "called again a little later; no step waits for it"),
        (T, EscalatedNow): Transition(_escalate, (T, E), "next step now, or the step or person asked for"),
        (T, RemindedNow): Transition(request.remind, (T,), "whoever has not read is told"),
        (T, Noted): Transition(_note, (T,), "kept"),
        (T, ClockSetBack): Transition(_set_back, (T,), "what counts a wait keeps its length"),
        (T, SenderCalled): Transition(_note, (T,), "kept"),
        (T, Snoozed): Transition(_snooze, (T,), "silent until its instant"),
        (T, Resolved): Transition(_stop, (R,), "over"),
        (T, Cancelled): Transition(_stop, (C,), "should not have been one"),
        (T, TimerFired): Transition(_tick, (T, E), "what is due fires; the end of the ladder"),
        (T, DeliveryReported): Transition(
            _deliver,
            (T, E),
            "refused, held back, or stuck in an outage, and nobody else told: else, or the next step, once",
        ),
        (A, RecipientAdded): Transition(reading.add_unread, (A, T, E), "starts again if reading is no longer enough"),
        (A, MailJoined): Transition(reading.join_read, (A, T, E), "unread again if only reading had stopped it"),
        (A, ReceiptReported): Transition(reading.keep_receipt, (A,), "kept"),
        (A, ReceiptWithdrawn): Transition(reading.withdraw_read, (A, T, E), "re-opens if the policy says so"),
        (A, Acknowledged): Transition(_acknowledge_too, (A,), "one more person takes it"),
        (A, EscalatedNow): Transition(_escalate_again, (T, E), "climbs on"),
        (A, RemindedNow): Transition(request.remind, (A,), "whoever has not read is told"),
        (A, Noted): Transition(_note, (A,), "kept"),
        (A, ClockSetBack): Transition(_set_back, (A,), "what counts a wait keeps its length"),
        (A, SenderCalled): Transition(_note, (A,), "kept"),
        (A, Snoozed): Transition(_snooze, (A,), "starts again at its instant"),
        (A, Resolved): Transition(_stop, (R,), "over"),
        (A, Cancelled): Transition(_stop, (C,), "should not have been one"),
        (A, TimerFired): Transition(_time_out, (T, R, E), "ack_timeout or snooze: starts again; else resolved"),
        (A, DeliveryReported): Transition(_keep_delivery, (A,), "kept"),
        (E, RecipientAdded): Transition(reading.add_recipient, (E, A), "one more recipient"),
        (E, MailJoined): Transition(reading.join_read, (T, E), "starts again: a new mail that nobody has read"),
        (E, ReceiptReported): Transition(reading.receive, (E, A), "read at last"),
        (E, ReceiptWithdrawn): Transition(reading.keep_receipt, (E,), "kept"),
        (E, Acknowledged): Transition(_stop, (A,), "a person takes it at last"),
        (E, PassedOn): Transition(_pass_on_last, (E,), "nobody is left to pass it on to: alarm"),
        (E, CallBackAsked): Transition(_call_back, (E,), "called again a little later"),
        (E, EscalatedNow): Transition(_escalate_again, (T, E), "climbs again from the foot"),
        (E, RemindedNow): Transition(request.remind, (E,), "whoever has not read is told"),
        (E, Noted): Transition(_note, (E,), "kept"),
        (E, ClockSetBack): Transition(_set_back, (E,), "what counts a wait keeps its length"),
        (E, SenderCalled): Transition(_note, (E,), "kept"),
        (E, Snoozed): Transition(_snooze, (E,), "starts again at its instant"),
        (E, Resolved): Transition(_stop, (R,), "over"),
        (E, Cancelled): Transition(_stop, (C,), "should not have been one"),
        (E, TimerFired): Transition(_wake_up, (E, T), "the end of a snooze starts again"),
        (E, DeliveryReported): Transition(_deliver_last, (E,), "last resort reached nobody: alarm"),
        (R, SenderCalled): Transition(_note, (R,), "kept: whoever took it may talk on"),
        (C, SenderCalled): Transition(_note, (C,), "kept: whoever took it may talk on"),
    }
)
