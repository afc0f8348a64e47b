"""Mail that leaves only when a second person lets it.

1. It is *held*: nothing of it leaves, and no climb begins. Whoever may approve it is told, and its sender.
2. They are asked once more after ``approve_within``. When that has passed again, it is cancelled, with an alarm, and
   its sender is told.
3. Approved by one of them other than its sender, it leaves, and its climb begins.
"""

from datetime import timedelta

from escalation import climb, detail
from escalation.command import AlarmKind, RaiseAlarm, Refresh, Withdraw
from escalation.decided import ApprovalAsked, ClimbReason, NotApproved
from escalation.draft import Draft
from escalation.event import Approved, TimerFired

MOST_ASKED = 2
"""So often those who may approve a mail are asked."""


def ask(draft: Draft) -> None:
    """Ask those who may approve; the sender hears that the mail waits."""
    alert = draft.alert
    notified, skipped = draft.ask_approvers()
    if not notified:
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.APPROVAL))
    told, missed = draft.tell_sender(len(notified), is_calm=True) if not alert.asked else ((), ())
    due_at = draft.now + (alert.approve_within or timedelta(0))
    draft.record(ApprovalAsked(alert.asked + 1, due_at, (*notified, *told), (*skipped, *missed)))


def ask_again(draft: Draft, event: TimerFired) -> None:
    """Their time has passed: once more, or never."""
    if draft.alert.due_at is None or draft.alert.due_at > draft.now:
        return
    if draft.alert.asked < MOST_ASKED:
        draft.do(Refresh())
        ask(draft)
        return
    draft.do(Withdraw(is_recall=True), Refresh(), RaiseAlarm(AlarmKind.NOT_APPROVED, draft.alert.policy.name))
    draft.record(NotApproved(*draft.tell_sender(0)))


def approve(draft: Draft, event: Approved) -> None:
    """Let it leave, if this is one who may."""
    alert = draft.alert
    if event.by == alert.sent_by or event.by not in alert.approvers:
        return
    draft.record(event)
    draft.do(Withdraw(), Refresh())
    draft.due_at = draft.alert.starts_at or draft.now
    draft.post()
    climb.start(draft, ClimbReason.OPENED, draft.due_at)
