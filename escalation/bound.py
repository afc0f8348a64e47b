"""Proves that a policy ends: how long its climb takes at most, and how many notifications it sends at most.

The proof is rule 5 of ``policy.py``. Every loop is ``loop_length`` long, there are ``repeat + 1`` of them, and nothing
but a person's wish or a later mail begins a climb again. Whatever brings a step forward only shortens the climb. An
outage makes it longer by no more than the outage itself: what is overdue keeps its due time, and only the wait at the
top of a loop may count anew.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from escalation.policy import Action, EscalationPolicy, Ladder, Target, TargetKind
from escalation.receipt import Recipient
from escalation.roster import Roster

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that one climb of a policy can do, if nobody answers.

    ``ends_after``: from the beginning of the climb to the last resort. ``latest_page``: to the last notification of a
    step. ``notifications``: how many may leave over each channel, last resort included.
    """

    ends_after: timedelta
    latest_page: timedelta
    notifications: Mapping[str, int] = field(default_factory=dict)

    @property
    def most_notifications(self) -> int:
        return sum(self.notifications.values())


def bound(
    policy: EscalationPolicy, roster: Roster | None = None, recipients: Sequence[Recipient] = (Recipient("one"),)
) -> Bound:
    """The bound over all ladders. ``roster`` and ``recipients`` say how many people a team and ``unread`` are."""
    people = roster or Roster()
    climbs = [_notifications(ladder, people, recipients) for ladder in policy.ladders]
    most: Counter[str] = Counter()
    for climb in climbs:
        most |= climb
    for action in policy.last_resort:
        most[action.channel] += _size(action, people, recipients)
    return Bound(
        max((_ends_after(ladder) for ladder in policy.ladders), default=_ZERO),
        max((_latest_page(ladder) for ladder in policy.ladders), default=_ZERO),
        dict(most),
    )


def _ends_after(ladder: Ladder) -> timedelta:
    return (ladder.repeat + 1) * ladder.loop_length if ladder.rungs else _ZERO


def _latest_page(ladder: Ladder) -> timedelta:
    return _ends_after(ladder) - ladder.wait if ladder.rungs else _ZERO


def _notifications(ladder: Ladder, roster: Roster, recipients: Sequence[Recipient]) -> Counter[str]:
    """A rung may tell its targets, and then its ``else`` when they turn out to be unreached."""
    sizes: Counter[str] = Counter()
    for rung in ladder.rungs:
        step = ladder.steps[rung.step]
        for action in (step.action, step.otherwise):
            if action is not None:
                sizes[action.channel] += (ladder.repeat + 1) * _size(action, roster, recipients)
    return sizes


def _size(action: Action, roster: Roster, recipients: Sequence[Recipient]) -> int:
    return sum(_heads(target, roster, recipients) for target in action.targets)


def _heads(target: Target, roster: Roster, recipients: Sequence[Recipient]) -> int:
    match target.kind:
        case TargetKind.TEAM:
            return len(roster.teams.get(target.name, ()))
        case TargetKind.UNREAD:
            return sum(len(roster.teams.get(one.id, ())) if one.is_team else 1 for one in recipients)
        case TargetKind.ONCALL if duty := roster.duty(target.name):
            return duty[0].most(duty[1])
        case _:
            return 1
