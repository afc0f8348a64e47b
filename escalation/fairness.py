"""Who of a team has the next turn where ``fair_turns`` names the team: of those equal in turn, the least loaded.

The rules:

1. A round gives every member one turn. Those who have not had theirs in this round are equal in turn: that is the tie
   which the load breaks. When all have had it, or nobody else can be told, the next round begins.
2. Of those who are equal, whoever this alert has just told, and who may still answer, comes last. Then it is by nights
   woken, fewest first; by pages; by the order of the team in the settings.
3. Those who have had their turn come after all others, in the same order: so nobody who can be told is ever left out.
4. A turn counts at once, in the round and as a page, and so does every page as soon as it is decided on. Two alerts of
   one instant do not go to the same person as long as somebody else is equal.
5. So of members who can always be told none has two turns more than another, whatever the loads are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from escalation.load import Toll

FAIR_WITHIN: timedelta = timedelta(days=28)
"""How far back loads are counted if nothing else is asked: four weeks."""
_NONE = Toll()


@dataclass(frozen=True, slots=True)
class Choice:
    """Why somebody had the turn: their nights and pages, beside those of ``other``, who would have been next. ``other``
    is empty if nobody else was equal in turn. ``is_just_told``: the alert had just told ``other``."""

    nights: int
    pages: int
    other: str = ""
    other_nights: int = 0
    other_pages: int = 0
    is_just_told: bool = False


def had_in(members: Collection[str], turns: Sequence[str]) -> set[str]:
    """Who has had their turn in the round; nobody if it is over."""
    had = set(turns) & set(members)
    return set() if had >= set(members) else had


def after_turn(members: Collection[str], turns: Sequence[str], person: str) -> tuple[str, ...]:
    """The turns of the round after this one."""
    had = had_in(members, turns)
    return (person,) if person in had or not had else (*(one for one in turns if one in had), person)


def in_order(
    members: Sequence[str], turns: Sequence[str], tolls: Mapping[str, Toll], told: Collection[str]
) -> tuple[str, ...]:
    """The members, whoever has the next turn first (rules 1 to 3). ``told``: those whom the alert has just told."""
    had = had_in(members, turns)

    def rank(person: str) -> tuple[bool, bool, int, int]:
        toll = tolls.get(person, _NONE)
        return person in had, person in told, len(toll.nights), toll.pages

    return tuple(sorted(members, key=rank))


def choice(
    person: str, rest: Iterable[str], turns: Sequence[str], tolls: Mapping[str, Toll], told: Collection[str]
) -> Choice:
    """Why it is this one, and not any of ``rest``, who come after; ``turns`` are those of the round."""
    mine = tolls.get(person, _NONE)
    other = next((one for one in rest if (one in turns) is (person in turns)), "")
    theirs = tolls.get(other, _NONE)
    is_just_told = other in told and person not in told
    return Choice(len(mine.nights), mine.pages, other, len(theirs.nights), theirs.pages, is_just_told)
