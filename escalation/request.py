"""What a person asks for beyond the ladder: one step now, one person now, whoever has not read.

The rules:

1. A step that is asked for fires now, wherever the climb stands, and the climb goes on from there. One that the ladder
   does not have changes nothing.
2. A person who is asked for is told at once, by a call if they have a phone, and where they have buttons. A climb that
   goes on stands where it was. One that had stopped, or is silent, goes on after they have had the ladder's ``wait`` to
   answer; where the ladder had ended, from its foot.
3. Whoever has not read is told once more, whatever the alert's status and silence: by the mail's own way if the team
   sent it and it gets there, within the policy's bounds of reminders; otherwise without ringing.
"""

from collections.abc import Iterator
from datetime import timedelta

from escalation import climb
from escalation.alert import Alert, AlertStatus
from escalation.command import Refresh
from escalation.decided import ClimbReason, ClimbStarted, FireReason, Skipped, SkipReason, ToldBeside
from escalation.draft import Draft
from escalation.event import EscalatedNow, RemindedNow
from escalation.policy import MAIL, Ladder, Target, TargetKind
from escalation.receipt import Recipient
from escalation.target import Found, Seek, reminder

TO_ANSWER = timedelta(minutes=5)
"""What a person gets to answer where the ladder says nothing."""


def escalate(draft: Draft, event: EscalatedNow) -> None:
    """Somebody asks for a step or a person (rules 1 and 2)."""
    if event.step is not None:
        _to_step(draft, event, event.step)
        return
    draft.record(event)
    if draft.alert.status is not AlertStatus.TRIGGERED or draft.alert.snoozed_until is not None:
        _go_on(draft, _time_to_answer(draft.alert))
    draft.due_at = draft.now
    draft.record(ToldBeside(*draft.tell_asked(draft.loud(event.to))))
    draft.do(Refresh())
    climb.climb(draft)


def remind(draft: Draft, event: RemindedNow) -> None:
    """Somebody asks that the unread be told (rule 3). Nobody is unread: nothing happens."""
    draft.due_at = draft.now
    found = [one for recipient in draft.alert.recipients for one in _unread(draft, recipient)]
    if found:
        draft.record(event)
        draft.record(ToldBeside(*draft.tell_asked(found)))
        draft.do(Refresh())


def _to_step(draft: Draft, event: EscalatedNow, step: int) -> None:
    ladder = _ladder_of(draft)
    if ladder is None or step not in {one.step for one in ladder.rungs}:
        return
    draft.record(event)
    if draft.alert.status is not AlertStatus.TRIGGERED:
        _go_on(draft, timedelta(0))
    climb.fire_step(draft, step, FireReason.ASKED_FOR)
    climb.climb(draft)


def _ladder_of(draft: Draft) -> Ladder | None:
    """The one that is climbed, or would be if the climb began again now."""
    policy = draft.alert.policy
    index = draft.alert.ladder if draft.alert.ladder is not None else policy.ladder_at(draft.now)
    return None if index is None else policy.ladders[index]


def _go_on(draft: Draft, wait: timedelta) -> None:
    """The climb goes on where it was, its next rung after ``wait``."""
    alert, due_at, why = draft.alert, draft.now + wait, ClimbReason.ASKED_FOR
    if alert.ladder is None:
        phase = alert.policy.phase_at(draft.now)
        draft.record(ClimbStarted(alert.climb + 1, phase.ladder, due_at, why, until=phase.until))
    else:
        until = None if alert.ladder_until is None else max(alert.ladder_until, due_at)
        place = (alert.loop, alert.rung, until)
        draft.record(ClimbStarted(alert.climb + 1, alert.ladder, due_at, why, *place))


def _time_to_answer(alert: Alert) -> timedelta:
    ladder = alert.active_ladder
    return (ladder.wait if ladder else None) or TO_ANSWER


def _unread(draft: Draft, recipient: Recipient) -> Iterator[Found]:
    alert = draft.alert
    if alert.has_read(recipient):
        return
    fails = alert.is_failing(recipient)
    if alert.sent_by and recipient.address and not fails:
        yield reminder(Target(TargetKind.UNREAD), recipient, alert, Seek(MAIL, draft.roster, draft.now))
    elif recipient.is_team:
        yield from (draft.calm(one) for one in draft.roster.teams.get(recipient.id, ()))
    elif recipient.id in draft.roster.people:
        yield draft.calm(recipient.id)
    else:
        yield Skipped(recipient.id, SkipReason.MAIL_FAILED if fails else SkipReason.OUTSIDE, recipient.id)
