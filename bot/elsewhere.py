"""How somebody is told while channels are out of order."""

from collections.abc import Collection, Iterable, Iterator

from channels.base import PHONE
from escalation.policy import CONSOLE
from escalation.roster import Roster
from escalation.target import Reached


def by_what_works(told: Iterable[Reached], roster: Roster, out: Collection[str]) -> list[Reached]:
    """Each over a channel that is not ``out``: the same, or another of the person's, by phone last. Everybody has the
    console, which rouses nobody: it stands in for nothing. If nobody has any, all as they are: it leaves once it
    can."""
    told = list(told)
    found = {(one.channel, one.address): one for one in _detours(told, roster, out)}
    return list(found.values()) or told


def _detours(told: Iterable[Reached], roster: Roster, out: Collection[str]) -> Iterator[Reached]:
    for one in told:
        person = roster.people.get(one.person or "")
        ways = () if person is None else person.contacts.items()
        others = sorted((way for way in ways if way[0] not in {*out, CONSOLE}), key=lambda way: way[0] == PHONE)
        if one.channel not in out:
            yield one
        elif others:
            yield Reached(one.target, *others[0], one.person)
