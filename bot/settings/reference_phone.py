"""Faults about who may ring Kidoku."""

from collections.abc import Iterator

from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.problem import Fault
from bot.settings.unknown import unknown
from escalation.phrase import Phrase


def phone_faults(document: Document, names: Names) -> Iterator[Fault]:
    """Whoever has a PIN is a person, and has a number: what they do on the phone is done under it."""
    call_in = document.twilio.call_in if document.twilio is not None else None
    loc = ("twilio", "call_in", "pins")
    for id in call_in.by_person() if call_in is not None else ():
        if id not in names.people:
            yield unknown(loc, "person", id, names.people, "people")
        elif id in document.people and not document.people[id].phone:
            fix = Phrase("add phone to people.%(person)s", person=id)
            yield Fault(loc, Phrase("%(person)s has a PIN, and no phone", person=id), fix)
