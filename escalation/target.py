"""From what a step names to addresses that can be told, at the instant when it fires."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from escalation.alert import Alert
from escalation.contact import CONTACTS, Part, Way
from escalation.decided import Notified, Skipped, SkipReason
from escalation.fairness import Choice
from escalation.policy import MAIL, Action, Target, TargetKind
from escalation.receipt import Recipient
from escalation.roster import Person, Roster

UNREACHABLE = frozenset(
    {
        SkipReason.NO_CONTACT,
        SkipReason.NOBODY_ON_CALL,
        SkipReason.UNKNOWN_TARGET,
        SkipReason.OUTSIDE,
        SkipReason.QUIET_HOURS,
        SkipReason.MAIL_FAILED,
    }
)
"""Skips that mean that somebody should have been told; the others mean that there was no need."""
TROUBLE = UNREACHABLE - {SkipReason.QUIET_HOURS}
"""Skips that the administrators should know of: somebody's quiet hours are as they want them."""


class Reached(NamedTuple):
    """One address to tell; ``person`` may stand in for somebody on leave."""

    target: str
    channel: str
    address: str
    person: str | None = None
    stands_in_for: str | None = None
    choice: Choice | None = None


Found = Reached | Skipped


class Seek(NamedTuple):
    """How somebody is sought: over this channel, among these people, now. ``severity`` is None for what can't wait;
    ``part`` of the people's own ways, None for all of them."""

    channel: str
    roster: Roster
    now: datetime
    severity: str | None = None
    part: Part | None = None


def resolve(
    action: Action,
    alert: Alert | None,
    roster: Roster,
    now: datetime,
    *,
    severity: str | None = None,
    part: Part | None = None,
    turn: int = 0,
) -> tuple[Found, ...]:
    """Everyone whom this action tells, each address once, and everyone it can't or need not tell, with why.

    ``alert`` is None for an alarm about Kidoku itself, which has no readers. ``turn`` counts how often the step was
    tried before: people with several addresses on a channel are told at each in its turn.
    """
    found: dict[tuple[str, str], Found] = {}
    seek = Seek(action.channel, roster, now, severity, part)
    for target in action.targets:
        for one in _of(target, alert, seek):
            key = (one.channel, one.address) if isinstance(one, Reached) else (one.target, f"?{one.person}{one.reason}")
            found.setdefault(key, _at_turn(one, roster, turn))
    return tuple(found.values())


def _of(target: Target, alert: Alert | None, seek: Seek) -> Iterable[Found]:
    match target.kind:
        case TargetKind.ROOM:
            return (_room(target, seek),)
        case TargetKind.PERSON:
            return _person(target, target.name, seek)
        case TargetKind.TEAM:
            return _team(target, target.name, seek)
        case TargetKind.ROUND_ROBIN:
            return _in_turn(target, alert, seek)
        case TargetKind.ONCALL:
            return _on_call(target, seek)
        case TargetKind.SENDER:
            return _sender(target, alert.sent_by if alert else "", seek)
    return _unread(target, alert, seek)


def _at_turn(one: Found, roster: Roster, turn: int) -> Found:
    if isinstance(one, Skipped) or one.person is None:
        return one
    addresses = roster.people[one.person].addresses_on(one.channel) if one.person in roster.people else ()
    if len(addresses) < 2:
        return one
    return one._replace(address=addresses[turn % len(addresses)]) if one.address in addresses[:1] else one


def _room(target: Target, seek: Seek) -> Found:
    address = seek.roster.rooms.get(target.name, {}).get(seek.channel)
    if address is None:
        return Skipped(str(target), SkipReason.UNKNOWN_TARGET)
    return Reached(str(target), seek.channel, address)


def _person(target: Target, id: str, seek: Seek) -> Iterator[Found]:
    """A person, or whoever is told in their place."""
    told = seek.roster.stand_in(id, seek.now)
    yield from _told(target, told, seek, None if told == id else id)


def _told(target: Target, id: str, seek: Seek, stands_in_for: str | None = None) -> Iterator[Found]:
    person = seek.roster.people.get(id)
    if person is None:
        yield Skipped(str(target), SkipReason.UNKNOWN_TARGET, id)
        return
    due, is_later = _ways(person, seek)
    open_ways = [way for way in due if not person.is_silent(way.channel, seek.severity, seek.now)]
    for way in open_ways:
        yield Reached(str(target), way.channel, way.address, id, stands_in_for)
    if due and not open_ways:
        yield Skipped(str(target), SkipReason.QUIET_HOURS, id, stands_in_for)
    elif not due:
        reason = SkipReason.NO_NEW_WAY if is_later else SkipReason.NO_CONTACT
        yield Skipped(str(target), reason, id, stands_in_for)


def _ways(person: Person, seek: Seek) -> tuple[list[Way], bool]:
    """The ways to use now; and whether this person has any at another time."""
    if seek.channel != CONTACTS:
        address = person.contacts.get(seek.channel)
        return [] if address is None else [Way(seek.channel, address)], False
    part = seek.part or Part(seek.now)
    ways = person.ways(seek.roster.is_urgent(seek.severity), part.since)
    return [way for way in ways if part.holds(way)], bool(ways)


def _team(target: Target, id: str, seek: Seek) -> Iterator[Found]:
    members = seek.roster.teams.get(id)
    if not members:
        yield Skipped(str(target), SkipReason.UNKNOWN_TARGET)
        return
    for member in members:
        yield from _person(target, member, seek)


def _in_turn(target: Target, alert: Alert | None, seek: Seek) -> Iterator[Found]:
    """The member whose turn it is: the first that can be told. Those on leave only where there is nobody else."""
    just_told = {one.person for one in alert.current if one.person} if alert else set[str]()
    members = seek.roster.in_turn(target.name, just_told)
    away = [one for one in members if seek.roster.is_away(one, seek.now)]
    if not members:
        yield Skipped(str(target), SkipReason.UNKNOWN_TARGET)
    waiting = sorted(members, key=away.__contains__)
    while waiting:
        one = waiting.pop(0)
        rest = [other for other in waiting if (other in away) is (one in away)]
        why = seek.roster.choice(target.name, one, rest, just_told)
        found = list(_person(target, one, seek))
        yield from (told._replace(choice=why) if isinstance(told, Reached) else told for told in found)
        if any(isinstance(told, Reached) for told in found):
            break
    if len(away) < len(members):
        yield from (Skipped(str(target), SkipReason.ON_LEAVE, one) for one in waiting if one in away)


def turn_of(one: Reached | Notified) -> dict[str, str]:
    """Whose turn in which team this was; empty if it was nobody's."""
    target = Target.parse(one.target)
    member = one.stands_in_for or one.person
    return {target.name: member} if target.kind is TargetKind.ROUND_ROBIN and member else {}


def _on_call(target: Target, seek: Seek) -> Iterator[Found]:
    """Nobody who is on leave is on call: a schedule has stepping in of its own."""
    holders = seek.roster.on_call(target.name, seek.now)
    if not holders:
        yield Skipped(str(target), SkipReason.NOBODY_ON_CALL)
    for one in holders:
        yield from _told(target, one, seek)


def _sender(target: Target, sent_by: str, seek: Seek) -> Iterable[Found]:
    """Whoever sent the mail; somebody who is nobody in the settings has only their address."""
    if sent_by in seek.roster.people:
        return _person(target, sent_by, seek)
    if seek.channel in (MAIL, CONTACTS) and "@" in sent_by:
        is_now = seek.part is None or seek.part.holds(Way(MAIL, sent_by))
        return (Reached(str(target), MAIL, sent_by) if is_now else Skipped(str(target), SkipReason.NO_NEW_WAY),)
    return (Skipped(str(target), SkipReason.NO_CONTACT if sent_by else SkipReason.UNKNOWN_TARGET),)


def _unread(target: Target, alert: Alert | None, seek: Seek) -> Iterator[Found]:
    if alert is None or not alert.recipients:
        yield Skipped(str(target), SkipReason.UNKNOWN_TARGET)
        return
    for recipient in alert.recipients:
        if alert.has_read(recipient):
            yield Skipped(str(target), SkipReason.HAS_READ, recipient.id)
        elif seek.channel == MAIL and recipient.address:
            yield reminder(target, recipient, alert, seek)
        else:
            yield from of_recipient(target, recipient, seek)


def reminder(target: Target, recipient: Recipient, alert: Alert, seek: Seek) -> Found:
    """By mail, to where the mail itself went, if it gets there; within the policy's bounds."""
    if alert.is_failing(recipient):
        return Skipped(str(target), SkipReason.MAIL_FAILED, recipient.id)
    if recipient.reminders >= alert.policy.remind_most:
        return Skipped(str(target), SkipReason.REMINDED_ENOUGH, recipient.id)
    if recipient.reminded_at is not None and seek.now - recipient.reminded_at < alert.policy.remind_every:
        return Skipped(str(target), SkipReason.TOO_SOON, recipient.id)
    person = recipient.id if recipient.id in seek.roster.people else None
    return Reached(str(target), MAIL, recipient.address, person)


def of_recipient(target: Target, recipient: Recipient, seek: Seek) -> Iterable[Found]:
    """Where this recipient is on a channel; a team is each of its members."""
    if recipient.is_team:
        return _team(target, recipient.id, seek)
    if recipient.address and recipient.id not in seek.roster.people:
        return (Skipped(str(target), SkipReason.OUTSIDE, recipient.id),)
    return _person(target, recipient.id, seek)
