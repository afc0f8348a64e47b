"""The core's people, made of the settings: how each is reached, in which order, and when not."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import accumulate

from phonenumbers import PhoneNumberType, number_type, parse

from bot.settings.contact_shape import Matter, OrderShape, QuietShape
from bot.settings.model import Document
from bot.settings.people_shape import PersonShape
from escalation.calendar import ALWAYS, Span, Window
from escalation.contact import Order, Quiet, Way, usual_ways
from escalation.policy import Action, Target, TargetKind
from escalation.roster import Person, Roster

MOST_DELAYS = 20
"""The most rungs of a step that leaves it to each person: as many as a step may have retries. What is due later than
the last of them is due with it."""


def person_of(id: str, shape: PersonShape, document: Document, windows: Mapping[str, Window]) -> Person:
    """Somebody as the core knows them."""
    contacts, zone = contacts_of(id, shape, document), shape.zone or document.zone
    return Person(
        id=id,
        name=shape.name,
        addresses=tuple(shape.email),
        contacts=contacts,
        language=shape.language or document.language,
        zone=zone,
        morning=shape.morning,
        more={"phone": tuple(shape.phone[1:])} if document.twilio and len(shape.phone) > 1 else {},
        ring=shape.ring,
        orders=tuple(_order(one, contacts, windows) for one in shape.all_orders()),
        quiet=_quiet(shape.quiet, zone, windows) if shape.quiet else None,
        delegate=shape.delegate or "",
    )


def contacts_of(id: str, shape: PersonShape, document: Document) -> dict[str, str]:
    """How to reach somebody, in the order written, over the channels that are set up. Slack knows people by mail
    address; the console shows anybody."""
    email = shape.email[0] if shape.email else None
    known = {
        "slack": (shape.slack or email) if document.slack else None,
        "discord": shape.discord if document.discord else None,
        "phone": next(iter(shape.phone), None) if document.twilio else None,
        "sms": (shape.sms or _mobile(shape.phone)) if document.twilio and document.twilio.sms else None,
        "whatsapp": shape.whatsapp if document.twilio and document.twilio.whatsapp else None,
        "mail": email if document.smtp else None,
        "apprise": shape.apprise if document.apprise else None,
        "console": shape.console or id,
    }
    written = ["mail" if key == "email" else key for key in shape.contact_order()]
    ordered = [*(key for key in written if key in known), *known]
    return {key: address for key in ordered if (address := known[key]) is not None}


def _mobile(numbers: list[str]) -> str | None:
    """The first number that may get text messages; of some countries' nobody can tell."""
    return next((one for one in numbers if number_type(parse(one)) in _MOBILE), None)


_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def delays_of(action: Action, roster: Roster) -> tuple[timedelta, ...]:
    """0, and every delay of the ways of those whom the action may name."""
    named = {id for target in action.targets for id in _named(target, roster)}
    found = {timedelta(0), *(way.after for id in named for way in _all_ways(roster.people[id]))}
    return tuple(sorted(found))[:MOST_DELAYS]


def _all_ways(person: Person) -> Iterator[Way]:
    """Those of every order; the usual ones too, where it may be that no order fits."""
    is_usual = not any(order.is_urgent is None and order.window == ALWAYS for order in person.orders)
    yield from usual_ways(person.contacts) if is_usual else ()
    yield from (way for order in person.orders for way in order.ways)


def _named(target: Target, roster: Roster) -> tuple[str, ...]:
    match target.kind:
        case TargetKind.PERSON:
            return (target.name,)
        case TargetKind.TEAM | TargetKind.ROUND_ROBIN:
            return roster.teams[target.name]
        case TargetKind.ONCALL if duty := roster.duty(target.name):
            return duty[0].people
    return tuple(roster.people)


def _order(shape: OrderShape, contacts: Mapping[str, str], windows: Mapping[str, Window]) -> Order:
    delays = accumulate(way.after for way in shape.ways)
    listed = [
        (way.via, way.checked_address() or contacts.get(way.via), delay)
        for way, delay in zip(shape.ways, delays, strict=True)
    ]
    ways = tuple(Way(channel, address, delay) for channel, address, delay in listed if address is not None)
    return Order(ways, None if shape.matter is None else shape.matter is Matter.URGENT, windows[shape.when])


def _quiet(shape: QuietShape, zone: str, windows: Mapping[str, Window]) -> Quiet:
    window = windows[shape.when] if shape.when else Window("quiet", zone, (Span(*shape.span()),))
    return Quiet(window, shape.broken_by, frozenset(shape.channels))
