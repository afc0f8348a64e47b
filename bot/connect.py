"""Whoever took an alert on the phone is connected with the sender of its mail.

1. A sender's number stands in the settings: under their address, as that of a person who has it, or under their domain.
   A mail only chooses among these; what it says, and the name that it gives its sender, is never dialled or said there.
2. Before it rings there is a row for this call, a line in the alert's story and one in the audit trail. The same call,
   asked for again, is one.
3. It changes nothing about how an alert stands, or who has it.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from bot.chatops.asker import Asker
from bot.desk import PRIORITY, Desk
from bot.engine import Engine
from bot.language import Words
from bot.outcome import ended
from bot.refusal import BadArgumentError
from bot.settings import Settings
from bot.store.record import AuditOutcome, NotificationRow, NotificationState
from bot.wording.connect import word_line, word_whisper
from bot.wording.name import plain
from bot.wording.speech import NO_DIGITS
from channels.base import PHONE
from channels.inbox import LegReport, SenderCall, SenderLine, Whisper
from channels.twilio.config import ConnectSettings
from escalation.alert import Alert
from escalation.command import Purpose
from escalation.event import Outcome, SenderCalled
from escalation.roster import Person, Roster

VERB = "connect"
MOST_CALLS = 10
"""To the sender of one alert's mail, whoever asks for them."""
FIRST_ASK = timedelta(seconds=15)
"""After it has rung there for as long as it may; usually Twilio has told by then."""
_DIGITS = "123"


def digit_beside(digits: str) -> str:
    """Not the key that took it, nor the other one: somebody in haste may press that twice."""
    return next(one for one in _DIGITS if one not in digits)


class Callee(NamedTuple):
    """Who is rung. ``id`` is what the alert's story keeps: a person's id, or the name of the settings."""

    id: str
    number: str
    language: str
    person: Person | None = None
    name: str = ""

    def said(self, words: Words) -> str:
        return words.name(plain(self.person.name)) if self.person is not None else plain(self.name)


def open_senders(settings: Settings, engine: Engine) -> "Senders | None":
    """None where nobody can be connected."""
    twilio = settings.twilio
    if twilio is None or twilio.connect is None:
        return None
    return Senders(engine, twilio.connect, twilio.all_numbers, settings.language, settings.zone)


class Senders:
    """``ours`` are the numbers that Kidoku calls from; ``language`` and ``zone`` are for whoever has none of their
    own."""

    def __init__(
        self, engine: Engine, settings: ConnectSettings, ours: Collection[str], language: str, zone: str
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._ours = ours
        self._language = language
        self._zone = zone

    async def line(self, key: str) -> SenderLine | None:
        """With whom whoever heard this notification may be connected, if with anybody."""
        async with self._engine.store.reading() as tx:
            row = await tx.notification(key)
            alerts = await tx.alerts([row.alert_id]) if row is not None and row.alert_id is not None else {}
        alert = alerts.get(row.alert_id) if row is not None and row.alert_id is not None else None
        roster = self._engine.rules.roster
        callee = self._callee(alert, row, roster) if row is not None and alert is not None else None
        if row is None or callee is None:
            return None
        person = roster.people.get(row.person or "")
        words = self._words(person.language if person else "")
        return word_line(callee.number, callee.said(words), digit_beside(row.digits or NO_DIGITS), words)

    async def ring(self, desk: Desk, call: SenderCall, asker: Asker) -> str:
        """Keep that the sender is rung. Raises BadArgumentError, worded: nobody may be rung."""
        row = await desk.tx.notification(call.key)
        alert = (await desk.load([row.alert_id])).get(row.alert_id) if row is not None and row.alert_id else None
        callee = self._callee(alert, row, desk.rules.roster) if row is not None and alert is not None else None
        if alert is None or callee is None:
            raise BadArgumentError(asker.words.gettext("There is nobody to call."))
        if asker.id not in alert.taken_by:
            raise BadArgumentError(asker.words.gettext("The mail is not yours any more. Nobody was called."))
        calls = [one for one in await desk.tx.notifications_of(alert.id) if one.purpose == Purpose.CONNECTED]
        if len(calls) >= MOST_CALLS:
            raise BadArgumentError(asker.words.gettext("The sender was called too often about this mail."))
        desk.put(self._row(call, alert, callee, asker, desk))
        entry = asker.entry(desk.now, VERB, AuditOutcome.DONE)
        await desk.tx.add_audit(replace(entry, alert_id=alert.id))
        await desk.feed(alert.id, SenderCalled(asker.id, callee.id))
        return ""

    def _row(self, call: SenderCall, alert: Alert, callee: Callee, asker: Asker, desk: Desk) -> NotificationRow:
        """It has left already: nothing is to be done with it but to ask what became of it, and what it cost."""
        return NotificationRow(
            key=call.id,
            alert_id=alert.id,
            channel=PHONE,
            address=callee.number,
            target=callee.id,
            person=asker.id,
            purpose=Purpose.CONNECTED,
            priority=PRIORITY[Purpose.CONNECTED],
            due_at=desk.now,
            created_at=desk.now,
            sent_at=desk.now,
            state=NotificationState.SENT,
            outcome=Outcome.SENT,
            follow_at=desk.now + self._settings.ring + FIRST_ASK,
            ref=dict(call.ref),
        )

    async def whisper(self, id: str) -> Whisper | None:
        """Who calls, in the language of the one who is rung."""
        async with self._engine.store.reading() as tx:
            row = await tx.notification(id)
            alerts = await tx.alerts([row.alert_id]) if row is not None and row.alert_id is not None else {}
        roster = self._engine.rules.roster
        caller = roster.people.get(row.person or "") if row is not None else None
        if row is None or caller is None or row.purpose != Purpose.CONNECTED:
            return None
        found = [self._at(alert.mail.sender, roster) for alert in alerts.values()]
        return word_whisper(caller.name, self._words(next((one.language for one in found if one), "")))

    async def leg(self, report: LegReport) -> bool:
        """Keep how the call to a sender goes; True while it is under way. Its end counts once."""
        return await self._engine.submit(lambda desk: _heard(desk, report))

    # Who it is ------------------------------------------------------------------------------------------------------

    def _callee(self, alert: Alert, row: NotificationRow, roster: Roster) -> Callee | None:
        """Nobody calls themselves, and nobody is called about a mail that there is not."""
        found = None if alert.is_exercise else self._at(alert.mail.sender, roster)
        person = roster.people.get(row.person or "")
        own = (row.address, *(person.addresses_on(PHONE) if person is not None else ()))
        return None if found is None or found.number in own else found

    def _at(self, address: str, roster: Roster) -> Callee | None:
        """Whom the settings have under this address (rule 1)."""
        address = address.lower()
        own, domain = self._named(address), self._named("@" + address.rpartition("@")[2])
        person = roster.person_of(address) if self._settings.people and address else None
        number = person.contacts.get(PHONE) if person is not None else None
        if own is None and person is not None and number is not None and number not in self._ours:
            return Callee(person.id, number, person.language, person)
        return own or domain

    def _named(self, name: str) -> Callee | None:
        found = self._settings.senders.get(name)
        return None if found is None else Callee(found.name, found.phone, found.language or "", name=found.name)

    def _words(self, language: str) -> Words:
        return Words(language or self._language, self._zone)


async def _heard(desk: Desk, report: LegReport) -> bool:
    row = (await desk.tx.by_key([report.id])).get(report.id)
    if row is None or row.purpose != Purpose.CONNECTED or row.alert_id is None:
        return False
    known = row._replace(ref={**row.ref, **report.ref})
    if row.state is NotificationState.ENDED:
        # Whoever asks for the price must know the call.
        if known.ref != row.ref:
            desk.settle(known, row)
        return False
    if report.outcome is None:
        desk.settle(known, row)
        return True
    length = {"seconds": str(report.seconds)} if report.seconds else {}
    over = ended(known, report.outcome, "", desk.now)
    desk.settle(over._replace(ref={**known.ref, **length}), row)
    await desk.feed(row.alert_id, of_end(row, report.outcome, length))
    return False


def of_end(row: NotificationRow, outcome: Outcome, cost: Mapping[str, str]) -> SenderCalled:
    """What the alert is told of the end of a call to its sender."""
    return SenderCalled(row.person or "", row.target, outcome, int(cost.get("seconds", "0")))
