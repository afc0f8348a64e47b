"""The bot's side of the page on which an alert is acknowledged by link."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.chatops.asker import Asker, let_in
from bot.chatops.order import Order, carry_out
from bot.chatops.role import Roles
from bot.desk import Desk as Work
from bot.desk import due_at_once
from bot.engine import Engine
from bot.language import Words
from bot.link import is_linked, verb_of
from bot.refusal import DeniedError, RefusalError
from bot.store.checks import Check
from bot.store.record import AuditOutcome, NotificationRow
from bot.store.store import Tx
from bot.wording import title_of
from bot.wording.check import title_of_check
from bot.wording.fact import facts_of
from bot.wording.message import buttons_of
from bot.wording.name import channel_name, plain
from channels.base import APPRISE, MAIL
from channels.message import Fact, Verb
from escalation.alert import Alert, AlertStatus
from escalation.command import Purpose
from escalation.roster import Person
from escalation.target import Reached

VIA = "web"
WAYS = frozenset({APPRISE, "slack", "discord", MAIL})
"""Channels on which a person gets a button or link of their own."""
MOST_OF_ONE = 3
MOST_OF_ALL = 30
AGAIN_AFTER = timedelta(minutes=1)
_CLIMBING = frozenset({AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED})


class Asked(StrEnum):
    """What became of somebody's wish for their own link. ``NO_NEED``: the alert is taken, closed or silent."""

    SENT = "sent"
    TOO_MANY = "too_many"
    UNKNOWN = "unknown"
    NO_NEED = "no_need"


@dataclass(frozen=True, slots=True)
class Taking:
    """What the page shows. ``person`` is whose link it is; None for a room's: then ``people`` are those who can be sent
    their own, as (id, name). ``verb``: what the button does: take an alert, let a mail leave, confirm a contact."""

    title: str
    facts: tuple[Fact, ...]
    words: Words
    person: str | None = None
    name: str = ""
    can_take: bool = False
    verb: Verb = Verb.ACK
    people: tuple[tuple[str, str], ...] = ()


class TakeDesk:
    """``channels`` are those that the bot can send over. Every ``key`` was signed by Kidoku."""

    def __init__(self, engine: Engine, channels: Collection[str], language: str, zone: str, roles: Roles) -> None:
        self.engine = engine
        self.roles = roles
        self.ways = WAYS & frozenset(channels)
        self.language = language
        self.zone = zone

    async def taking(self, key: str) -> Taking | None:
        """None if there is no such notification or alert (any more), or its person is not in the settings any more."""
        async with self.engine.store.reading() as tx:
            check = await self._check(tx, key)
            found = await self._found(tx, key) if check is None else None
        if check is not None:
            return self._checking(*check)
        return None if found is None else self._taking(*found)

    async def _check(self, tx: Tx, key: str) -> tuple[Check, Person] | None:
        """The check that asks by this notification, and whom it asks."""
        row = await tx.notification(key)
        if row is None or row.purpose != Purpose.CHECK or not is_linked(row):
            return None
        one = await tx.check(json.loads(row.text)["id"])
        person = self.engine.rules.roster.people.get(one.person) if one else None
        return None if one is None or person is None else (one, person)

    def _checking(self, one: Check, person: Person) -> Taking:
        now = self.engine.clock.now()
        words = Words(person.language, person.zone, self.engine.clock.now)
        where = Fact(channel_name(one.channel, words), plain(one.address))
        return Taking(
            title=title_of_check(one, words, now),
            facts=(where, Fact(words.gettext("Answer until"), words.moment(one.ends_at, now))),
            words=words,
            person=person.id,
            name=words.name(person.name),
            can_take=one.is_open(now),
            verb=Verb.CONFIRM,
        )

    def _taking(self, row: NotificationRow, alert: Alert) -> Taking:
        now, roster = self.engine.clock.now(), self.engine.rules.roster
        person = roster.people.get(row.person or "")
        language, zone = (person.language, person.zone) if person else (self.language, self.zone)
        words = Words(language, zone, self.engine.clock.now)
        verb = verb_of(row)
        is_open = any(button.verb is verb for button in buttons_of(alert, words))
        reachable = () if person or not _climbs(alert, now) else self._reachable(words)
        return Taking(
            title=title_of(alert, words, roster, now),
            facts=facts_of(alert, words, roster, now),
            words=words,
            person=row.person,
            name=words.name(person.name) if person else "",
            can_take=person is not None and is_open,
            verb=verb,
            people=reachable,
        )

    def _reachable(self, words: Words) -> tuple[tuple[str, str], ...]:
        found = [(one.id, words.name(one.name)) for one in self.engine.rules.roster.people.values() if self._way(one)]
        return tuple(sorted(found, key=lambda one: one[1]))

    def _way(self, person: Person) -> tuple[str, str] | None:
        return next(((via, at) for via, at in person.contacts.items() if via in self.ways), None)

    async def _found(self, tx: Tx, key: str) -> tuple[NotificationRow, Alert] | None:
        row = await tx.notification(key)
        if row is None or row.alert_id is None or not is_linked(row):
            return None
        if row.person is not None and row.person not in self.engine.rules.roster.people:
            return None
        alert = (await tx.alerts([row.alert_id])).get(row.alert_id)
        return None if alert is None else (row, alert)

    async def take(self, key: str) -> str:
        """Acknowledge, approve or confirm for the person whose link it is, and what came of it in their words; "" for a
        link that is nobody's."""

        async def job(desk: Work) -> str:
            check = await self._check(desk.tx, key)
            if check is not None:
                return await self._confirm(desk, *check)
            found = await self._found(desk.tx, key)
            person = self.engine.rules.roster.people.get(found[0].person or "") if found else None
            if found is None or person is None:
                return ""
            asker = self._asker(person, VIA)
            verb = verb_of(found[0])
            try:
                let_in(asker, verb)
            except DeniedError as error:
                await desk.tx.add_audit(asker.entry(desk.now, verb, AuditOutcome.DENIED, str(found[1].id)))
                return str(error)
            return await carry_out(desk, Order(verb, found[1].id, person.id, VIA), self.zone, asker.words)

        return await self.engine.submit(job)

    def _asker(self, person: Person, via: str) -> Asker:
        role = self.roles.of(person.id, self.engine.rules.roster)
        return Asker(person, via, role, Words(person.language, person.zone, self.engine.clock.now), self.zone)

    async def _confirm(self, desk: Work, one: Check, person: Person) -> str:
        """As a press of the button does, where there is one."""
        asker = self._asker(person, one.channel)
        order = Order(Verb.CONFIRM, one.id, person.id, one.channel)
        try:
            let_in(asker, Verb.CONFIRM)
            return await carry_out(desk, order, self.zone, asker.words)
        except RefusalError as error:
            await desk.tx.add_audit(asker.entry(desk.now, Verb.CONFIRM, AuditOutcome.MISTAKEN))
            return asker.words.sentence(error.args[0])

    async def ask(self, key: str, who: str) -> Asked:
        """Send somebody their own link, where only they get it. A room's link proves nothing of whoever holds it, so it
        stops nothing: at worst a few people are told once more."""

        async def job(desk: Work) -> Asked:
            found = await self._found(desk.tx, key)
            person = self.engine.rules.roster.people.get(who)
            way = self._way(person) if person else None
            if found is None or found[0].person is not None or person is None or way is None:
                return Asked.UNKNOWN
            alert = (await desk.load([found[1].id]))[found[1].id]
            if not _climbs(alert, desk.now):
                return Asked.NO_NEED
            asked = [row for row in await desk.tx.notifications_of(alert.id) if row.key.startswith(f"{alert.id}.k")]
            if _is_too_many(asked, person.id, desk.now):
                return Asked.TOO_MANY
            to = Reached(person.id, *way, person.id)
            own = f"{alert.id}.k{len(asked) + 1}"
            desk.put(due_at_once(own, to, Purpose.STEP, desk.now, alert_id=alert.id))
            return Asked.SENT

        return await self.engine.submit(job)


def _climbs(alert: Alert, now: datetime) -> bool:
    """Whether a notification of it would still leave (``bot.outcome.is_wanted``)."""
    return alert.status in _CLIMBING and alert.snoozed_until is None


def _is_too_many(asked: list[NotificationRow], person: str, now: datetime) -> bool:
    own = [row for row in asked if row.person == person]
    is_soon = any(now - row.created_at < AGAIN_AFTER for row in own)
    return is_soon or len(own) >= MOST_OF_ONE or len(asked) >= MOST_OF_ALL
