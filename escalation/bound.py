"""Proves that a policy ends: how long its climb takes at most, and how many notifications it sends at most.

The proof is rule 6 of ``policy.py``. Every loop is ``loop_length`` long, there are ``repeat + 1`` of them, and nothing
but a person's wish or a later mail begins a climb again. Whatever brings a step forward only shortens the climb. An
outage makes it longer by no more than the outage itself: what is overdue keeps its due time, and only the wait at the
top of a loop may count anew. So it may where a failure at the top is reported late: whoever is told instead has their
time to answer (``with_stalls``). A step that waits adds no more than ``condition.MOST_WAIT``, once in each loop.

Where windows choose the ladder, each ladder fires a rung once in each loop (``crossing.py``, rule 3). A step that is
due at once although its time on the new ladder is past makes what is left of the loop at most one loop long again, and
there are no more of these than steps.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from escalation.condition import MOST_WAIT
from escalation.contact import CONTACTS, usual_ways
from escalation.event import STALLED_AFTER
from escalation.policy import MAIL, Action, EscalationPolicy, Ladder, Target, TargetKind
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
    loops = max((ladder.repeat + 1 for ladder in policy.ladders), default=0)
    most: Counter[str] = Counter()
    for ladder in policy.ladders:
        most += _notifications(ladder, loops, people, recipients)
    for action in policy.last_resort:
        most += _told(action, people, recipients)
    ends_after = _ends_after(policy, loops)
    return Bound(ends_after, max(_ZERO, ends_after - _least_wait(policy)), dict(most))


def with_stalls(most: Bound, policy: EscalationPolicy) -> Bound:
    """The bound where one channel is down: whoever is told in place of what stalled at the top of a loop gets their
    time to answer, and so the loop is longer by the time until the stall is reported; once each time it is climbed."""
    loops = max((ladder.repeat + 1 for ladder in policy.ladders), default=0)
    longer = loops * (_restarts(policy) + 1) * STALLED_AFTER
    return replace(most, ends_after=most.ends_after + longer, latest_page=most.latest_page + longer)


def _restarts(policy: EscalationPolicy) -> int:
    """How often what is left of a loop may be as long as the loop again, because another ladder took over."""
    return sum(len(ladder.steps) for ladder in policy.ladders) if len(policy.ladders) > 1 else 0


def _ends_after(policy: EscalationPolicy, loops: int) -> timedelta:
    steps = [step for ladder in policy.ladders for step in ladder.steps]
    length = max((ladder.loop_length for ladder in policy.ladders if ladder.rungs), default=_ZERO)
    waits = sum(1 for step in steps if step.condition is not None and step.condition.is_waiting)
    return loops * ((_restarts(policy) + 1) * length + waits * MOST_WAIT)


def _least_wait(policy: EscalationPolicy) -> timedelta:
    return min((ladder.wait for ladder in policy.ladders if ladder.rungs), default=_ZERO)


def _notifications(ladder: Ladder, loops: int, roster: Roster, recipients: Sequence[Recipient]) -> Counter[str]:
    """A rung may tell its targets, and then its ``else`` when they turn out to be unreached."""
    sizes: Counter[str] = Counter()
    for rung in ladder.rungs:
        step = ladder.steps[rung.step]
        if not (step.ways and rung.attempt):
            sizes += _times(loops, _told(step.action, roster, recipients))
        if step.otherwise is not None:
            sizes += _times(loops, _told(step.otherwise, roster, recipients))
    return sizes


def _told(action: Action, roster: Roster, recipients: Sequence[Recipient]) -> Counter[str]:
    """How many notifications an action sends over each channel, all of people's own ways together."""
    heads = sum(_heads(target, roster, recipients) for target in action.targets)
    return _times(heads, _most_ways(roster) if action.channel == CONTACTS else Counter({action.channel: 1}))


def _times(number: int, counted: Counter[str]) -> Counter[str]:
    return Counter({channel: number * count for channel, count in counted.items()})


def _most_ways(roster: Roster) -> Counter[str]:
    """The most that anybody's own order may send: whoever it is that a target turns out to be."""
    most: Counter[str] = Counter({MAIL: 1})
    for person in roster.people.values():
        for ways in (usual_ways(person.contacts), *(order.ways for order in person.orders)):
            most |= Counter(way.channel for way in ways)
    return most


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
