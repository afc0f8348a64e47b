"""Somebody's own page: gathers what stands on it, as of now. ``bot/wording/home.py`` puts it into words.

1. It is made for whoever opens it, when they do; nothing makes it anew by itself.
2. An alert is theirs if they are to read it, have taken, sent or may approve it, or were told of it and nobody has it.
3. Only what they may do is offered.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.chatops.asker import Asker
from bot.chatops.role import may
from bot.confirm import contacts_of
from bot.doctor import Address, Known, findings_at
from bot.known import known_of
from bot.store.store import Tx
from bot.wanted import MOST_LISTED, OPEN, Wanted
from bot.wording.home import Contact, Duty, Page, word_home
from bot.wording.message import buttons_of
from channels.home import Home
from channels.message import Button, Verb
from escalation.alert import Alert, AlertStatus
from escalation.handoff import FAR
from escalation.roster import Person, Roster
from escalation.rotation import Role
from escalation.schedule import shifts, spans

SHIFTS_AHEAD = timedelta(days=14)
_OFFERED = (Verb.ACK, Verb.APPROVE, Verb.RESOLVE)
"""One button a line: the first of these that an alert takes now."""


async def home_of(
    tx: Tx, asker: Asker, roster: Roster, now: datetime, confirmed_for: timedelta, note: str = ""
) -> Home:
    """The page of somebody of the settings. ``confirmed_for``: how long a confirmation lasts."""
    person = asker.person
    alerts = await tx.list_alerts(statuses=OPEN, limit=MOST_LISTED)
    told = await tx.alerts_told(person.id, [one.id for one in alerts])
    known = await known_of(tx, [person.id], confirmed_for, now)
    page = Page(
        unread=tuple(one for one in alerts if _is_unread(one, person, roster, told)),
        others=tuple(one for one in alerts if _is_theirs(one, person) and not _is_unread(one, person, roster, told)),
        buttons={one.id: button for one in alerts if (button := _button(one, asker)) is not None},
        shifts=tuple(sorted(duties_of(person, roster, now), key=lambda one: one.start)),
        contacts=contacts_shown(person, known, now),
        is_code_awaited=bool(await tx.open_checks(person.id, now)),
    )
    return word_home(page, asker.person, roster, asker.words, now, note)


def _is_unread(alert: Alert, person: Person, roster: Roster, told: set[int]) -> bool:
    own = alert.recipient(person.id)
    if own is not None:
        return alert.status is not AlertStatus.HELD and not alert.has_read(own) and person.id not in alert.taken_by
    if alert.status not in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED):
        return False
    teams = (one.id for one in alert.recipients if one.is_team)
    return alert.id in told or any(person.id in roster.teams.get(team, ()) for team in teams)


def _is_theirs(alert: Alert, person: Person) -> bool:
    return Wanted(person=person.id).takes(alert) or person.id in alert.approvers


def _button(alert: Alert, asker: Asker) -> Button | None:
    """What somebody may do with it. It can be approved by whom the settings name."""
    offered = {one.verb: one for one in buttons_of(alert, asker.words)}
    if asker.id not in alert.approvers:
        offered.pop(Verb.APPROVE, None)
    return next((offered[verb] for verb in _OFFERED if verb in offered and may(asker.role, verb)), None)


def duties_of(person: Person, roster: Roster, now: datetime) -> Iterator[Duty]:
    """The shifts that have begun, and those that begin soon, in whatever role."""
    last, far = now + SHIFTS_AHEAD, now + FAR
    for schedule in roster.schedules.values():
        for role in (one for one in Role if one in schedule.roles):
            found = spans(shifts(schedule, now, far, role), far)
            own = ((start, end) for who, start, end in found if who == person.id and start < last)
            yield from (Duty(start, end if end < far else None, schedule.id, role) for start, end in own)


def contacts_shown(person: Person, known: Known, now: datetime) -> tuple[Contact, ...]:
    """How somebody is reached, and how each contact stands."""
    return tuple(_contact(person, to, known) for to in _ways(person, now))


def _ways(person: Person, now: datetime) -> list[Address]:
    """Their contacts in the order in which they are told of what is urgent now, then the others."""
    first = [(way.channel, way.address) for way in person.ways(True, now)]
    known = contacts_of(person)
    return list(dict.fromkeys(one for one in (*first, *known) if one in known))


def _contact(person: Person, to: Address, known: Known) -> Contact:
    until = known.confirmed_until.get((person.id, *to))
    return Contact(to, until, findings_at(person.id, to, known))
