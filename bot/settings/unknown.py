"""Faults about a name that nobody has, or a channel that is not set up."""

from collections.abc import Iterator

from bot.settings.names import SECTION, Names
from bot.settings.problem import Fault, Loc, suggestion
from escalation.contact import CONTACTS
from escalation.phrase import Phrase

NAMED = {
    "person": Phrase("person"),
    "team": Phrase("team"),
    "schedule": Phrase("schedule"),
    "room": Phrase("room"),
    "window": Phrase("window"),
    "policy": Phrase("policy"),
    "account": Phrase("account"),
    "rule": Phrase("rule"),
    "service": Phrase("service"),
    "calendar": Phrase("calendar"),
}


def unknown(loc: Loc, what: str, name: str, known: frozenset[str], section: str) -> Fault:
    """There is no such person, team, …; with the nearest name."""
    message = Phrase("there is no %(what)s %(name)s", what=NAMED[what], name=name)
    fix = suggestion(name, known, Phrase("add %(name)s to %(section)s", name=name, section=section))
    return Fault(loc, message, fix)


def channel_faults(loc: Loc, via: str, names: Names) -> Iterator[Fault]:
    """The channel has no section in the settings."""
    if via not in names.channels | {CONTACTS}:
        section = SECTION[via]
        message = Phrase("the channel %(channel)s is not set up", channel=via)
        fix = Phrase("add %(section)s: to this file, and its secrets to the environment", section=section)
        yield Fault(loc, message, fix)
