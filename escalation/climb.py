"""Climbing a ladder: which rung fires now, what if it reaches nobody, and how the ladder ends.

The rules:

1. A rung is due its gap after the rung before it was *due*, however late that one fired: lateness never adds up.
2. All that is overdue fires in one decision, in order, but nobody is told twice over one channel in one decision.
3. One decision passes the top of the ladder at most once: the wait at the top counts from now if it is overdue, so
   that whoever was just told has that wait to answer in.
4. A rung that reaches nobody uses its step's ``else``; if that reaches nobody either, the next step comes forward at
   once, with an alarm.
5. Coming forward goes to the next *step*: retries of a step that reached nobody are passed over. Where there is no
   next step, the top of the ladder comes forward: the next loop, or the end.
6. At the top of the last loop the alert is exhausted: the last resort is told, and the administrators. What has not
   left yet still leaves: nobody has read.
7. No ladder for this instant is exhausted at once, with an alarm.
"""

from dataclasses import dataclass
from datetime import datetime

from escalation.alert import AlertStatus
from escalation.command import AlarmKind, Purpose, RaiseAlarm, Refresh
from escalation.draft import Draft
from escalation.event import (
    ClimbReason,
    ClimbStarted,
    Exhausted,
    FireReason,
    LoopEnded,
    Notified,
    RungFired,
    Skipped,
)
from escalation.policy import Ladder, Rung, Step
from escalation.target import UNREACHABLE


def start(draft: Draft, reason: ClimbReason) -> None:
    """Begin at the foot of the ladder that holds now, and fire what is due at once (rule 7)."""
    alert = draft.alert
    index = alert.policy.ladder_at(draft.now)
    rungs = () if index is None else alert.policy.ladders[index].rungs
    due_at = draft.now + rungs[0].offset if rungs else draft.now
    draft.record(ClimbStarted(alert.climb + 1, index, due_at, reason))
    if index is None:
        draft.do(RaiseAlarm(AlarmKind.NO_LADDER, alert.policy.name))
    climb(draft)


def go_on(draft: Draft, reason: FireReason) -> None:
    """Climb on at once from where an acknowledged alert stood; from the foot if its ladder had ended."""
    alert = draft.alert
    if alert.status is AlertStatus.EXHAUSTED or alert.ladder is None:
        start(draft, ClimbReason.ASKED_FOR)
    else:
        again = ClimbStarted(alert.climb + 1, alert.ladder, draft.now, ClimbReason.ASKED_FOR, alert.loop, alert.rung)
        draft.record(again)
    has_fired = any(isinstance(event, RungFired | Exhausted) for event in draft.events)
    if not has_fired:
        bring_forward(draft, reason)


def climb(draft: Draft) -> None:
    """Fire everything that is due by now (rules 1 to 3). Ends: each turn climbs one rung or passes one loop's top."""
    while _is_due(draft):
        _advance(draft)


def bring_forward(draft: Draft, reason: FireReason) -> None:
    """Fire the next step now, whatever its due time (rule 5); at the top, end the loop."""
    ladder = draft.alert.active_ladder
    if ladder is None:
        exhaust(draft)
        return
    rung = _next_step(ladder, draft.alert.rung)
    if rung < len(ladder.rungs):
        _fire(draft, ladder, rung, draft.now, reason)
        return
    _pass_the_top(draft, ladder, draft.now)
    if draft.alert.status is AlertStatus.TRIGGERED:
        _fire(draft, ladder, 0, draft.now, reason)


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
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, "last resort"))


def _is_due(draft: Draft) -> bool:
    alert = draft.alert
    return alert.status is AlertStatus.TRIGGERED and alert.due_at is not None and alert.due_at <= draft.now


def _advance(draft: Draft) -> None:
    alert, ladder = draft.alert, draft.alert.active_ladder
    due_at = alert.due_at or draft.now
    if ladder is None:
        exhaust(draft)
    elif alert.rung < len(ladder.rungs):
        _fire(draft, ladder, alert.rung, due_at, FireReason.DUE)
    else:
        _pass_the_top(draft, ladder, due_at)


def _pass_the_top(draft: Draft, ladder: Ladder, due_at: datetime) -> None:
    if draft.alert.loop > ladder.repeat or not ladder.rungs:
        exhaust(draft)
        return
    draft.record(LoopEnded(draft.alert.loop, due_at + ladder.rungs[0].offset))


def _next_step(ladder: Ladder, rung: int) -> int:
    rungs = ladder.rungs
    return next((n for n in range(rung, len(rungs)) if rungs[n].attempt == 0), len(rungs))


@dataclass(frozen=True, slots=True)
class _Fired:
    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...]
    is_else: bool = False

    @property
    def is_missed(self) -> bool:
        """Nobody was told although somebody should have been."""
        return not self.notified and any(one.reason in UNREACHABLE for one in self.skipped)


def _fire(draft: Draft, ladder: Ladder, index: int, due_at: datetime, reason: FireReason) -> None:
    rung = ladder.rungs[index]
    draft.due_at = due_at
    fired = _tell(draft, ladder.steps[rung.step], rung)
    next_due_at = _next_due(draft, ladder, index, due_at)
    draft.record(_fired_event(draft, rung, index, fired, due_at, next_due_at, reason))
    draft.do(Refresh())
    if fired.is_missed:
        reached_nobody(draft, f"step {rung.step + 1}")


def _fired_event(
    draft: Draft,
    rung: Rung,
    index: int,
    fired: _Fired,
    due_at: datetime,
    next_due_at: datetime,
    reason: FireReason,
) -> RungFired:
    return RungFired(
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


def _tell(draft: Draft, step: Step, rung: Rung) -> _Fired:
    first = _Fired(*draft.tell(step.action, Purpose.STEP, rung.step))
    if not first.is_missed or step.otherwise is None:
        return first
    notified, skipped = draft.tell(step.otherwise, Purpose.ELSE, rung.step)
    return _Fired(notified, first.skipped + skipped, is_else=True)


def _next_due(draft: Draft, ladder: Ladder, index: int, due_at: datetime) -> datetime:
    next_due_at = due_at + ladder.gap_after(index)
    is_top = index + 1 == len(ladder.rungs)
    return draft.now + ladder.wait if is_top and next_due_at <= draft.now else next_due_at


def reached_nobody(draft: Draft, where: str) -> None:
    """The newest rung reached nobody: its ``else`` if that is still unused, or the next step (rule 4)."""
    alert, ladder = draft.alert, draft.alert.active_ladder
    if ladder is None or alert.rung == 0:
        return
    rung = ladder.rungs[alert.rung - 1]
    step = ladder.steps[rung.step]
    draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, where))
    if step.otherwise is not None and not alert.is_else:
        _use_else(draft, step, rung)
    elif _next_step(ladder, alert.rung) < len(ladder.rungs):
        bring_forward(draft, FireReason.UNREACHABLE)
    else:
        _pass_the_top(draft, ladder, draft.now)


def _use_else(draft: Draft, step: Step, rung: Rung) -> None:
    draft.due_at = draft.now
    alert = draft.alert
    if step.otherwise is None or alert.due_at is None:
        return
    fired = _Fired(*draft.tell(step.otherwise, Purpose.ELSE, rung.step), is_else=True)
    event = _fired_event(draft, rung, alert.rung - 1, fired, draft.now, alert.due_at, FireReason.UNREACHABLE)
    draft.record(event)
    if fired.is_missed:
        reached_nobody(draft, f"else of step {rung.step + 1}")
