"""Shifts that two people exchange, or that one takes over from the other, when both want it.

1. The asker gives a stretch in which they are on call; the other may give one of theirs in return.
2. It is asked until the first of the two begins, and no longer than the asker said.
3. It takes effect only if the other accepts, and only if each is then on call throughout what they give, nobody is away
   in what they take, and nobody has that duty already. Otherwise it is void. Nothing takes effect by half.
4. What is under way is given from the moment of the answer on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from escalation.phrase import Phrase
from escalation.rotation import Role
from escalation.schedule import Override, Schedule, shifts, spans

LOOK = timedelta(days=100)
"""How far to both sides the ends of a shift are looked for."""

_GIVEN = (Role.PRIMARY, Role.BACKUP)
_EPSILON = timedelta(microseconds=1)


class SwapState(StrEnum):
    """``void``: accepted, but the shifts stood no longer as they did. ``lapsed``: not answered in time."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    VOID = "void"


class Stretch(NamedTuple):
    """From ``start`` until ``end`` (UTC)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """``asker`` gives ``mine`` to ``other``, for ``theirs`` or for nothing. Asked at ``at``, until ``ends_at``.
    ``id`` is its number in the store; ``decided_at`` is when ``state`` became final."""

    schedule: str
    asker: str
    other: str
    mine: Stretch
    theirs: Stretch | None = None
    at: datetime
    ends_at: datetime
    state: SwapState = SwapState.ASKED
    decided_at: datetime | None = None
    id: int = 0

    def gifts(self, now: datetime) -> Iterator[tuple[str, str, Stretch]]:
        """(who gives, who takes, what is left of it)."""
        yield self.asker, self.other, self.mine._replace(start=max(self.mine.start, now))
        if self.theirs is not None:
            yield self.other, self.asker, self.theirs._replace(start=max(self.theirs.start, now))


def stretch_of(schedule: Schedule, person: str, at: datetime) -> Stretch | None:
    """The whole stretch around ``at`` in which this person is on call, as a primary or else as a backup; None if they
    are not. One that has no end in ``LOOK`` ends there."""
    for role in _GIVEN:
        listed = spans(shifts(schedule, at - LOOK, at + LOOK, role), at + LOOK)
        for who, start, end in listed:
            if who == person and start <= at < end:
                return Stretch(start, end)
    return None


def ends_at(swap_at: datetime, within: timedelta, *given: Stretch) -> datetime:
    """Until when it is asked: a shift that is under way has to be answered before it ends."""
    bounds = (one.start if one.start > swap_at else one.end for one in given)
    return min(swap_at + within, *bounds)


def why_not(schedule: Schedule, swap: Swap, now: datetime) -> Phrase | None:
    """Why it can't take effect as the schedule stands; None if it can."""
    for giver, taker, gift in swap.gifts(now):
        role = _role_throughout(schedule, giver, gift)
        if role is None:
            return Phrase("%(person)s is not on call throughout it", person=giver)
        if any(taker in one.people for one in shifts(schedule, *gift, role)):
            return Phrase("%(person)s is on call then anyway", person=taker)
        leaves = (one for one in (*schedule.leaves, *schedule.away) if one.person == taker)
        if any(one.start < gift.end and gift.start < one.end for one in leaves):
            return Phrase("%(person)s is on leave then", person=taker)
    return None


def overrides_of(swap: Swap, now: datetime, taken: tuple[Override, ...] = ()) -> tuple[Override, ...]:
    """What an accepted swap makes of the schedule. All of it is made at one instant, which no override of the schedule
    among ``taken`` has: so each sees what was before both, and nothing else counts as made with them."""
    at = max([now, *(one.at + _EPSILON for one in taken if one.schedule == swap.schedule)])
    return tuple(
        Override(swap.schedule, taker, gift.start, gift.end, giver, swap.asker, at)
        for giver, taker, gift in swap.gifts(now)
    )


def _role_throughout(schedule: Schedule, person: str, gift: Stretch) -> Role | None:
    for role in _GIVEN:
        listed = shifts(schedule, *gift, role)
        if listed and all(person in one.people for one in listed):
            return role
    return None
