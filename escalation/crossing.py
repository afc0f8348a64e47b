"""Crossing from one ladder to another, when the window of the one ends while an alert climbs.

The rules:

1. The new ladder takes over at the instant at which its window begins, before anything else that is due then; an alert
   that was snoozed or taken meanwhile crosses when it goes on. Where no window holds, the ladder goes on that was
   climbed.
2. The new ladder is entered as if it had been climbed since the loop began: what would have been due by now is passed
   over. But a step is not passed over if it would still be waiting for its time, or if it names somebody who was not
   told over its channel in this loop: the first such step is due at once. Whoever was told in this loop is not told
   again by what this crossing fires; but the next loop, the last resort, and what a person asks for tell whomever they
   name.
3. A ladder that is entered again goes on where it was left, or above. So every loop fires each rung once at most, and
   each crossing but finitely many keeps the instants at which what is left is due: every climb still ends.
4. Where nothing is left on the new ladder, the loop ends when it would have on the new one, but whoever was told last
   keeps the time to answer that they had, or the new ladder's wait if that is less. Whoever is told by this very
   decision, long after the window ended, has the less of both ladders' waits from now.
"""

from datetime import datetime

from escalation.command import Refresh
from escalation.decided import LadderChanged, Skipped
from escalation.draft import Draft
from escalation.policy import Step
from escalation.target import UNREACHABLE, Reached, resolve
from escalation.told import tried_by


def cross(draft: Draft) -> None:
    """Leave the ladder whose window has ended. Expects an alert that climbs, with ``ladder_until`` past."""
    alert = draft.alert
    at = min(
        draft.now, max(one for one in (alert.ladder_until, alert.snoozed_until, alert.status_at) if one is not None)
    )
    phase = alert.policy.phase_at(at)
    if phase.ladder in (None, alert.ladder) or alert.due_at is None:
        draft.record(LadderChanged(alert.ladder, alert.rung, alert.due_at, phase.until, phase.ladder is None))
        return
    rung, due_at = _place(draft, phase.ladder, at, alert.due_at)
    draft.record(LadderChanged(phase.ladder, rung, due_at, phase.until))
    draft.spare(draft.alert.tried)
    draft.do(Refresh())


def _place(draft: Draft, index: int, at: datetime, due_at: datetime) -> tuple[int, datetime]:
    """The rung at which the new ladder is entered, and when it is due (rules 2 to 4)."""
    alert, ladder = draft.alert, draft.alert.policy.ladders[index]
    began_at = min(at, alert.began_at or at)
    for number in range(dict(alert.places).get(index, 0), len(ladder.rungs)):
        rung = ladder.rungs[number]
        is_ahead = began_at + rung.offset > at
        if is_ahead or (not rung.attempt and _is_to_come(draft, ladder.steps[rung.step], at)):
            return number, max(at, began_at + rung.offset)
    answered_by = min(due_at, at + ladder.wait)
    if draft.has_told:
        answered_by = draft.now + min(alert.policy.ladders[alert.ladder or 0].wait, ladder.wait)
    return len(ladder.rungs), max(at, began_at + ladder.loop_length, answered_by)


def _is_to_come(draft: Draft, step: Step, at: datetime) -> bool:
    """Whether a step whose time is past still has something to do: it waits, or would tell somebody, or miss somebody,
    whom no step of this loop has told or missed."""
    condition = step.condition
    if condition is not None and condition.is_waiting and not condition.holds(at, draft.roster):
        return True
    found = resolve(step.action, draft.alert, draft.roster, draft.now, severity=draft.alert.severity)
    needed = [one for one in found if isinstance(one, Reached) or one.reason in UNREACHABLE]
    return any(tried_by(one, _channel(one, step)) not in draft.alert.tried for one in needed)


def _channel(one: Reached | Skipped, step: Step) -> str:
    return one.channel if isinstance(one, Reached) else step.action.channel
