"""Warnings about how people want to be told: hours in which what is urgent does not wake them, or reaches nobody."""

from collections.abc import Iterator

from bot.settings.build import Settings
from bot.settings.contact_shape import Matter
from bot.settings.places import steps
from bot.settings.policy_shape import StepShape
from bot.settings.problem import Fault
from bot.settings.warn_people import people_of
from escalation.contact import CONTACTS, DISTURBING, Quiet, is_at_least
from escalation.phrase import N_, Phrase
from escalation.policy import Target, TargetKind
from escalation.roster import Roster


def contact_warnings(settings: Settings) -> Iterator[Fault]:
    """What is odd in people's orders, quiet hours and delegates."""
    roster = settings.roster()
    yield from _circles(roster)
    for id, person in settings.document.people.items():
        for number, order in enumerate(person.contacts_when):
            if order.matter is not Matter.ORDINARY and not DISTURBING & {way.via for way in order.ways}:
                values = {"person": id, "when": order.when}
                message = Phrase("nothing urgent wakes %(person)s in these hours (%(when)s)", **values)
                fix = Phrase("add phone, or write for: ordinary")
                yield Fault(("people", id, "contacts_when", number), message, fix, is_warning=True)
    for name, policy in settings.document.policies.items():
        severities = [rule.severity for rule in settings.document.rules if rule.policy == name]
        for loc, step in steps(name, policy):
            quiet = None if step.otherwise else _alone_in_quiet(step, settings, roster)
            if quiet is not None and not all(is_at_least(one, quiet[1].broken_by) for one in severities):
                form = N_("in the quiet hours of %(person)s this step tells nobody of what is not %(severity)s")
                values = {"person": quiet[0], "severity": quiet[1].broken_by}
                fix = Phrase("add else: with somebody or some channel that they do not silence")
                yield Fault((*loc, "to"), Phrase(form, **values), fix, is_warning=True)


def _circles(roster: Roster) -> Iterator[Fault]:
    """Delegates who stand in for each other: told once for each circle, at the first of it."""
    told = set[str]()
    for id in roster.people:
        passed = [id]
        while (following := roster.people[passed[-1]].delegate) and following not in passed:
            passed.append(following)
        if following == id and not told & set(passed):
            told |= set(passed)
            message = Phrase("these stand in for each other: %(people)s", people=" → ".join((*passed, id)))
            fix = Phrase("see that they are not all on leave at once: then each is told themselves")
            yield Fault(("people", id, "delegate"), message, fix, is_warning=True)


def _alone_in_quiet(step: StepShape, settings: Settings, roster: Roster) -> tuple[str, Quiet] | None:
    """The one person whom this step tells, if their quiet hours may silence it."""
    targets = [Target.parse(text) for text in step.to]
    people = {id for target in targets for id in people_of(target, settings, roster)}
    if len(people) != 1 or any(target.kind in (TargetKind.ROOM, TargetKind.SENDER) for target in targets):
        return None
    (id,) = people
    quiet = roster.people[id].quiet
    return (id, quiet) if quiet is not None and _is_silent(step.via, id, quiet, roster) else None


def _is_silent(via: str, id: str, quiet: Quiet, roster: Roster) -> bool:
    if via != CONTACTS:
        return via in quiet.channels
    found = [order.ways for order in roster.people[id].orders] or [()]
    return any(all(way.channel in quiet.channels for way in ways) for ways in found)
