"""Somebody rings us: their PIN, and what they hear then.

1. A forged caller id is no proof: only the PIN says who it is. Its number gives the language it is asked for in.
2. A wrong PIN is counted before the next is asked for, for its number and for all numbers, and the count outlives a
   restart. Too many from one number: it is not heard. Too many from all: only numbers of the people are heard, each
   for its own person's PIN; the administrators are told once a day.
3. What is told is written down when the PIN is right, under keys that follow from the call: the same entry again, after
   a restart too, tells the same and counts once.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk
from bot.engine import Engine
from bot.language import Words
from bot.outcome import ended
from bot.settings import Settings
from bot.store.record import AuditEntry, AuditOutcome, NotificationRow, NotificationState
from bot.store.store import Tx
from bot.wanted import MOST_LISTED
from bot.wording import call_in as wording
from channels.base import PHONE
from channels.inbox import Admission, Door, PinEntry
from channels.twilio.pin import Pins
from escalation.alert import Alert, AlertStatus
from escalation.command import AlarmKind, Purpose
from escalation.contact import SEVERITIES
from escalation.event import Outcome
from escalation.phrase import Phrase
from escalation.roster import Person

log = structlog.get_logger(__name__)

MOST_WRONG = 6
"""Wrong PINs from one number within ``WITHIN``; two calls' worth."""
MOST_WRONG_OF_ALL = 20
WITHIN = timedelta(hours=1)
MOST_WRONG_A_DAY = 18
MOST_WRONG_OF_ALL_A_DAY = 40
"""Whoever tries fewer an hour, hour after hour, must not find a PIN either: at this pace six digits take years."""
DAY = timedelta(days=1)
VERB = "call_in"
_WRONG = "wrong-pin"
_OF_ONE = ((WITHIN, MOST_WRONG), (DAY, MOST_WRONG_A_DAY))
_OF_ALL = ((WITHIN, MOST_WRONG_OF_ALL), (DAY, MOST_WRONG_OF_ALL_A_DAY))
_WAITING = frozenset({AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED})


def open_call_in(settings: Settings, engine: Engine) -> "CallIn | None":
    """None where nobody can ring us."""
    call_in = settings.twilio.call_in if settings.twilio is not None else None
    if call_in is None:
        return None
    return CallIn(engine, Pins(call_in.by_person()), Words(settings.language, settings.zone, engine.clock.now))


class CallIn:
    """What the bot says and does when somebody rings. ``words`` are for numbers that nobody has."""

    def __init__(self, engine: Engine, pins: Pins, words: Words) -> None:
        self._engine = engine
        self._pins = pins
        self._usual = words

    async def rung(self, number: str) -> Admission:
        """Ask for the PIN, unless too many were wrong."""
        person, now = self._person_at(number), self._engine.clock.now()
        async with self._engine.store.reading() as tx:
            among = await self._heard(tx, number, person, now)
        words = self._words(person)
        if among is not None and not among:
            return _said(Door.SHUT, words, wording.not_heard(words))
        return _said(Door.ASKED, words, wording.ask_pin(words))

    async def enter(self, entry: PinEntry) -> Admission:
        """A PIN was typed: tell what is unread, or ask again."""
        return await self._engine.submit(lambda desk: self._enter(desk, entry))

    async def _enter(self, desk: Desk, entry: PinEntry) -> Admission:
        caller = self._person_at(entry.number)
        try_id = f"{entry.call}.{entry.turn}"
        among = await self._heard(desk.tx, entry.number, caller, desk.now, but=try_id)
        words = self._words(caller)
        if among is not None and not among:
            return _said(Door.SHUT, words, wording.not_heard(words))
        owner = desk.rules.roster.people.get(self._pins.owner(entry.pin, among))
        if owner is None:
            await self._wrong(desk, entry, try_id, caller)
            return _said(Door.WRONG, words, wording.wrong_pin(words))
        if await desk.tx.first_time(VERB, entry.call, desk.now):
            await desk.tx.add_audit(_entry(desk.now, owner.id, AuditOutcome.DONE))
        return await self._told(desk, entry, owner)

    # Who is heard ---------------------------------------------------------------------------------------------------

    async def _heard(
        self, tx: Tx, number: str, person: Person | None, now: datetime, but: str = ""
    ) -> Collection[str] | None:
        """Whose PIN this number may enter now: None for anybody's, empty for nobody's. ``but``: a try that came before
        is no further one."""
        if await _are_too_many(tx, _kind(number), _OF_ONE, now, but):
            return ()
        if not await _are_too_many(tx, _WRONG, _OF_ALL, now, but):
            return None
        return (person.id,) if person is not None else ()

    async def _wrong(self, desk: Desk, entry: PinEntry, try_id: str, caller: Person | None) -> None:
        if not await desk.tx.first_time(_WRONG, try_id, desk.now):
            return
        await desk.tx.first_time(_kind(entry.number), try_id, desk.now)
        log.warning("A wrong PIN was entered", person=caller.id if caller else "", turn=entry.turn)
        who = caller.id if caller else f"{PHONE}:{entry.number}"
        await desk.tx.add_audit(_entry(desk.now, who, AuditOutcome.STRANGER))
        of_all = await _are_too_many(desk.tx, _WRONG, _OF_ALL, desk.now)
        if of_all or await _are_too_many(desk.tx, _kind(entry.number), _OF_ONE, desk.now):
            detail = Phrase("%(n)s in a day", n=str(await desk.tx.count_times(_WRONG, desk.now - DAY)))
            await desk.alarm(AlarmKind.WRONG_PINS, detail, f"call-in:{desk.now.date()}")

    # What they hear -------------------------------------------------------------------------------------------------

    async def _told(self, desk: Desk, entry: PinEntry, owner: Person) -> Admission:
        words = self._words(owner)
        rows = await _rows_of(desk.tx, entry.call)
        own, others = await self._waiting(desk, owner)
        if not rows:
            rows = _rows(own or others, entry, owner, desk)
            for row in rows:
                desk.put(row)
        text = wording.welcome(owner, len(own), len(others), words)
        if not rows:
            return _said(Door.OPEN, words, text)
        offered = wording.offer(rows[0].digits[0], words) if len(rows) > 1 else ""
        return _said(Door.OPEN, words, text, rows[0].key, offered)

    async def _waiting(self, desk: Desk, owner: Person) -> tuple[list[Alert], list[Alert]]:
        """What they have not read, and all that waits for somebody; the most urgent first, then the oldest."""
        found = await desk.tx.list_alerts(statuses=_WAITING, limit=MOST_LISTED)
        waiting = [one for one in found if one.snoozed_until is None or one.snoozed_until <= desk.now]
        waiting.sort(key=lambda one: (_rank(one.severity), one.opened_at, one.id))
        roster = desk.rules.roster
        names = {owner.id, *(team for team, members in roster.teams.items() if owner.id in members)}
        own = [one for one in waiting if any(r.id in names and not one.has_read(r) for r in one.recipients)]
        return own, waiting

    def _person_at(self, number: str) -> Person | None:
        return self._engine.rules.roster.person_at(PHONE, number) if number else None

    def _words(self, person: Person | None) -> Words:
        return self._usual.of(person.language, person.zone) if person else self._usual


async def _are_too_many(
    tx: Tx, kind: str, limits: Sequence[tuple[timedelta, int]], now: datetime, but: str = ""
) -> bool:
    for span, most in limits:
        if await tx.count_times(kind, now - span, but) >= most:
            return True
    return False


def _rank(severity: str) -> int:
    """The most urgent first; what nobody knows is among it."""
    return -SEVERITIES.index(severity) if severity in SEVERITIES else -len(SEVERITIES)


def _rows(alerts: Sequence[Alert], entry: PinEntry, owner: Person, desk: Desk) -> list[NotificationRow]:
    """One row for each mail that is told: its digits stay the same, however often it is asked for. Nothing is left to
    do with them but to ask once what the call cost."""
    return [
        _row(one, number, entry, owner, desk.now, desk.rules.digits)
        for number, one in enumerate(alerts[: wording.MOST_TOLD])
    ]


def _row(
    alert: Alert, number: int, entry: PinEntry, owner: Person, now: datetime, digits: Callable[[], str]
) -> NotificationRow:
    row = NotificationRow(
        key=f"{entry.call}.{number}",
        alert_id=alert.id,
        channel=PHONE,
        address=owner.contacts[PHONE],
        target=owner.id,
        person=owner.id,
        purpose=Purpose.CALLED_IN,
        priority=0,
        due_at=now,
        created_at=now,
        sent_at=now,
        state=NotificationState.SENT,
        ref={"sid": entry.sid} if number == 0 else {"sid": entry.sid, "key": f"{entry.call}.{number}"},
        digits=digits(),
    )
    over = ended(row, Outcome.ENDED, "", now)
    return over if number == 0 else over._replace(follow_at=None)


async def _rows_of(tx: Tx, call: str) -> list[NotificationRow]:
    """What this call has been told already."""
    found = await tx.by_key([f"{call}.{number}" for number in range(wording.MOST_TOLD)])
    return [found[key] for key in sorted(found)]


def _said(door: Door, words: Words, text: str, first: str = "", offer: str = "") -> Admission:
    return Admission(door, words.spoken, text, wording.goodbye(words), first, offer)


def _kind(number: str) -> str:
    """A number may be anything that a caller's exchange says."""
    return f"{_WRONG}:{hashlib.sha256(number.encode()).hexdigest()[:32]}"


def _entry(at: datetime, who: str, outcome: AuditOutcome) -> AuditEntry:
    return AuditEntry(at=at, who=who, via=PHONE, verb=VERB, outcome=outcome)
