"""From what a step names to addresses that can be told, at the instant when it fires."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from escalation.alert import Alert
from escalation.event import Skipped, SkipReason
from escalation.policy import MAIL, Action, Target, TargetKind
from escalation.receipt import Recipient
from escalation.roster import Roster

UNREACHABLE = frozenset(
    {SkipReason.NO_CONTACT, SkipReason.NOBODY_ON_CALL, SkipReason.UNKNOWN_TARGET, SkipReason.OUTSIDE}
)
"""Skips that mean trouble; the others mean that there was no need."""


class Reached(NamedTuple):
    """One address to tell."""

    target: str
    channel: str
    address: str
    person: str | None = None


Found = Reached | Skipped


def resolve(action: Action, alert: Alert | None, roster: Roster, now: datetime) -> tuple[Found, ...]:
    """Everyone whom this action tells, each address once, and everyone it can't or need not tell, with why.

    ``alert`` is None for an alarm about Kidoku itself, which has no readers.
    """
    found: dict[tuple[str, str], Found] = {}
    for target in action.targets:
        for one in _of(target, action.channel, alert, roster, now):
            key = ("to", one.address) if isinstance(one, Reached) else (one.target, f"{one.person}{one.reason}")
            found.setdefault(key, one)
    return tuple(found.values())


def _of(target: Target, channel: str, alert: Alert | None, roster: Roster, now: datetime) -> Iterable[Found]:
    match target.kind:
        case TargetKind.ROOM:
            return (_room(target, channel, roster),)
        case TargetKind.PERSON:
            return (_person(target, target.name, channel, roster),)
        case TargetKind.TEAM:
            return _team(target, target.name, channel, roster)
        case TargetKind.ONCALL:
            return _on_call(target, channel, roster, now)
        case TargetKind.SENDER:
            return (_sender(target, channel, alert.sent_by if alert else "", roster),)
    return _unread(target, channel, alert, roster, now)


def _room(target: Target, channel: str, roster: Roster) -> Found:
    address = roster.rooms.get(target.name, {}).get(channel)
    if address is None:
        return Skipped(str(target), SkipReason.UNKNOWN_TARGET)
    return Reached(str(target), channel, address)


def _person(target: Target, id: str, channel: str, roster: Roster) -> Found:
    person = roster.people.get(id)
    if person is None:
        return Skipped(str(target), SkipReason.UNKNOWN_TARGET, id)
    address = person.contacts.get(channel)
    if address is None:
        return Skipped(str(target), SkipReason.NO_CONTACT, id)
    return Reached(str(target), channel, address, id)


def _team(target: Target, id: str, channel: str, roster: Roster) -> Iterator[Found]:
    members = roster.teams.get(id)
    if not members:
        yield Skipped(str(target), SkipReason.UNKNOWN_TARGET)
        return
    for member in members:
        yield _person(target, member, channel, roster)


def _on_call(target: Target, channel: str, roster: Roster, now: datetime) -> Iterable[Found]:
    holders = roster.on_call(target.name, now)
    if not holders:
        return (Skipped(str(target), SkipReason.NOBODY_ON_CALL),)
    return (_person(target, one, channel, roster) for one in holders)


def _sender(target: Target, channel: str, sent_by: str, roster: Roster) -> Found:
    """Whoever sent the mail; somebody who is nobody in the settings has only their address."""
    if sent_by in roster.people:
        return _person(target, sent_by, channel, roster)
    if channel == MAIL and "@" in sent_by:
        return Reached(str(target), MAIL, sent_by)
    return Skipped(str(target), SkipReason.NO_CONTACT if sent_by else SkipReason.UNKNOWN_TARGET)


def _unread(target: Target, channel: str, alert: Alert | None, roster: Roster, now: datetime) -> Iterator[Found]:
    if alert is None or not alert.recipients:
        yield Skipped(str(target), SkipReason.UNKNOWN_TARGET)
        return
    for recipient in alert.recipients:
        if alert.has_read(recipient):
            yield Skipped(str(target), SkipReason.HAS_READ, recipient.id)
        elif channel == MAIL and recipient.address:
            yield _reminder(target, recipient, alert, roster, now)
        else:
            yield from of_recipient(target, recipient, channel, roster)


def _reminder(target: Target, recipient: Recipient, alert: Alert, roster: Roster, now: datetime) -> Found:
    """By mail, to where the mail itself went; within the policy's bounds."""
    if recipient.reminders >= alert.policy.remind_most:
        return Skipped(str(target), SkipReason.REMINDED_ENOUGH, recipient.id)
    if recipient.reminded_at is not None and now - recipient.reminded_at < alert.policy.remind_every:
        return Skipped(str(target), SkipReason.TOO_SOON, recipient.id)
    person = recipient.id if recipient.id in roster.people else None
    return Reached(str(target), MAIL, recipient.address, person)


def of_recipient(target: Target, recipient: Recipient, channel: str, roster: Roster) -> Iterable[Found]:
    """Where this recipient is on a channel; a team is each of its members."""
    if recipient.is_team:
        return _team(target, recipient.id, channel, roster)
    if recipient.address and recipient.id not in roster.people:
        return (Skipped(str(target), SkipReason.OUTSIDE, recipient.id),)
    return (_person(target, recipient.id, channel, roster),)
