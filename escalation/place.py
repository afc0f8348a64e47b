"""Where an alert stands on its ladder, and what is ahead of it there. The rules are those of ``climb.py``."""

from datetime import datetime, timedelta

from escalation.alert import Alert, AlertStatus
from escalation.contact import Part
from escalation.draft import Draft
from escalation.policy import Ladder, Rung, Step
from escalation.target import Reached, resolve

NO_LADDER = Ladder(())
"""What an alert climbs at an instant that no window holds: nothing, once."""


def ladder_of(draft: Draft) -> Ladder:
    return draft.alert.active_ladder or NO_LADDER


def foot(ladder: Ladder) -> timedelta:
    return ladder.offset_of(0) if ladder.rungs else timedelta(0)


def overdue(draft: Draft) -> datetime | None:
    alert = draft.alert
    if alert.status is not AlertStatus.TRIGGERED:
        return None
    wake_at = alert.wake_at
    return wake_at if wake_at is not None and wake_at <= draft.now else None


def is_over(alert: Alert, at: datetime) -> bool:
    """Whether the window of the ladder has ended."""
    return alert.ladder_until is not None and alert.ladder_until <= at


def due_by_now(draft: Draft, rung: int) -> datetime:
    """When this rung is due if it comes forward: now, or earlier if it is overdue (rule 1)."""
    ladder, alert = ladder_of(draft), draft.alert
    due_at = (alert.due_at or draft.now) + ladder.offset_of(rung) - ladder.offset_of(alert.rung)
    return min(due_at, draft.now)


def next_step(draft: Draft) -> int | None:
    rungs = ladder_of(draft).rungs
    return next((n for n in range(draft.alert.rung, len(rungs)) if rungs[n].attempt == 0), None)


def next_way_or_step(draft: Draft) -> int | None:
    """The next rung that may tell somebody otherwise than those before it: a step, or people's next way."""
    ladder = ladder_of(draft)
    ahead = ((n, ladder.rungs[n]) for n in range(draft.alert.rung, len(ladder.rungs)))
    return next((n for n, rung in ahead if not rung.attempt or ladder.steps[rung.step].ways), None)


def has_more_ways(draft: Draft, step: Step, rung: Rung) -> bool:
    """Whether somebody of this step has a way that a later rung of it would use."""
    if not step.ways or rung.attempt + 1 >= len(step.ways):
        return False
    rest = Part(step_due_at(draft, step, rung), step.ways[rung.attempt])
    alert = draft.alert
    found = resolve(step.action, alert, draft.roster, draft.now, severity=alert.severity, part=rest)
    return any(isinstance(one, Reached) for one in found)


def step_due_at(draft: Draft, step: Step, rung: Rung) -> datetime:
    """When the step of this rung, which is or was the next to be fired, was due."""
    alert, ladder = draft.alert, ladder_of(draft)
    began_at = (alert.due_at or draft.now) - ladder.offset_of(alert.rung)
    return began_at + rung.offset - step.offsets[rung.attempt]


def deadline_above(draft: Draft, index: int) -> datetime | None:
    """When a step above this rung is due at the latest, because it stands before a deadline."""
    return ladder_of(draft).latest_due(index + 1) if draft.alert.loop == 1 and draft.alert.deadline else None
