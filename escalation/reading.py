"""What reading does to an alert: recipients that come, later mails of the thread, receipts and their withdrawal. The
rules are those of ``machine.py``."""

from escalation import climb
from escalation.alert import Alert, AlertStatus
from escalation.command import Refresh, Withdraw
from escalation.decided import ClimbReason, FireReason, ReadReached
from escalation.draft import Draft
from escalation.event import MailJoined, ReceiptReported, ReceiptWithdrawn, RecipientAdded
from escalation.fold import apply
from escalation.policy import StopOn
from escalation.receipt import ReceiptKind


def add_recipient(draft: Draft, event: RecipientAdded) -> None:
    if draft.alert.recipient(event.recipient.id) is None:
        draft.record(event)
        draft.do(Refresh())
        stop_if_read(draft)


def add_unread(draft: Draft, event: RecipientAdded) -> None:
    if draft.alert.recipient(event.recipient.id) is not None:
        return
    draft.record(event)
    draft.do(Refresh())
    if _may_reopen(draft.alert) and not draft.alert.is_read:
        climb.start(draft, ClimbReason.RECIPIENT_ADDED)


def join(draft: Draft, event: MailJoined) -> None:
    draft.record(event)
    draft.do(Refresh())


def join_read(draft: Draft, event: MailJoined) -> None:
    join(draft, event)
    if _may_reopen(draft.alert):
        climb.start(draft, ClimbReason.MAIL_JOINED)


def _may_reopen(alert: Alert) -> bool:
    """Whether nobody has taken this stopped alert or asked for quiet (rule 7)."""
    is_nobodys = alert.is_taken_by_reading or alert.status is AlertStatus.EXHAUSTED
    return is_nobodys and alert.snoozed_until is None


def _note_receipt(draft: Draft, event: ReceiptReported | ReceiptWithdrawn) -> bool:
    """Keep a receipt; False if it says nothing new."""
    after = apply(draft.alert, event, draft.now)
    if after.recipients == draft.alert.recipients:
        return False
    draft.record(event)
    draft.do(Refresh())
    return True


def receive(draft: Draft, event: ReceiptReported) -> None:
    before = draft.alert
    if not _note_receipt(draft, event):
        return
    stop_if_read(draft)
    if event.kind not in _CANT_REACH or not is_climbing(draft.alert):
        return
    if _is_taken_forward(draft, before, event) or event.kind is not ReceiptKind.FAILED:
        return
    is_first = not any(one.has(event.kind) for one in before.recipients)
    if _is_lost(draft) if draft.alert.sent_by else is_first:
        climb.bring_forward(draft, FireReason.UNREACHABLE)
        climb.climb(draft)


_CANT_REACH = frozenset({ReceiptKind.FAILED, ReceiptKind.JUNKED})


def _is_taken_forward(draft: Draft, before: Alert, event: ReceiptReported) -> bool:
    """A recipient of a mail that the team sent, if this is new and they have not read (``climb.py``, rule 9)."""
    was, recipient = before.recipient(event.recipient), draft.alert.recipient(event.recipient)
    if not draft.alert.sent_by or was is None or recipient is None:
        return False
    if was.has(event.kind) or draft.alert.has_read(recipient):
        return True
    return climb.take_forward(draft, recipient, event.kind)


def _is_lost(draft: Draft) -> bool:
    """Whether a mail that the team sent reaches nobody any more who has not read it; or its sender can't be told of
    whom it does not reach. Else the others keep their time to read."""
    rest = (one for one in draft.alert.recipients if not draft.alert.has_read(one))
    return not draft.has_told or all(one.has(ReceiptKind.FAILED) for one in rest)


def is_climbing(alert: Alert) -> bool:
    return alert.status is AlertStatus.TRIGGERED and alert.snoozed_until is None


def keep_receipt(draft: Draft, event: ReceiptReported | ReceiptWithdrawn) -> None:
    _note_receipt(draft, event)


def withdraw_read(draft: Draft, event: ReceiptWithdrawn) -> None:
    is_new = _note_receipt(draft, event)
    alert = draft.alert
    if is_new and alert.policy.reopen_on_unread and _may_reopen(alert) and not alert.is_read:
        climb.start(draft, ClimbReason.MARKED_UNREAD)


def stop_if_read(draft: Draft) -> None:
    alert = draft.alert
    if alert.policy.stop_on is not StopOn.READ or not alert.is_read:
        return
    evidence = {one.id: found for one in alert.recipients if (found := alert.read_evidence(one))}
    readers = tuple(dict.fromkeys(found.by or id for id, found in evidence.items()))
    latest = max(evidence.values(), key=lambda found: (found.at or draft.now, found.kind))
    draft.record(ReadReached(readers, latest.kind))
    draft.do(Withdraw(), Refresh())
