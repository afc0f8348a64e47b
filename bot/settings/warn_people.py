"""Warnings about people: those who can't be told over a channel that a step uses."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.places import TellPlace, ladder_loc, tells
from bot.settings.problem import Fault, Loc
from bot.settings.reference_contact import CONTACT_KEYS
from escalation.contact import CONTACTS
from escalation.phrase import N_, Phrase, Series, either
from escalation.policy import MAIL, Action, EscalationPolicy, Target, TargetKind
from escalation.roster import Roster

_CONTACTS = CONTACT_KEYS | {"slack": either(("slack", "email"))}

_RINGS_FIRST = ("phone", "slack", "discord", "sms", "apprise", "whatsapp")
"""What is proposed for alarms: what rings, or has no conditions of its own, before the rest."""


def people_warnings(settings: Settings) -> Iterator[Fault]:
    """Who can't be reached, wherever somebody is told."""
    roster = settings.roster()
    for place in tells(settings.document):
        yield from _unreachable(place, settings, roster)
    yield from _one_way(settings)
    yield from _few_approvers(settings, roster)
    for name, policy in settings.escalation_policies().items():
        yield from _silent_ladders(name, policy, settings, roster)
    if settings.twilio is not None and settings.twilio.public_url is None:
        message = Phrase("calls only announce, and nobody can press a digit: Twilio has no address for its callbacks")
        yield Fault(("twilio",), message, Phrase("write web.public_url"), is_warning=True, is_key=True)
    if settings.apprise and settings.web.public_url is None:
        message = Phrase("what goes by apprise can't be acknowledged: its messages have no link")
        yield Fault(("apprise",), message, Phrase("write web.public_url"), is_warning=True, is_key=True)


def _one_way(settings: Settings) -> Iterator[Fault]:
    """Alarms over one channel can't say that this channel is down."""
    channels = {action.channel for action in settings.alarm_actions()}
    told = (place for place in tells(settings.document) if not place.is_handoff)
    others = {place.tell.via for place in told} - channels - {"mail", "console", CONTACTS}
    if len(channels) == 1 and others:
        message = Phrase("nobody hears of it when %(channel)s itself is down", channel=next(iter(channels)))
        fix = Phrase("add a second channel, such as %(channel)s", channel=min(others, key=_RINGS_FIRST.index))
        yield Fault(("alarms",), message, fix, is_warning=True, is_key=True)


def _few_approvers(settings: Settings, roster: Roster) -> Iterator[Fault]:
    """Whoever sends a mail can't approve it."""
    approval = settings.sending.approval
    named = approval.by if approval else []
    people = {id for text in named for id in people_of(Target.parse(text), settings, roster)} or set(roster.people)
    if approval is not None and len(people) < 2:
        message = Phrase("nobody can approve what %(person)s sends", person=next(iter(people)))
        yield Fault(("sending", "approval"), message, Phrase("name one more"), is_warning=True, is_key=True)


def _unreachable(place: TellPlace, settings: Settings, roster: Roster) -> Iterator[Fault]:
    via = place.tell.via
    named = [id for text in place.tell.to for id in people_of(Target.parse(text), settings, roster)]
    without = [id for id in dict.fromkeys(named) if via not in {CONTACTS, *roster.people[id].contacts}]
    if without:
        values = {"contact": _CONTACTS[via], "person": without[0]}
        fix = Phrase("add %(contact)s to people.%(person)s, or use another channel", **values)
        yield Fault((*place.loc, "to"), _no_contact(without, via), fix, is_warning=True)


def _no_contact(people: list[str], via: str) -> Phrase:
    if len(people) == 1:
        form = N_("%(person)s has no %(contact)s, and can't be told here")
        return Phrase(form, person=people[0], contact=_CONTACTS[via])
    values = {"people": Series(people[:-1]), "last": people[-1], "contact": _CONTACTS[via]}
    return Phrase("%(people)s and %(last)s have no %(contact)s, and can't be told here", **values)


def people_of(target: Target, settings: Settings, roster: Roster) -> tuple[str, ...]:
    """Everybody whom a target may mean. ``unread`` may be any owner of a mailbox; a room is nobody."""
    match target.kind:
        case TargetKind.PERSON:
            return (target.name,)
        case TargetKind.TEAM | TargetKind.ROUND_ROBIN:
            return roster.teams[target.name]
        case TargetKind.ONCALL:
            duty = roster.duty(target.name)
            return duty[0].people if duty else ()
        case TargetKind.UNREAD:
            return _owners(settings, roster)
        case TargetKind.ROOM | TargetKind.SENDER:
            return ()


def _owners(settings: Settings, roster: Roster) -> tuple[str, ...]:
    found: list[str] = []
    for account in settings.imap.values():
        found += roster.teams[account.team] if account.team else (account.owner,) if account.owner else ()
    return tuple(dict.fromkeys(found))


def _silent_ladders(name: str, policy: EscalationPolicy, settings: Settings, roster: Roster) -> Iterator[Fault]:
    shape = settings.document.policies[name]
    for number, ladder in enumerate(policy.ladders):
        actions = [one for step in ladder.steps for one in (step.action, step.otherwise) if one is not None]
        if not any(_reaches(action, settings, roster) for action in actions):
            loc: Loc = (*ladder_loc(name, shape, number), "steps")
            when = ladder.window.name
            message = Phrase("it pages nobody (%(when)s): none of its steps has anybody whom it can reach", when=when)
            yield Fault(loc, message, Phrase("give the people contacts for these channels"), is_warning=True)


def _reaches(action: Action, settings: Settings, roster: Roster) -> bool:
    return any(
        target.kind in (TargetKind.ROOM, TargetKind.SENDER)
        or (target.kind is TargetKind.UNREAD and action.channel == MAIL)
        or any(action.channel in {CONTACTS, *roster.people[id].contacts} for id in people_of(target, settings, roster))
        for target in action.targets
    )
