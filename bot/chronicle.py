"""What happened to alerts, as lines of the log: one for each happening that somebody who reads it would look for.

Ids, numbers and instants only: no subject, no text, no address. What is said elsewhere already (an alert that opens, a
notification that was sent) and what comes in crowds (pictures, the next mail server's 250) has no line.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from bot.desk import Happened
from bot.store.record import AuditEntry
from escalation import decided, event
from escalation.receipt import ReceiptKind

log = structlog.get_logger(__name__)

_CROWDS = frozenset({ReceiptKind.ACCEPTED, ReceiptKind.OPENED, ReceiptKind.OPENED_BY_MACHINE})

Fields = Callable[[Any], Mapping[str, object]]


def _of(*names: str) -> Fields:
    return lambda one: {name: _plain(getattr(one, name)) for name in names}


def _plain(value: object) -> object:
    """A value that may stand in the log: whoever is known by a mail address alone is not named."""
    if isinstance(value, tuple):
        return ", ".join(str(_plain(one)) for one in value)
    return "(an address)" if isinstance(value, str) and "@" in value else value


def _fired(one: decided.RungFired) -> Mapping[str, object]:
    return {
        "step": one.step + 1,
        "loop": one.loop,
        "attempt": one.attempt,
        "reason": one.reason,
        "told": len(one.notified),
        "skipped": len(one.skipped),
    }


def _told(one: decided.ToldBeside | decided.Exhausted) -> Mapping[str, object]:
    return {"told": len(one.notified), "skipped": len(one.skipped)}


LINES: Mapping[type, tuple[str, Fields]] = {
    event.RecipientAdded: ("The mail is in one more mailbox", lambda one: {"recipient": _plain(one.recipient.id)}),
    event.MailJoined: ("A later mail of the thread joined", _of()),
    event.ReceiptReported: ("A receipt came", _of("kind", "recipient", "by", "via")),
    event.ReceiptWithdrawn: ("A receipt was taken back", _of("kind", "recipient", "via")),
    event.Acknowledged: ("Taken", _of("by", "via")),
    event.PassedOn: ("Passed on", _of("by", "via")),
    event.CallBackAsked: ("Asked to be called again", _of("by", "at")),
    event.EscalatedNow: ("Escalated at once", _of("by", "via")),
    event.RemindedNow: ("The unread are reminded at once", _of("by", "via")),
    event.Noted: ("A note was written", _of("by", "via")),
    event.SenderCalled: ("A talk with the sender", _of("by", "outcome", "seconds")),
    event.Snoozed: ("Snoozed", _of("by", "until", "via")),
    event.Resolved: ("Resolved", _of("by", "via")),
    event.Approved: ("Approved", _of("by", "via")),
    event.Cancelled: ("Cancelled", _of("by", "via")),
    event.DeliveryReported: ("A notification came to this", _of("key", "outcome")),
    event.ClockSetBack: ("The clock was set back: its waits keep their length", lambda one: {"by": str(one.by)}),
    decided.ReadReached: ("Read: the climb stops", lambda one: {"by": _plain(one.readers), "kind": one.kind}),
    decided.ClimbStarted: ("A climb began", _of("climb", "reason", "due_at")),
    decided.LadderChanged: ("Another window's ladder is climbed", _of("due_at")),
    decided.RungFired: ("A step fired", _fired),
    decided.TakenForward: ("Told over another channel: the mail does not reach them", _of("recipient", "kind")),
    decided.ToldBeside: ("Told beside the steps", _told),
    decided.LoopEnded: ("A round of the steps ended", _of("loop", "due_at")),
    decided.Exhausted: ("Nobody came: the last resort is told", _told),
    decided.ApprovalAsked: ("An approval was asked for", _of("due_at")),
    decided.NotApproved: ("Nobody approved in time", _of()),
    decided.CallBackPromised: ("They will be called again", _of("by", "due_at")),
    decided.StepWaits: ("A step waits for its time", lambda one: {"step": one.step + 1, "until": one.until}),
}


def _has_line(one: object) -> bool:
    match one:
        case event.ReceiptReported(kind=kind):
            return kind not in _CROWDS
        case event.DeliveryReported(outcome=outcome):
            return outcome is not event.Outcome.SENT
        case decided.ClimbStarted(reason=reason):
            return reason is not decided.ClimbReason.OPENED
    return type(one) in LINES


def is_heard() -> bool:
    """Whether anybody gets these lines: gathering them costs more than the quiet should pay."""
    asked = getattr(log, "is_enabled_for", None) or log.isEnabledFor
    return bool(asked(logging.INFO))


def tell(happened: Iterable[Happened]) -> None:
    """Log what was committed."""
    bound = log.bind()
    for one in happened:
        for single in one.events:
            if _has_line(single):
                said, fields = LINES[type(single)]
                bound.info(said, alert_id=one.alert.id, **fields(single))


def tell_command(entry: AuditEntry, happened: Happened | None) -> None:
    """Log what another process did: the command, unless all is said by what happened to an alert that was there."""
    has_line = happened is not None and any(_has_line(one) for one in happened.events)
    if happened is None or happened.before == 0 or not has_line:
        about = {} if entry.alert_id is None else {"alert_id": entry.alert_id}
        by, outcome = _plain(entry.who), entry.outcome.value
        log.info("A command beside the bot", verb=entry.verb, by=by, outcome=outcome, **about)
    if happened is not None:
        tell([happened])
