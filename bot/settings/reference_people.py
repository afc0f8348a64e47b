"""Faults about who belongs where: in teams and schedules, and whose address is whose."""

from collections.abc import Iterator
from datetime import timedelta

from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.problem import Fault, Loc
from bot.settings.unknown import unknown
from escalation.phrase import Phrase


def people_faults(document: Document, names: Names) -> Iterator[Fault]:
    """Members that nobody is, names that two have, addresses that two share."""
    for team, members in document.teams.items():
        for number, person in enumerate(members):
            if person not in names.people:
                yield unknown(("teams", team, number), "person", person, names.people, "people")
    for loc, person in _on_call(document):
        if person not in names.people:
            yield unknown(loc, "person", person, names.people, "people")
    for team in sorted(names.people & names.teams):
        message, fix = Phrase("%(name)s is a person as well", name=team), Phrase("give the team another name")
        yield Fault(("teams", team), message, fix, is_key=True)
    yield from _shared_contacts(document)
    yield from _fair_turns(document, names)


def _on_call(document: Document) -> Iterator[tuple[Loc, str]]:
    """Everybody whom a schedule names, and where."""
    for name, schedule in document.schedules.items():
        at: Loc = ("schedules", name)
        yield from (((*at, "people", number), person) for number, person in enumerate(schedule.people))
        yield from (((*at, "shifts", number, "person"), one.person) for number, one in enumerate(schedule.shifts))
        for layer, one in enumerate(schedule.layers or ()):
            for number, turn in enumerate(one.people):
                yield from (((*at, "layers", layer, "people", number), person) for person in turn)


def _shared_contacts(document: Document) -> Iterator[Fault]:
    """Two people with one address could not be told apart when it reads or presses."""
    seen: dict[tuple[str, str], str] = {}
    for id, person in document.people.items():
        contacts = [
            ("slack", person.slack),
            ("discord", person.discord),
            ("apprise", person.apprise),
            *(("email", one) for one in person.email),
        ]
        for key, value in contacts:
            if value is not None and seen.setdefault((key, value), id) != id:
                message = Phrase("%(person)s has the same %(key)s", person=seen[key, value], key=key)
                yield Fault(("people", id, key), message, Phrase("give each person their own"))


def _fair_turns(document: Document, names: Names) -> Iterator[Fault]:
    if document.fair_turns is None:
        return
    for number, team in enumerate(document.fair_turns.teams):
        if team not in names.teams:
            yield unknown(("fair_turns", "teams", number), "team", team, names.teams, "teams")
    if document.fair_turns.within > timedelta(days=document.retention_days):
        what = Phrase("notifications are kept for %(n)d days only", n=document.retention_days)
        yield Fault(("fair_turns", "within"), what, Phrase("write less, or raise retention_days"))
