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
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation import crossing, detail
from escalation.alert import Alert, AlertStatus
from escalation.command import AlarmKind, Purpose, RaiseAlarm, Refresh
from escalation.condition import Condition
from escalation.contact import Part, part_of
from escalation.decided import (
    ClimbReason,
    ClimbStarted,
    Exhausted,
    FireReason,
    LoopEnded,
    Notified,
    RungFired,
    Skipped,
    SkipReason,
    StepWaits,
    TakenForward,
)
from escalation.draft import Draft
from escalation.policy import MAIL, Ladder, Rung, Step, TargetKind
from escalation.receipt import ReceiptKind, Recipient
from escalation.target import TROUBLE, UNREACHABLE, Reached, resolve

_NO_LADDER = Ladder(())
"""What an alert climbs at an instant that no window holds: nothing, once."""


def start(draft: Draft, reason: ClimbReason, at: datetime | None = None) -> None:
    """Begin at the foot of the ladder that holds then (None: now), and fire what is due at once (rule 7)."""
    alert = draft.alert
    begins_at = at or draft.now
    phase = alert.policy.phase_at(begins_at)
    index = phase.ladder
    ladder = _NO_LADDER if index is None else alert.policy.ladders[index]
    draft.record(ClimbStarted(alert.climb + 1, index, begins_at + _foot(ladder), reason, until=phase.until))
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
    while (due_at := _overdue(draft)) is not None:
        ladder = _ladder(draft)
        if _is_over(draft.alert, due_at):
            crossing.cross(draft)
        elif draft.alert.rung < len(ladder.rungs):
            _climb_to(draft, draft.alert.rung, due_at, FireReason.DUE)
        else:
            _pass_the_top(draft, due_at)


def bring_forward(draft: Draft, reason: FireReason) -> None:
    """Fire the next step now, whatever its due time (rule 5); at the top, end the loop."""
    _cross_first(draft)
    rung = _next_step(draft)
    if rung is None:
        _pass_the_top(draft, _due_by_now(draft, len(_ladder(draft).rungs)))
        rung = 0
    if draft.alert.status is AlertStatus.TRIGGERED:
        _climb_to(draft, rung, _due_by_now(draft, rung), reason)


def fire_step(draft: Draft, step: int, reason: FireReason) -> None:
    """Fire one step of the ladder now, wherever the climb stands; it goes on from there. The ladder that has just taken
    over may have no such step: then it goes on as it is."""
    _cross_first(draft)
    rungs = _ladder(draft).rungs
    index = next((n for n, one in enumerate(rungs) if one.step == step and one.attempt == 0), None)
    if index is not None:
        _climb_to(draft, index, draft.now, reason)


def _cross_first(draft: Draft) -> None:
    """Before a step that is brought forward: that step tells whomever it names."""
    if _is_over(draft.alert, draft.now):
        crossing.cross(draft)
        draft.spare_nobody()


def take_forward(draft: Draft, recipient: Recipient, kind: ReceiptKind) -> bool:
    """Tell a recipient whom the mail can't reach over the next channel that would have reminded them; and the sender.
    The ladder stands where it was. False if no step above would have told them."""
    ladder = _ladder(draft)
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
    rung = _next_step(draft)
    return len(_ladder(draft).steps) if rung is None else _ladder(draft).rungs[rung].step


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
    if otherwise is None or alert.is_else or (ladder == alert.ladder and _has_more_ways(draft, step, rung)):
        _pass_over(draft)
        return
    draft.due_at = draft.now
    fired = _Fired(*draft.tell(otherwise, Purpose.ELSE, rung.step), is_else=True)
    next_due_at = _with_time_to_answer(draft, max(newest, alert.rung - 1), alert.due_at or draft.now)
    _record(draft, newest, fired, draft.now, next_due_at, FireReason.UNREACHABLE)
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


# Where the alert stands ----------------------------------------------------------------------------------------------


def _ladder(draft: Draft) -> Ladder:
    return draft.alert.active_ladder or _NO_LADDER


def _foot(ladder: Ladder) -> timedelta:
    return ladder.offset_of(0) if ladder.rungs else timedelta(0)


def _overdue(draft: Draft) -> datetime | None:
    alert = draft.alert
    is_due = alert.status is AlertStatus.TRIGGERED and alert.wake_at is not None and alert.wake_at <= draft.now
    return alert.wake_at if is_due else None


def _is_over(alert: Alert, at: datetime) -> bool:
    """Whether the window of the ladder has ended."""
    return alert.ladder_until is not None and alert.ladder_until <= at


def _due_by_now(draft: Draft, rung: int) -> datetime:
    """When this rung is due if it comes forward: now, or earlier if it is overdue (rule 1)."""
    ladder, alert = _ladder(draft), draft.alert
    due_at = (alert.due_at or draft.now) + ladder.offset_of(rung) - ladder.offset_of(alert.rung)
    return min(due_at, draft.now)


def _next_step(draft: Draft) -> int | None:
    rungs = _ladder(draft).rungs
    return next((n for n in range(draft.alert.rung, len(rungs)) if rungs[n].attempt == 0), None)


def _next_way_or_step(draft: Draft) -> int | None:
    """The next rung that may tell somebody otherwise than those before it: a step, or people's next way."""
    ladder = _ladder(draft)
    ahead = ((n, ladder.rungs[n]) for n in range(draft.alert.rung, len(ladder.rungs)))
    return next((n for n, rung in ahead if not rung.attempt or ladder.steps[rung.step].ways), None)


def _has_more_ways(draft: Draft, step: Step, rung: Rung) -> bool:
    """Whether somebody of this step has a way that a later rung of it would use."""
    if not step.ways or rung.attempt + 1 >= len(step.ways):
        return False
    rest = Part(_step_due_at(draft, step, rung), step.ways[rung.attempt])
    alert = draft.alert
    found = resolve(step.action, alert, draft.roster, draft.now, severity=alert.severity, part=rest)
    return any(isinstance(one, Reached) for one in found)


def _step_due_at(draft: Draft, step: Step, rung: Rung) -> datetime:
    """When the step of this rung, which is or was the next to be fired, was due."""
    alert, ladder = draft.alert, _ladder(draft)
    began_at = (alert.due_at or draft.now) - ladder.offset_of(alert.rung)
    return began_at + rung.offset - step.offsets[rung.attempt]


# Climbing ------------------------------------------------------------------------------------------------------------


_IDLE = frozenset({SkipReason.NO_NEW_WAY})


@dataclass(frozen=True, slots=True)
class _Fired:
    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...]
    is_else: bool = False

    @property
    def is_missed(self) -> bool:
        """Nobody was told although somebody should have been."""
        return not self.notified and any(one.reason in UNREACHABLE for one in self.skipped)

    @property
    def is_passed_over(self) -> bool:
        """It was not the time of this step."""
        return any(one.reason is SkipReason.NOT_NOW for one in self.skipped)

    @property
    def is_trouble(self) -> bool:
        """It missed somebody for another reason than that they keep quiet hours."""
        return self.is_missed and any(one.reason in TROUBLE for one in self.skipped)

    @property
    def is_idle(self) -> bool:
        """Everybody whom it names has been told, and has no way that is due now."""
        return not self.notified and not self.is_missed and any(one.reason in _IDLE for one in self.skipped)


def _climb_to(draft: Draft, index: int, due_at: datetime, reason: FireReason) -> None:
    """Fire a rung, and what comes forward if it reaches nobody; or let it wait."""
    if reason is FireReason.DUE and _waits(draft, index, due_at):
        return
    fired = _fire(draft, index, due_at, reason)
    if fired.is_missed or (fired.is_passed_over and reason is FireReason.UNREACHABLE):
        _pass_over(draft)


def _waits(draft: Draft, index: int, due_at: datetime) -> bool:
    """Whether this rung waits for its time; recorded."""
    rung = _ladder(draft).rungs[index]
    condition = _ladder(draft).steps[rung.step].condition
    if condition is None or rung.attempt or not condition.is_waiting or _is_time(draft, condition, due_at):
        return False
    until = condition.waits_until(draft.now, draft.alert.waits_since(index) or due_at, draft.roster)
    latest = _deadline_above(draft, index)
    if until is not None and latest is not None:
        until = min(until, latest) if latest > draft.now else None
    if until is not None:
        draft.record(StepWaits(draft.alert.loop, index, rung.step, until))
        draft.do(Refresh())
    return until is not None


def _pass_over(draft: Draft) -> None:
    """Bring steps forward until one reaches somebody; at the top, end the loop, or wait (rule 5)."""
    while (rung := _next_way_or_step(draft)) is not None:
        fired = _fire(draft, rung, _due_by_now(draft, rung), FireReason.UNREACHABLE)
        if not fired.is_missed and not fired.is_passed_over and not fired.is_idle:
            return
    if not draft.has_told:
        _pass_the_top(draft, draft.now)


def _pass_the_top(draft: Draft, due_at: datetime) -> None:
    ladder = _ladder(draft)
    draft.due_at = due_at
    draft.spare_nobody()
    if draft.alert.loop > ladder.repeat or not ladder.rungs:
        exhaust(draft)
    else:
        draft.record(LoopEnded(draft.alert.loop, due_at + _foot(ladder)))


def _fire(draft: Draft, index: int, due_at: datetime, reason: FireReason) -> _Fired:
    """Fire one rung, its ``else`` included; with an alarm if it reached nobody."""
    ladder = _ladder(draft)
    rung = ladder.rungs[index]
    draft.due_at = due_at
    fired = _tell(draft, ladder.steps[rung.step], rung, reason)
    next_due_at = _with_time_to_answer(draft, index, _due_after(draft, index, due_at))
    _record(draft, index, fired, due_at, next_due_at, reason)
    if draft.alert.keys > len(fired.notified):
        draft.do(Refresh())
    if fired.is_trouble:
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.of_step(rung.step)))
    return fired


def _tell(draft: Draft, step: Step, rung: Rung, reason: FireReason) -> _Fired:
    if _is_not_now(draft, step, rung, reason):
        return _Fired((), tuple(Skipped(str(target), SkipReason.NOT_NOW) for target in step.action.targets))
    since = _step_due_at(draft, step, rung) if rung.attempt else draft.due_at
    part = part_of(step.offsets, rung.attempt, since) if step.ways else None
    turn = draft.alert.loop - 1 + (0 if step.ways else rung.attempt)
    first = _Fired(*draft.tell(step.action, Purpose.STEP, rung.step, part=part, turn=turn))
    if not first.is_missed or step.otherwise is None:
        return first
    notified, skipped = draft.tell(step.otherwise, Purpose.ELSE, rung.step, turn=turn)
    return _Fired(notified, first.skipped + skipped, is_else=True)


_BY_A_PERSON = frozenset({FireReason.ASKED_FOR, FireReason.PASSED_ON})


def _is_not_now(draft: Draft, step: Step, rung: Rung, reason: FireReason) -> bool:
    """Whether a step is passed over because of its condition (``condition.py``, rules 1, 2 and 4)."""
    if step.condition is None or reason in _BY_A_PERSON or _is_time(draft, step.condition, draft.due_at):
        return False
    if not step.condition.is_waiting or reason is not FireReason.DUE or rung.attempt:
        return True
    since = draft.alert.waits_since(draft.alert.rung) or draft.due_at
    return step.condition.waits_until(draft.now, since, draft.roster) is not None


def _is_time(draft: Draft, condition: Condition, due_at: datetime) -> bool:
    return condition.holds(draft.now, draft.roster) or condition.holds(due_at, draft.roster)


def _deadline_above(draft: Draft, index: int) -> datetime | None:
    """When a step above this rung is due at the latest, because it stands before a deadline."""
    return _ladder(draft).latest_due(index + 1) if draft.alert.loop == 1 and draft.alert.deadline else None


def _due_after(draft: Draft, index: int, due_at: datetime) -> datetime:
    """When the next rung is due: its gap after this one, but no later than a deadline above (policy rule 4)."""
    ladder = _ladder(draft)
    next_due_at = due_at + ladder.gap_after(index)
    latest = _deadline_above(draft, index)
    return next_due_at if latest is None else min(next_due_at, max(latest, due_at))


def _with_time_to_answer(draft: Draft, index: int, next_due_at: datetime) -> datetime:
    """When the loop ends after its last rung, for those whom this one tells now (rule 3)."""
    ladder = _ladder(draft)
    is_top = index + 1 == len(ladder.rungs)
    return draft.now + ladder.wait if is_top and next_due_at - draft.now < ladder.wait / 2 else next_due_at


def _record(
    draft: Draft, index: int, fired: _Fired, due_at: datetime, next_due_at: datetime, reason: FireReason
) -> None:
    rung = _ladder(draft).rungs[index]
    event = RungFired(
        climb=draft.alert.climb,
        loop=draft.alert.loop,
        rung=index,
        step=rung.step,
        attempt=rung.attempt,
        due_at=due_at,
        next_due_at=next_due_at,
        notified=fired.notified,
        skipped=fired.skipped,
        is_else=fired.is_else,
        reason=reason,
    )
    draft.record(event)
