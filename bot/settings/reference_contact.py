"""Faults in how people want to be told: channels that are not set up, addresses and windows that are not there."""

from collections.abc import Iterator

from bot.settings.build_person import contacts_of
from bot.settings.contact_shape import WayShape
from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.people_shape import PersonShape
from bot.settings.problem import Fault, Loc
from bot.settings.unknown import channel_faults, unknown
from escalation.phrase import Phrase

CONTACT_KEYS = {
    "slack": "slack",
    "discord": "discord",
    "phone": "phone",
    "sms": "sms",
    "whatsapp": "whatsapp",
    "mail": "email",
    "apprise": "apprise",
    "console": "console",
}
"""The key of a person that says where they are on a channel."""


def contact_faults(document: Document, names: Names) -> Iterator[Fault]:
    """Every reference of people's ways and quiet hours to something that is not there."""
    for id, person in document.people.items():
        known = contacts_of(id, person, document)
        for loc, way in _ways(id, person):
            yield from channel_faults((*loc, "via"), way.via, names)
            if way.address is None and _is_read(document, way.via, names) and way.via not in known:
                values = {"person": id, "contact": CONTACT_KEYS[way.via]}
                fix = Phrase("add %(contact)s to people.%(person)s, or an address here", **values)
                yield Fault(loc, Phrase("%(person)s has no %(contact)s", **values), fix)
        yield from _windows(id, person, names)
        yield from _delegate(id, person.delegate, names)


def _is_read(document: Document, via: str, names: Names) -> bool:
    """Whether the channel is set up. A section that stands in the file and could not be read (its secret is missing)
    has a fault of its own, and says nothing of who is there."""
    twilio = document.twilio
    sections: dict[str, object] = {
        "slack": document.slack,
        "discord": document.discord,
        "phone": twilio,
        "sms": twilio and twilio.sms,
        "whatsapp": twilio and twilio.whatsapp,
        "mail": document.smtp,
    }
    return via in names.channels and sections.get(via, True) is not None


def _ways(id: str, person: PersonShape) -> Iterator[tuple[Loc, WayShape]]:
    for number, way in enumerate(person.contacts):
        yield ("people", id, "contacts", number), way
    for place, order in enumerate(person.contacts_when):
        for number, way in enumerate(order.ways):
            yield ("people", id, "contacts_when", place, "ways", number), way


def _delegate(id: str, delegate: str | None, names: Names) -> Iterator[Fault]:
    loc: Loc = ("people", id, "delegate")
    if delegate == id:
        yield Fault(loc, Phrase("nobody stands in for themselves"), Phrase("name somebody else"))
    elif delegate is not None and delegate not in names.people:
        yield unknown(loc, "person", delegate, names.people, "people")


def _windows(id: str, person: PersonShape, names: Names) -> Iterator[Fault]:
    known = names.windows | {"always"}
    for place, order in enumerate(person.contacts_when):
        if order.when not in known:
            yield unknown(("people", id, "contacts_when", place, "when"), "window", order.when, known, "windows")
    if person.quiet is not None and person.quiet.when is not None and person.quiet.when not in known:
        yield unknown(("people", id, "quiet", "when"), "window", person.quiet.when, known, "windows")
