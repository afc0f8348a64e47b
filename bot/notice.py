"""What is told around a shift, by way of the outbox: to a person over a contact that wakes nobody, or to a room.

1. A notice's key follows from what it is about: the same notice is the same row, after a restart too.
2. A person who can't be told over one contact (refused for ever, or late by a minute) is told over the next as well.
3. What reaches nobody in the end is told to the administrators.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.desk import Desk, due_at_once
from bot.store.record import NotificationRow, NotificationState
from escalation.command import AlarmKind, Purpose
from escalation.phrase import Phrase
from escalation.policy import Action
from escalation.target import Reached, resolve

log = structlog.get_logger(__name__)

NEXT = "x"
"""What the key of the next contact's row ends with, once more for each that failed."""
MOST_CONTACTS = 4

Notice = Mapping[str, object]
"""What a row's text holds, as JSON: ``kind``, and what that needs."""


def key_of(letter: str, *about: object) -> str:
    """A key for a notice about these values."""
    return letter + hashlib.sha256(repr(about).encode()).hexdigest()[:16]


def all_keys(key: str) -> list[str]:
    """The keys that one notice to one person may have."""
    return [key + NEXT * number for number in range(MOST_CONTACTS)]


def tell_person(desk: Desk, key: str, person: str, notice: Notice) -> None:
    """Tell somebody over the first of their contacts."""
    known = desk.rules.roster.people.get(person)
    if known is None or not known.calm_contacts:
        log.warning("Somebody has no contact for what is told around a shift", person=person, key=key)
        return
    channel, address = known.calm_contacts[0]
    desk.put(due_at_once(key, Reached(person, channel, address, person), Purpose.DUTY, desk.now, json.dumps(notice)))


def tell_all(desk: Desk, key: str, actions: tuple[Action, ...], at: datetime, notice: Notice) -> None:
    """Tell those whom the settings name; ``oncall:`` is whoever is on call at ``at``."""
    found = [one for action in actions for one in resolve(action, None, desk.rules.roster, at)]
    for number, one in enumerate(found):
        if isinstance(one, Reached):
            desk.put(due_at_once(f"{key}.{number}", one, Purpose.DUTY, desk.now, json.dumps(notice)))
        else:
            log.warning("Somebody can't be told of a handoff", target=one.target, reason=one.reason)


async def settled(desk: Desk, after: NotificationRow, before: NotificationRow) -> None:
    """A try had an outcome: where it reached nobody, the next contact is told in the same transaction."""
    is_rejected = after.state is NotificationState.REJECTED
    if not is_rejected and (before.is_stalled or not after.is_stalled):
        return
    following = _next_contact(desk, after)
    if following is not None:
        desk.put(due_at_once(after.key + NEXT, following, Purpose.DUTY, desk.now, after.text))
    elif is_rejected:
        detail = Phrase("%(channel)s → %(target)s: %(reason)s", **_failure(after))
        await desk.alarm(AlarmKind.CHANNEL_DOWN, detail, f"notice:{after.channel}:{after.target}:{desk.now.date()}")


def _failure(row: NotificationRow) -> dict[str, str]:
    return {"channel": row.channel, "target": row.target, "reason": row.detail}


def _next_contact(desk: Desk, row: NotificationRow) -> Reached | None:
    person = desk.rules.roster.people.get(row.person) if row.person else None
    ways = [] if person is None else [channel for channel, _ in person.calm_contacts]
    if person is None or row.channel not in ways[:-1]:
        return None
    channel, address = person.calm_contacts[ways.index(row.channel) + 1]
    return Reached(row.target, channel, address, person.id)
