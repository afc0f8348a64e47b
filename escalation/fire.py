"""Firing one rung: whom it tells, by its ``else`` where it can tell nobody, and when the next one is due. The rules
are those of ``climb.py``."""

from dataclasses import dataclass
from datetime import datetime

from escalation import detail
from escalation.command import AlarmKind, Purpose, RaiseAlarm, Refresh
from escalation.condition import Condition
from escalation.contact import part_of
from escalation.decided import FireReason, Notified, RungFired, Skipped, SkipReason
from escalation.draft import Draft
from escalation.place import deadline_above, ladder_of, step_due_at
from escalation.policy import Rung, Step
from escalation.redial import not_again
from escalation.target import TROUBLE, UNREACHABLE

_IDLE = frozenset({SkipReason.NO_NEW_WAY})


@dataclass(frozen=True, slots=True)
class Fired:
    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...]
    is_else: bool = False

    @property
    def is_missed(self) -> bool:
        """Nobody was told although somebody should have been; not so a retry that lets somebody be."""
        reasons = {one.reason for one in self.skipped}
        return not self.notified and SkipReason.NO_REDIAL not in reasons and not reasons.isdisjoint(UNREACHABLE)

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


def fire(draft: Draft, index: int, due_at: datetime, reason: FireReason) -> Fired:
    """Fire one rung, its ``else`` included; with an alarm if it reached nobody."""
    ladder = ladder_of(draft)
    rung = ladder.rungs[index]
    draft.due_at = due_at
    fired = _tell(draft, ladder.steps[rung.step], rung, reason)
    next_due_at = with_time_to_answer(draft, index, _due_after(draft, index, due_at))
    record(draft, index, fired, due_at, next_due_at, reason)
    if draft.alert.keys > len(fired.notified):
        draft.do(Refresh())
    if fired.is_trouble:
        draft.do(RaiseAlarm(AlarmKind.NOBODY_REACHED, detail.of_step(rung.step)))
    return fired


def _due_after(draft: Draft, index: int, due_at: datetime) -> datetime:
    """When the next rung is due: its gap after this one, but no later than a deadline above (policy rule 4)."""
    ladder = ladder_of(draft)
    next_due_at = due_at + ladder.gap_after(index)
    latest = deadline_above(draft, index)
    return next_due_at if latest is None else min(next_due_at, max(latest, due_at))


def _tell(draft: Draft, step: Step, rung: Rung, reason: FireReason) -> Fired:
    if _is_not_now(draft, step, rung, reason):
        return Fired((), tuple(Skipped(str(target), SkipReason.NOT_NOW) for target in step.action.targets))
    since = step_due_at(draft, step, rung) if rung.attempt else draft.due_at
    part = part_of(step.offsets, rung.attempt, since) if step.ways else None
    turn = draft.alert.loop - 1 + (0 if step.ways else rung.attempt)
    place = (draft.alert.ladder or 0, rung.step)
    done = not_again(draft.alert.called, place, step) if rung.attempt else frozenset()
    first = Fired(*draft.tell(step.action, Purpose.STEP, rung.step, part=part, turn=turn, done=done))
    if not first.is_missed or step.otherwise is None:
        return first
    notified, skipped = draft.tell(step.otherwise, Purpose.ELSE, rung.step, turn=turn)
    return Fired(notified, first.skipped + skipped, is_else=True)


_BY_A_PERSON = frozenset({FireReason.ASKED_FOR, FireReason.PASSED_ON})


def _is_not_now(draft: Draft, step: Step, rung: Rung, reason: FireReason) -> bool:
    """Whether a step is passed over because of its condition (``condition.py``, rules 1, 2 and 4)."""
    if step.condition is None or reason in _BY_A_PERSON or is_time(draft, step.condition, draft.due_at):
        return False
    if not step.condition.is_waiting or reason is not FireReason.DUE or rung.attempt:
        return True
    since = draft.alert.waits_since(draft.alert.rung) or draft.due_at
    return step.condition.waits_until(draft.now, since, draft.roster) is not None


def is_time(draft: Draft, condition: Condition, due_at: datetime) -> bool:
    return condition.holds(draft.now, draft.roster) or condition.holds(due_at, draft.roster)


def with_time_to_answer(draft: Draft, index: int, next_due_at: datetime) -> datetime:
    """When the loop ends after its last rung, for those whom this one tells now (rule 3)."""
    ladder = ladder_of(draft)
    is_top = index + 1 == len(ladder.rungs)
    return draft.now + ladder.wait if is_top and next_due_at - draft.now < ladder.wait / 2 else next_due_at


def record(draft: Draft, index: int, fired: Fired, due_at: datetime, next_due_at: datetime, reason: FireReason) -> None:
    rung = ladder_of(draft).rungs[index]
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
