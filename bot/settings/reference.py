"""Faults between parts that are each right: names that nobody has, channels that are not set up."""

from collections.abc import Iterable, Iterator, Mapping

from bot.settings.environment import variable
from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.places import tells
from bot.settings.problem import Fault, Loc
from bot.settings.reference_contact import contact_faults
from bot.settings.reference_people import people_faults
from bot.settings.reference_phone import phone_faults
from bot.settings.reference_rule import rule_faults
from bot.settings.reference_target import target_faults
from bot.settings.reference_window import window_faults
from bot.settings.schedule_shape import ScheduleShape
from bot.settings.unknown import channel_faults, unknown
from bot.settings.window_shape import WindowShape
from escalation.phrase import Phrase
from escalation.policy import Target, TargetKind

_WITH_ROLES = ("viewer", "responder", "manager", "admin")


def faults(document: Document, names: Names) -> Iterator[Fault]:
    """Every reference to something that is not there."""
    for place in tells(document):
        yield from target_faults(place, names)
    yield from people_faults(document, names)
    yield from contact_faults(document, names)
    yield from window_faults(document, names)
    yield from rule_faults(document, names)
    yield from _accounts(document, names)
    yield from _services(document, names)
    yield from _gateway(document, names)
    yield from _approvers(document, names)
    yield from _calendars(document, names)
    yield from _pictures(document)
    yield from _roles(document, names)
    yield from phone_faults(document, names)
    yield from _api(document, names)
    yield from _translation(document)
    for number, channel in enumerate(document.contact_checks.channels):
        yield from channel_faults(("contact_checks", "channels", number), channel, names)
    for name in document.failover.channels:
        yield from channel_faults(("failover", "channels", name), name, names)


def _approvers(document: Document, names: Names) -> Iterator[Fault]:
    approval = document.sending.approval
    for number, text in enumerate(approval.by if approval else ()):
        target, loc = Target.parse(text), ("sending", "approval", "by", number)
        if target.kind is TargetKind.TEAM and target.name not in names.teams:
            yield unknown(loc, "team", target.name, names.teams, "teams")
        elif target.kind is TargetKind.PERSON and target.name not in names.people:
            yield unknown(loc, "person", target.name, names.people, "people")
        elif target.kind not in (TargetKind.TEAM, TargetKind.PERSON):
            message = Phrase("%(value)s can't approve a mail", value=text)
            yield Fault(loc, message, Phrase("name a person or team:name"))


def _pictures(document: Document) -> Iterator[Fault]:
    if document.sending.pictures and document.web.public_url is None:
        message = Phrase("a picture has no address that it could be loaded from")
        yield Fault(("sending", "pictures"), message, Phrase("write web.public_url, or take pictures away"))


def _api(document: Document, names: Names) -> Iterator[Fault]:
    person = document.web.api_person
    if person is not None and person not in names.people:
        yield unknown(("web", "api_person"), "person", person, names.people, "people")


def _translation(document: Document) -> Iterator[Fault]:
    """A mailbox or rule that is misspelt here would have its mail sent outside."""
    if document.translation is None:
        return
    exceptions = document.translation.exceptions
    rules = frozenset(one.name for one in document.rules)
    for key, what, written, known, section in (
        ("accounts", "account", exceptions.accounts, frozenset(document.imap), "imap"),
        ("rules", "rule", exceptions.rules, rules, "rules"),
    ):
        for number, name in enumerate(written):
            if name not in known:
                yield unknown(("translation", "except", key, number), what, name, known, section)


def _roles(document: Document, names: Names) -> Iterator[Fault]:
    """Whom roles name: people, teams and rooms, each once."""
    known = {
        TargetKind.PERSON: ("person", names.people, "people"),
        TargetKind.TEAM: ("team", names.teams, "teams"),
        TargetKind.ROOM: ("room", frozenset(names.rooms), "rooms"),
    }
    seen: dict[str, str] = {}
    for role in _WITH_ROLES:
        for number, text in enumerate(getattr(document.roles, role)):
            target, loc = Target.parse(text), ("roles", role, number)
            if target.kind not in known:
                fix = Phrase("name a person, team:name or a room")
                yield Fault(loc, Phrase("%(value)s can't have a role", value=text), fix)
            elif target.name not in known[target.kind][1]:
                what, among, section = known[target.kind]
                yield unknown(loc, what, target.name, among, section)
            elif seen.setdefault(text, role) != role:
                message = Phrase("%(name)s is %(role)s already", name=text, role=seen[text])
                yield Fault(loc, message, Phrase("give each one role"))


def _accounts(document: Document, names: Names) -> Iterator[Fault]:
    for name, account in document.imap.items():
        for key, known in (("owner", names.people), ("team", names.teams)):
            owner = getattr(account, key, None)
            if owner is not None and owner not in known:
                what, section = ("person", "people") if key == "owner" else ("team", "teams")
                yield unknown(("imap", name, key), what, owner, known, section)
    yield from _shared_variables("imap", document.imap, "PASSWORD")


def _shared_variables(section: str, named: Iterable[str], key: str) -> Iterator[Fault]:
    variables: dict[str, str] = {}
    for name in named:
        shouted = variable((section, name))
        if variables.setdefault(shouted, name) != name:
            values = {"account": variables[shouted], "variable": f"{shouted}__{key}"}
            message = Phrase("its variables would be those of %(account)s: %(variable)s", **values)
            yield Fault((section, name), message, Phrase("give it a name with other letters"), is_key=True)


def _calendars(document: Document, names: Names) -> Iterator[Fault]:
    """Calendars that others name, and the people whom calendars name."""
    for loc, name in _named_calendars(document):
        if name not in names.calendars:
            yield unknown(loc, "calendar", name, names.calendars, "calendars")
    for name, calendar in document.calendars.items():
        for called, person in calendar.names.items():
            if person not in names.people:
                yield unknown(("calendars", name, "names", called), "person", person, names.people, "people")
    yield from _shared_variables("calendars", document.calendars, "URL")


def _services(document: Document, names: Names) -> Iterator[Fault]:
    """Services of apprise that rooms and people name. A person's is theirs alone: whoever can read what comes there can
    acknowledge as that person."""
    yield from _shared_variables("apprise", document.apprise, "URL")
    rooms = {room.apprise: name for name, room in document.rooms.items() if room.apprise is not None}
    named: list[tuple[Loc, str | None]] = [
        (("rooms", id, "apprise"), one.apprise) for id, one in document.rooms.items()
    ]
    named += [(("people", id, "apprise"), one.apprise) for id, one in document.people.items()]
    for loc, service in named:
        if service is not None and service not in names.services:
            yield unknown(loc, "service", service, names.services, "apprise")
        elif service in rooms and loc[0] == "people":
            message = Phrase("the room %(room)s has the same %(key)s", room=rooms[service], key="apprise")
            yield Fault(loc, message, Phrase("give each person their own"))


def _named_calendars(document: Document) -> Iterator[tuple[Loc, str]]:
    yield from ((("leave", place), one) for place, one in enumerate(document.leave))
    sections: dict[str, Mapping[str, ScheduleShape | WindowShape]] = {
        "schedules": document.schedules,
        "windows": document.windows,
    }
    for section, named in sections.items():
        for name, shape in named.items():
            yield from (((section, name, "ical", place), one) for place, one in enumerate(shape.ical))


def _gateway(document: Document, names: Names) -> Iterator[Fault]:
    """The gateway hands everything on, so it needs somewhere to, and not itself."""
    gateway, smtp = document.gateway, document.smtp
    if gateway is None:
        return
    if smtp is None and "mail" not in names.channels:
        message, fix = Phrase("mail that is handed in could not leave"), Phrase("add smtp: with your mail server")
        yield Fault(("gateway",), message, fix, is_key=True)
    elif smtp is not None and smtp.server == gateway.address:
        message, fix = Phrase("this is the gateway itself"), Phrase("name the mail server that mail leaves through")
        yield Fault(("smtp", "host"), message, fix)
    if "gateway" in document.imap:
        message, fix = Phrase("the submission gateway has this name"), Phrase("give the mailbox another")
        yield Fault(("imap", "gateway"), message, fix, is_key=True)
