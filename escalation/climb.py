"""Climbing a ladder: which rung fires now, what if it reaches nobody, and how the ladder ends.

The rules:

1. A rung is due its gap after the rung before it was *due*, however late that one fired: lateness never adds up.
2. All that is overdue fires in one decision, in order, but nobody is told twice over one channel in one decision.
3. Whoever was just told has time to answer: when less than half of the wait at the top is left, the whole wait counts
   from now. So one decision, however late, climbs one loop and no more, unless it finds nobody to tell.
4. A rung that reaches nobody uses its step's ``else``; if that reaches nobody either, the next step comes forward at
   once, with an alarm.
5. Coming forward goes to the next *step*: retries that are due before it are passed over. But where a step leaves it
   to each person how they are told (``CONTACTS``), and one of their ways fails, their next way comes forward first; the
   step's ``else`` is for when there is none left. Where there is no next step, the top of the ladder comes forward: the
   next loop, or the end. But where a step reached nobody and this decision has told somebody else, what is left of the
   loop stands: they get their time to answer. Nobody hears an alarm of those who only keep their quiet hours.
6. At the top of the last loop the alert is exhausted: the last resort is told, and the administrators. What has not
   left yet still leaves: nobody has read.
7. No ladder for this instant is exhausted at once, with an alarm.
8. When the window of the ladder ends, another ladder takes over (``crossing.py``).
9. A recipient whom the mail that the team sent can't reach is taken forward alone: told at once over the channel of the
   next step that would remind the unread otherwise than by mail. Whoever sent it is told too.
10. A retry calls nobody whose call before ended otherwise than its step asks for (``redial.py``). That is no failure:
    nothing comes forward by it, and all that is due later is due when it would have been.
"""

from datetime import datetime

from escalation import crossing, detail
from escalation.alert import AlertStatus
from escalation.command import AlarmKind, Purpose, RaiseAlarm, Refresh
from escalation.decided import (
    ClimbReason,
    ClimbStarted,
    Exhausted,
    FireReason,
    LoopEnded,
    Notified,
    Skipped,
    StepWaits,
    TakenForward,
)
from escalation.draft import Draft
from escalation.fire import Fired, fire, is_time, record, with_time_to_answer
from escalation.place import (
    NO_LADDER,
    deadline_above,
    due_by_now,
    foot,
    has_more_ways,
    is_over,
    ladder_of,
    next_step,
    next_way_or_step,
    overdue,
)
from escalation.policy import MAIL, Step, TargetKind
from escalation.receipt import ReceiptKind, Recipient


def start(draft: Draft, reason: ClimbReason, at: datetime | None = None) -> None:
    """Begin at the foot of the ladder that holds then (None: now), and fire what is due at once (rule 7)."""
    alert = draft.alert
    begins_at = at or draft.now
    phase = alert.policy.phase_at(begins_at)
    index = phase.ladder
    ladder = NO_LADDER if index is None else alert.policy.ladders[index]
    draft.record(ClimbStarted(alert.climb + 1, index, begins_at + foot(ladder), reason, until=phase.until))
    if index is None:
        draft.do(RaiseAlarm(AlarmKind.NO_LADDER, alert.policy.name))
    climb(draft)


def go_on(draft: Draft, reason: FireReason) -> None:
    """Climb on at once from where an acknowledged alert stood; from the foot if its ladder had ended."""
    alert = draft.alert
    if alert.ladder is None:
        start(draft, ClimbReason.ASKED_FOR)
    else:
        again = ClimbStarted(
            alert.climb + 1, alert.ladder, draft.now, ClimbReason.ASKED_FOR, alert.loop, alert.rung, alert.ladder_until
        )
        draft.record(again)
    if not draft.has_told and draft.alert.status is AlertStatus.TRIGGERED:
        bring_forward(draft, reason)


def climb(draft: Draft) -> None:
    """Fire everything that is due by now (rules 1 to 3). Ends: each turn climbs one rung, passes one loop's top, or
    crosses to another ladder, and there are as many of each as there are instants that have passed."""
    while (due_at := overdue(draft)) is not None:
        ladder = ladder_of(draft)
        if is_over(draft.alert, due_at):
            crossing.cross(draft)
        elif draft.alert.rung < len(ladder.rungs):
            _climb_to(draft, draft.alert.rung, due_at, FireReason.DUE)
        else:
            _pass_the_top(draft, due_at)


def bring_forward(draft: Draft, reason: FireReason) -> None:
    """Fire the next step now, whatever its due time (rule 5); at the top, end the loop."""
    _cross_first(draft)
    rung = next_step(draft)
    if rung is None:
        _pass_the_top(draft, due_by_now(draft, len(ladder_of(draft).rungs)))
        rung = 0
    if draft.alert.status is AlertStatus.TRIGGERED:
        _climb_to(draft, rung, due_by_now(draft, rung), reason)


def fire_step(draft: Draft, step: int, reason: FireReason) -> None:
    """Fire one step of the ladder now, wherever the climb stands; it goes on from there. The ladder that has just taken
    over may have no such step: then it goes on as it is."""
    _cross_first(draft)
    rungs = ladder_of(draft).rungs
    index = next((n for n, one in enumerate(rungs) if one.step == step and one.attempt == 0), None)
    if index is not None:
        _climb_to(draft, index, draft.now, reason)


def _cross_first(draft: Draft) -> None:
    """Before a step that is brought forward: that step tells whomever it names."""
    if is_over(draft.alert, draft.now):
        crossing.cross(draft)
        draft.spare_nobody()


def take_forward(draft: Draft, recipient: Recipient, kind: ReceiptKind) -> bool:
    """Tell a recipient whom the mail can't reach over the next channel that would have reminded them; and the sender.
    The ladder stands where it was. False if no step above would have told them."""
    ladder = ladder_of(draft)
    above = [step for number, step in enumerate(ladder.steps) if number >= _step_above(draft)]
    channels = dict.fromkeys(step.action.channel for step in above if _reminds(step))
    draft.due_at = draft.now
    told: list[Notified] = []
    missed: list[Skipped] = []
    for channel in channels:
        notified, skipped = draft.tell_one(recipient, channel, 0)
        told += notified
        missed += skipped
        if notified:
            break
    notified, skipped = draft.tell_sender(len(told))
    draft.record(TakenForward(recipient.id, kind, (*told, *notified), (*missed, *skipped)))
    return bool(told)


def _reminds(step: Step) -> bool:
    is_unread = any(target.kind is TargetKind.UNREAD for target in step.action.targets)
    return is_unread and step.action.channel != MAIL


def _step_above(draft: Draft) -> int:
    rung = next_step(draft)
    return len(ladder_of(draft).steps) if rung is None else ladder_of(draft).rungs[rung].step


def reached_nobody(draft: Draft, why: str, *, is_known: bool = False) -> None:
    """The newest rung turned out to have reached nobody: its ``else`` if that is unused, or the next step (rule 4).
    ``is_known``: the administrators hear why without an alarm of this alert."""
    alert = draft.alert
    ladder, newest = alert.newest or (alert.ladder or 0, alert.rung - 1)
    rung = alert.policy.ladders[ladder].rungs[newest]
    step = alert.policy.ladders[ladder].steps[rung.step]
    otherwise = step.otherwise
    if not is_known:
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.of_step(rung.step, why)))
    if otherwise is None or alert.is_else or (ladder == alert.ladder and has_more_ways(draft, step, rung)):
        _pass_over(draft)
        return
    draft.due_at = draft.now
    fired = Fired(*draft.tell(otherwise, Purpose.ELSE, rung.step), is_else=True)
    next_due_at = with_time_to_answer(draft, max(newest, alert.rung - 1), alert.due_at or draft.now)
    record(draft, newest, fired, draft.now, next_due_at, FireReason.UNREACHABLE)
    if fired.is_missed:
        _pass_over(draft)


def exhaust(draft: Draft) -> None:
    """The end of the ladder (rule 6)."""
    told: list[Notified] = []
    missed: list[Skipped] = []
    draft.do(Refresh(), RaiseAlarm(AlarmKind.EXHAUSTED, draft.alert.policy.name))
    for action in draft.alert.policy.last_resort:
        notified, skipped = draft.tell(action, Purpose.LAST_RESORT, keys_taken=len(told))
        told += notified
        missed += skipped
    draft.record(Exhausted(tuple(told), tuple(missed)))
    if not told:
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.LAST_RESORT))


def _climb_to(draft: Draft, index: int, due_at: datetime, reason: FireReason) -> None:
    """Fire a rung, and what comes forward if it reaches nobody; or let it wait."""
    if reason is FireReason.DUE and _waits(draft, index, due_at):
        return
    fired = fire(draft, index, due_at, reason)
    if fired.is_missed or (fired.is_passed_over and reason is FireReason.UNREACHABLE):
        _pass_over(draft)


def _waits(draft: Draft, index: int, due_at: datetime) -> bool:
    """Whether this rung waits for its time; recorded."""
    rung = ladder_of(draft).rungs[index]
    condition = ladder_of(draft).steps[rung.step].condition
    if condition is None or rung.attempt or not condition.is_waiting or is_time(draft, condition, due_at):
        return False
    until = condition.waits_until(draft.now, draft.alert.waits_since(index) or due_at, draft.roster)
    latest = deadline_above(draft, index)
    if until is not None and latest is not None:
        until = min(until, latest) if latest > draft.now else None
    if until is not None:
        draft.record(StepWaits(draft.alert.loop, index, rung.step, until))
        draft.do(Refresh())
    return until is not None


def _pass_over(draft: Draft) -> None:
    """Bring steps forward until one reaches somebody; at the top, end the loop, or wait (rule 5)."""
    while (rung := next_way_or_step(draft)) is not None:
        fired = fire(draft, rung, due_by_now(draft, rung), FireReason.UNREACHABLE)
        if not fired.is_missed and not fired.is_passed_over and not fired.is_idle:
            return
    if not draft.has_told:
        _pass_the_top(draft, draft.now)


def _pass_the_top(draft: Draft, due_at: datetime) -> None:
    ladder = ladder_of(draft)
    draft.due_at = due_at
    draft.spare_nobody()
    if draft.alert.loop > ladder.repeat or not ladder.rungs:
        exhaust(draft)
    else:
        draft.record(LoopEnded(draft.alert.loop, due_at + foot(ladder)))
