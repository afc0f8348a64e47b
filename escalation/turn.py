"""Turns of a team's members (``roundrobin:noc``): who had the last one after a decision.

The rules:

1. A rung, a retry too, tells one member: the one after whoever had the last turn, in whatever alert that was.
2. Whoever is on leave, keeps quiet hours or has no such contact is passed over.
3. A turn is taken when somebody is told: a mail that is read in time costs nobody theirs.
"""

from escalation.decided import Exhausted, RungFired
from escalation.machine import Decision
from escalation.target import turn_of


def turns_of(decision: Decision) -> dict[str, str]:
    """The teams of which members were told in turn, and who was told last."""
    turns: dict[str, str] = {}
    if decision.alert.policy.has_turns:
        for event in decision.events:
            if isinstance(event, RungFired | Exhausted):
                for one in event.notified:
                    turns |= turn_of(one)
    return turns
