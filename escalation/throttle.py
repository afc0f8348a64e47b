"""Which calls may be held back because their person was called often enough of late. Never one that would be missed.

The rules:

1. Only a call of a climbing alert's own ladder, by its newest step: none of the last resort, none that a person asked
   for, none of an exercise.
2. Only if nobody else was told by that rung; so that what it stands for comes at once.
3. Only if something does come then: the step's ``else``, or a later step of this loop that has no time of its
   own. So the last way of a ladder is never held back.
"""

from escalation.alert import Alert, AlertStatus


def may_be_held_back(alert: Alert, key: str) -> bool:
    """Whether the call with this key may be, as the alert stands."""
    ladder = alert.active_ladder
    if alert.status is not AlertStatus.TRIGGERED or alert.is_exercise or ladder is None or alert.newest is None:
        return False
    if [one.key for one in alert.current] != [key]:
        return False
    climbed, newest = alert.newest
    told = alert.policy.ladders[climbed]
    if told.steps[told.rungs[newest].step].otherwise is not None and not alert.is_else:
        return True
    ahead = (rung for rung in ladder.rungs[alert.rung :] if not rung.attempt)
    return any(ladder.steps[rung.step].condition is None for rung in ahead)
