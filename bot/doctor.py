"""Who can't be reached, found before anybody must be: from the settings, and from what has happened lately. Pure.

1. A person matters wherever the settings tell them: in steps, their ``else``, last resorts and alarms, by themselves, a
   team, a schedule, a mailbox, or as a delegate of one of these.
2. A way works if its person has not asked there for no more messages (STOP), its channel is not known to be down, and
   the last that went over it was not refused, nor stuck.
3. A way that nobody has confirmed, or not for too long, or whose last test was not answered, is told of; it may work.
4. Somebody can't be reached at all if none of their ways works in any of those places.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bot.settings import Settings
from bot.settings.places import tells
from bot.settings.warn_people import people_of
from escalation.action import CONSOLE
from escalation.contact import CONTACTS, usual_ways
from escalation.policy import Target
from escalation.roster import Person, Roster

Address = tuple[str, str]
"""A channel, and an address there."""

Proved = tuple[str, str, str]
"""A person, a channel, and an address there."""


class Trouble(StrEnum):
    """What is wrong with one way, or with a place that finds none."""

    NO_CONTACT = "no_contact"
    STOPPED = "stopped"
    CHANNEL_DOWN = "channel_down"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"


class Place(NamedTuple):
    """Where the settings tell somebody, as it is written there ("policies.urgent.steps.2"), and over which channel."""

    where: str
    channel: str


@dataclass(frozen=True, slots=True)
class Try:
    """The last that went to an address. ``detail`` is the provider's word."""

    at: datetime
    has_failed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the channels and addresses: which are down and why, how the last try of each went, when the last
    test of it was not answered, until when it is confirmed, and where nobody wants to be told any more."""

    down: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[Address, Try] = field(default_factory=dict)
    unanswered: Mapping[Proved, datetime] = field(default_factory=dict)
    confirmed_until: Mapping[Proved, datetime] = field(default_factory=dict)
    now: datetime | None = None
    stopped: Collection[Address] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One trouble of one person. ``places`` are those that find no contact over ``channel``."""

    person: str
    trouble: Trouble
    channel: str
    address: str = ""
    places: tuple[str, ...] = ()
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """One person: whether anything reaches them, and what is wrong."""

    person: str
    is_reachable: bool
    findings: tuple[Finding, ...]


def as_json(one: Finding) -> dict[str, Any]:
    """For programs, and for a notice that is worded when it leaves; ``of_json`` reads it."""
    return asdict(one) | {"at": one.at.isoformat() if one.at else None}


def of_json(found: Mapping[str, Any]) -> Finding:
    """Raises KeyError or ValueError for anything else."""
    at = datetime.fromisoformat(found["at"]) if found["at"] else None
    return Finding(**{**found, "trouble": Trouble(found["trouble"]), "places": tuple(found["places"]), "at": at})


def places_of(settings: Settings, roster: Roster) -> dict[str, tuple[Place, ...]]:
    """Where each person is told; who is told nowhere is not there."""
    found: dict[str, dict[Place, None]] = {}
    for one in tells(settings.document):
        if one.is_handoff:
            continue
        place = Place(".".join(str(part) for part in one.loc), one.tell.via)
        named = (id for text in one.tell.to for id in people_of(Target.parse(text), settings, roster))
        for id in _with_delegates(named, roster):
            found.setdefault(id, {})[place] = None
    return {id: tuple(places) for id, places in found.items()}


def _with_delegates(named: Iterable[str], roster: Roster) -> dict[str, None]:
    found, waiting = dict[str, None](), list(named)
    while waiting:
        id = waiting.pop(0)
        if id in roster.people and id not in found:
            found[id] = None
            waiting.append(roster.people[id].delegate)
    return found


def ways_at(person: Person, place: Place) -> tuple[Address, ...]:
    """Every way that this place may use to tell them, at whatever hour."""
    if place.channel != CONTACTS:
        address = person.contacts.get(place.channel)
        return () if address is None else ((place.channel, address),)
    listed = [way for order in person.orders for way in order.ways] or usual_ways(person.contacts)
    return tuple(dict.fromkeys((way.channel, way.address) for way in listed))


def examine(roster: Roster, places: Mapping[str, tuple[Place, ...]], known: Known) -> list[Examined]:
    """Everybody who is told somewhere, in the order of the settings."""
    return [_examined(person, places[id], known) for id, person in roster.people.items() if id in places]


def _examined(person: Person, places: tuple[Place, ...], known: Known) -> Examined:
    ways = dict.fromkeys(way for place in places for way in ways_at(person, place))
    broken = {way: finding for way in ways if (finding := _broken(person.id, way, known)) is not None}
    unproved = (one for way in ways for one in _unproved(person.id, way, known))
    return Examined(person.id, len(broken) < len(ways), (*_lacking(person, places), *broken.values(), *unproved))


def findings_at(person: str, way: Address, known: Known) -> tuple[Finding, ...]:
    """What is wrong with one way of a person."""
    broken = _broken(person, way, known)
    return (*((broken,) if broken else ()), *_unproved(person, way, known))


def _unproved(person: str, way: Address, known: Known) -> Iterator[Finding]:
    """What was not answered, and what nobody confirmed for long. The console reaches whoever sits there."""
    channel, address = way
    proved = (person, channel, address)
    unanswered_at, until = known.unanswered.get(proved), known.confirmed_until.get(proved)
    one = Finding(person=person, trouble=Trouble.UNCONFIRMED, channel=channel, address=address)
    if unanswered_at is not None:
        yield replace(one, trouble=Trouble.UNANSWERED, at=unanswered_at)
    if until is None and channel != CONSOLE:
        yield one
    elif until is not None and known.now is not None and until <= known.now:
        yield replace(one, trouble=Trouble.EXPIRED, at=until)


def _broken(person: str, way: Address, known: Known) -> Finding | None:
    channel, address = way
    if way in known.stopped:
        return Finding(person=person, trouble=Trouble.STOPPED, channel=channel, address=address)
    if channel in known.down:
        return Finding(
            person=person,
            trouble=Trouble.CHANNEL_DOWN,
            channel=channel,
            address=address,
            detail=known.down[channel],
        )
    last = known.tries.get(way)
    if last is None or not last.has_failed:
        return None
    return Finding(
        person=person, trouble=Trouble.FAILED, channel=channel, address=address, detail=last.detail, at=last.at
    )


def _lacking(person: Person, places: tuple[Place, ...]) -> Iterator[Finding]:
    """One finding for each channel over which some place finds no contact."""
    lacking: dict[str, list[str]] = {}
    for place in places:
        if not ways_at(person, place):
            lacking.setdefault(place.channel, []).append(place.where)
    for channel, where in lacking.items():
        yield Finding(person=person.id, trouble=Trouble.NO_CONTACT, channel=channel, places=tuple(where))
