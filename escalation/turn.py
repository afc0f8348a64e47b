"""Turns of a team's members (``roundrobin:noc``): who had the last one after a decision.

The rules:

1. A rung, a retry too, tells one member: the one after whoever had the last turn, in whatever alert that was.
2. Whoever is on leave, keeps quiet hours or has no such contact is passed over.
3. A turn is taken when somebody is told: a mail that is read in time costs nobody theirs.
4. Where the settings say so, those who are equal in turn have it by their load (``fairness.py``).
"""

from collections.abc import Iterator
from datetime import datetime

from escalation.command import Notify
from escalation.decided import Exhausted, RungFired
from escalation.load import PAGES, Page
from escalation.machine import Decision
from escalation.roster import Roster
from escalation.target import turn_of


def turns_of(decision: Decision) -> dict[str, str]:
    """The teams of which members were told in turn, and who was told last."""
    turns: dict[str, str] = {}
    for one in _turns(decision):
        turns |= one
    return turns


def _turns(decision: Decision) -> Iterator[dict[str, str]]:
    """Each turn that was taken, in order."""
    if decision.alert.policy.has_turns:
        for event in decision.events:
            if isinstance(event, RungFired | Exhausted):
                yield from map(turn_of, event.notified)


def after(roster: Roster, decision: Decision, now: datetime) -> Roster:
    """The people after a decision: the turns that it gave, and the pages that it decided on (``fairness.py``, rule
    4)."""
    for one in _turns(decision):
        roster = roster.turned(one)
    return roster.told(pages_of(decision, now))


def pages_of(decision: Decision, now: datetime) -> list[Page]:
    """The pages that it decided on."""
    notifies = (one for one in decision.commands if isinstance(one, Notify) and one.purpose in PAGES)
    return [Page(one.person, one.channel, max(now, one.due_at)) for one in notifies]
