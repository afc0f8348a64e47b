"""Faults in whom a step, an alarm or a handoff names."""

from collections.abc import Iterator

from bot.settings.names import Names
from bot.settings.places import TellPlace
from bot.settings.problem import Fault, Loc
from bot.settings.unknown import NAMED, channel_faults, unknown
from escalation.contact import CONTACTS
from escalation.phrase import N_, Phrase
from escalation.policy import Target, TargetKind


def target_faults(place: TellPlace, names: Names) -> Iterator[Fault]:
    """A channel that is not set up, and every target that is not there, or not to be told there."""
    yield from channel_faults((*place.loc, "via"), place.tell.via, names)
    for number, text in enumerate(place.tell.to):
        yield from _target((*place.loc, "to", number), Target.parse(text), place, names)


def _target(loc: Loc, target: Target, place: TellPlace, names: Names) -> Iterator[Fault]:
    known = {
        TargetKind.PERSON: ("person", names.people, "people"),
        TargetKind.TEAM: ("team", names.teams, "teams"),
        TargetKind.ROUND_ROBIN: ("team", names.teams, "teams"),
        TargetKind.ONCALL: ("schedule", names.schedules, "schedules"),
        TargetKind.ROOM: ("room", frozenset(names.rooms), "rooms"),
    }.get(target.kind)
    if known is None:
        if place.is_alarm or place.is_handoff:
            form = N_("an alarm has no readers and no sender: %(target)s names nobody here")
            if place.is_handoff:
                form = N_("a handoff has no readers and no sender: %(target)s names nobody here")
            yield Fault(loc, Phrase(form, target=str(target)), Phrase("name a person, a team or a room"))
    elif target.name not in known[1]:
        # A room that is written without its # is told where it stands.
        if not (target.kind is TargetKind.ROOM and target.name.removeprefix("#") in names.rooms):
            yield _person_or(loc, target, known, names)
    elif target.kind is TargetKind.ROUND_ROBIN and (place.is_alarm or place.tell.via == CONTACTS):
        what = Phrase("an alarm takes no turns") if place.is_alarm else Phrase("turns go over one channel")
        yield Fault(loc, what, Phrase("write team:%(name)s, or name a channel", name=target.name))
    elif target.kind is TargetKind.ROOM:
        yield from _room(loc, target.name, place.tell.via, names)


def _person_or(loc: Loc, target: Target, known: tuple[str, frozenset[str], str], names: Names) -> Fault:
    """A team or schedule written without its prefix gets the better advice."""
    if target.kind is TargetKind.PERSON:
        for prefix, others in (("team", names.teams), ("oncall", names.schedules)):
            if target.name in others:
                message = Phrase("there is no %(what)s %(name)s", what=NAMED["person"], name=target.name)
                return Fault(loc, message, Phrase("did you mean %(name)s?", name=f"{prefix}:{target.name}"))
    return unknown(loc, known[0], target.name, known[1], known[2])


def _room(loc: Loc, room: str, via: str, names: Names) -> Iterator[Fault]:
    if via in ("phone", "sms", "whatsapp", "mail", CONTACTS):
        fix = Phrase("name a person, a team or oncall:schedule")
        yield Fault(loc, Phrase("a room has no %(channel)s", channel=via), fix)
    elif via != "console" and via not in names.rooms[room]:
        values = {"room": room, "channel": via}
        message = Phrase("the room %(room)s is not on %(channel)s", **values)
        yield Fault(loc, message, Phrase("add %(channel)s: to the room %(room)s", **values))
