"""Faults between parts that are each right: names that nobody has, channels that are not set up."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from bot.settings.environment import variable
from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.places import TellPlace, tells
from bot.settings.problem import Fault, Loc
from bot.settings.reference_contact import contact_faults
from bot.settings.reference_phone import phone_faults
from bot.settings.reference_window import window_faults
from bot.settings.schedule_shape import ScheduleShape
from bot.settings.unknown import NAMED, channel_faults, unknown
from bot.settings.window_shape import WindowShape
from escalation.contact import CONTACTS
from escalation.pattern import fold
from escalation.phrase import N_, Phrase
from escalation.policy import Target, TargetKind


def faults(document: Document, names: Names) -> Iterator[Fault]:
    """Every reference to something that is not there."""
    for place in tells(document):
        yield from _tell(place, names)
    yield from _people(document, names)
    yield from _fair_turns(document, names)
    yield from window_faults(document, names)
    yield from _rules(document, names)
    yield from _maintenance(document, names)
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


def _tell(place: TellPlace, names: Names) -> Iterator[Fault]:
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


def _fair_turns(document: Document, names: Names) -> Iterator[Fault]:
    if document.fair_turns is None:
        return
    for number, team in enumerate(document.fair_turns.teams):
        if team not in names.teams:
            yield unknown(("fair_turns", "teams", number), "team", team, names.teams, "teams")
    if document.fair_turns.within > timedelta(days=document.retention_days):
        what = Phrase("notifications are kept for %(n)d days only", n=document.retention_days)
        yield Fault(("fair_turns", "within"), what, Phrase("write less, or raise retention_days"))


def _people(document: Document, names: Names) -> Iterator[Fault]:
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
    yield from contact_faults(document, names)


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


_WITH_ROLES = ("viewer", "responder", "manager", "admin")


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


def _rules(document: Document, names: Names) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, rule in enumerate(document.rules):
        loc = ("rules", number)
        if seen.setdefault(rule.name, number) != number:
            message = Phrase("another rule is named %(name)s", name=rule.name)
            yield Fault((*loc, "name"), message, Phrase("give each rule its own name"))
        if rule.policy is not None and rule.policy not in names.policies:
            yield unknown((*loc, "policy"), "policy", rule.policy, names.policies, "policies")
        for place, account in enumerate(rule.when.account):
            if not set("*?/") & set(account) and account not in names.accounts:
                yield unknown((*loc, "when", "account", place), "account", account, names.accounts, "imap")


def _maintenance(document: Document, names: Names) -> Iterator[Fault]:
    rules = {rule.name: rule for rule in document.rules}
    seen: dict[str, int] = {}
    for number, one in enumerate(document.maintenance):
        loc = ("maintenance", number)
        if seen.setdefault(fold(one.name), number) != number:
            message = Phrase("another maintenance window is named %(name)s", name=one.name)
            yield Fault((*loc, "name"), message, Phrase("give each its own name"))
        if one.window == "always":
            fix = Phrase("name a window that ends, or take the rule away")
            yield Fault((*loc, "window"), Phrase("it would never end"), fix)
        elif one.window is not None and one.window not in names.known_windows:
            known = names.known_windows - {"always"}
            yield unknown((*loc, "window"), "window", one.window, known, "windows")
        for place, rule in enumerate(one.when.rule):
            at = (*loc, "when", "rule", place)
            if rule not in rules:
                yield unknown(at, "rule", rule, frozenset(rules), "rules")
            elif rules[rule].ignore:
                message = Phrase("the rule %(name)s opens no alert anyway", name=rule)
                yield Fault(at, message, Phrase("name a rule with a policy"))


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
