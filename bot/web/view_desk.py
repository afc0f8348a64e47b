"""The bot's side of the secure view: covers, codes, contents, and what is noted of whoever looks."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from email.utils import parseaddr

from bot.desk import Desk as Work
from bot.desk import due_at_once
from bot.engine import Engine
from bot.letter import filled_in
from bot.outgoing.screening import Screening
from bot.store.record import CodeRow, Enclosure, NotificationRow, OutgoingMail
from bot.store.store import Tx
from bot.tokens import Tokens
from bot.web.cover import Content, Cover, Refusal, Sealed
from bot.web.mail_desk import Found, found_by
from bot.web.viewer import VIA, sightings_of, told
from bot.wording.confidential import CODE_MINUTES
from bot.wording.forwarded import BY_BUTTON
from channels.base import MAIL
from channels.clamav.scanner import CantScan, Infected
from escalation.command import Purpose
from escalation.event import ReceiptReported
from escalation.receipt import ReceiptKind
from escalation.target import Reached

CODE_LIFE = timedelta(minutes=CODE_MINUTES)
MOST_TRIES = 5
MOST_CODES = 3
CODES_WITHIN = timedelta(hours=1)
CHATS = ("slack", "discord")
MOST_SEALED = 1_000
"""Mails whose covers are remembered: a mail may hold 20 MB, and a cover is asked for far more often."""


class ViewDesk:
    """``channels`` are those that the bot can send over. ``language`` and ``zone`` are for recipients without their
    own. Every ``key`` was signed by Kidoku; one of no mail is answered as such."""

    def __init__(
        self,
        engine: Engine,
        tokens: Tokens,
        channels: Collection[str],
        language: str,
        zone: str,
        screening: Screening | None = None,
    ) -> None:
        self.screening = screening
        self.engine = engine
        self.tokens = tokens
        self.channels = frozenset(channels)
        self.language = language
        self.zone = zone
        self._sealed: OrderedDict[int, Sealed | None] = OrderedDict()

    async def cover(self, key: str) -> Cover | None:
        """None if there is no such confidential mail (any more), or it was recalled."""
        async with self.engine.store.reading() as tx:
            found, sealed = await self._confidential(tx, key)
            codes = await tx.codes(key)
        return None if found is None or sealed is None else self._cover(found, sealed, codes)

    def _cover(self, found: Found, sealed: Sealed, codes: list[CodeRow]) -> Cover:
        row, alert, recipient = found
        now = self.engine.clock.now()
        person = self.engine.rules.roster.people.get(recipient.id)
        name, address = parseaddr(sealed.sender)
        confirmed = (one.at for one in recipient.evidence if one.kind is ReceiptKind.CONFIRMED and one.stands)
        return Cover(
            sender=f"{name} <{address}>" if name else address,
            recipient=recipient.name or recipient.address,
            sent_at=row.sent_at or alert.opened_at,
            language=person.language if person else self.language,
            zone=person.zone if person else self.zone,
            ways=tuple(self._ways(found)),
            expires_at=sealed.expires_at,
            is_expired=sealed.has_expired(now),
            has_code=_live(codes, now) is not None,
            is_confirmed_at=next(confirmed, None),
            deadline=alert.deadline,
        )

    def _ways(self, found: Found) -> dict[str, str]:
        """Chat first: whoever reads a forwarded mail, or another's mailbox, does not read their chat."""
        person = self.engine.rules.roster.people.get(found[2].id)
        chats = {one: person.contacts[one] for one in CHATS if one in person.contacts} if person else {}
        return {one: at for one, at in {**chats, MAIL: found[2].address}.items() if one in self.channels}

    async def _confidential(self, tx: Tx, key: str) -> tuple[Found | None, Sealed | None]:
        found = await found_by(tx, key)
        sealed = await self._sealed_of(tx, found[1].id) if found else None
        return (found, sealed) if sealed is not None else (None, None)

    async def _open(self, desk: Work, key: str) -> Found | Refusal:
        """One that can be read still."""
        found, sealed = await self._confidential(desk.tx, key)
        if found is None or sealed is None:
            return Refusal.NOWHERE
        return Refusal.EXPIRED if sealed.has_expired(desk.now) else found

    async def _sealed_of(self, tx: Tx, alert_id: int) -> Sealed | None:
        if alert_id not in self._sealed:
            mail = await tx.outgoing(alert_id)
            self._sealed[alert_id] = Sealed.of(mail) if mail is not None and mail.is_confidential else None
            if len(self._sealed) > MOST_SEALED:
                self._sealed.popitem(last=False)
        return self._sealed[alert_id]

    async def send_code(self, key: str, way: str, asker: str) -> Refusal | None:
        """Put a new code into the outbox; older ones are worth nothing from then on."""

        async def job(desk: Work) -> Refusal | None:
            found = await self._open(desk, key)
            if isinstance(found, Refusal):
                return found
            codes = await desk.tx.codes(key)
            if sum(desk.now - one.made_at < CODES_WITHIN for one in codes) >= MOST_CODES:
                return Refusal.TOO_MANY
            ways = self._ways(found)
            channel = way if way in ways else next(iter(ways), MAIL)
            await self._send(desk, found, codes, (channel, ways.get(channel, found[2].address)), asker)
            return None

        return await self.engine.submit(job)

    async def _send(self, desk: Work, found: Found, codes: list[CodeRow], way: tuple[str, str], asker: str) -> None:
        row, alert, recipient = found
        number = codes[0].number + 1 if codes else 1
        code = CodeRow(
            mail_key=row.key,
            number=number,
            alert_id=alert.id,
            nonce=secrets.token_hex(16),
            made_at=desk.now,
            asker=asker,
        )
        await desk.tx.add_code(code)
        desk.put(_notification(code, row, way, desk.now))
        detail = told(asker, desk.now, sightings_of(codes))
        await desk.feed(alert.id, ReceiptReported(recipient.id, ReceiptKind.OPENED, desk.now, VIA, None, detail))

    async def open(self, key: str, typed: str, viewer: str) -> Content | tuple[Refusal, int]:
        """The content, for the right code; else why not, and how many tries are left. Each try counts."""
        if (withheld := await self._withheld(key)) is not None:
            return withheld, 0

        async def job(desk: Work) -> Content | tuple[Refusal, int]:
            found = await self._open(desk, key)
            if isinstance(found, Refusal):
                return found, 0
            codes = await desk.tx.codes(key)
            refusal = await self._refusal(desk, key, codes, typed)
            if refusal is not None:
                return refusal
            await desk.tx.use_code(codes[0], viewer, desk.now)
            await self._note(desk, found, told(viewer, desk.now, sightings_of(codes)))
            return _content(await desk.tx.outgoing(found[1].id), found)

        return await self.engine.submit(job)

    async def _withheld(self, key: str) -> Refusal | None:
        """Why the content must not be shown to anybody."""
        if self.screening is None:
            return None
        async with self.engine.store.reading() as tx:
            found, sealed = await self._confidential(tx, key)
            mail = await tx.outgoing(found[1].id) if found and sealed else None
        match None if mail is None else await self.screening.shown(mail):
            case Infected():
                return Refusal.VIRUS
            case CantScan():
                return Refusal.UNSCANNED
        return None

    async def _refusal(self, desk: Work, key: str, codes: list[CodeRow], typed: str) -> tuple[Refusal, int] | None:
        code = _live(codes, desk.now)
        if code is None:
            return Refusal.NO_CODE, 0
        if not await desk.tx.take_try(code, MOST_TRIES):
            return Refusal.LOCKED, 0
        if hmac.compare_digest(self.tokens.code(key, code.nonce).encode(), typed.encode()):
            return None
        left = MOST_TRIES - code.tries - 1
        return (Refusal.WRONG, left) if left else (Refusal.LOCKED, 0)

    async def file(self, key: str, number: int, viewer: str) -> Enclosure | Refusal:
        """One of the files, for whoever has a session; that it was taken is noted."""
        if (withheld := await self._withheld(key)) is not None:
            return withheld

        async def job(desk: Work) -> Enclosure | Refusal:
            found = await self._open(desk, key)
            if isinstance(found, Refusal):
                return found
            mail = await desk.tx.outgoing(found[1].id)
            if mail is None or not 0 <= number < len(mail.enclosures):
                return Refusal.NOWHERE
            seen = sightings_of(await desk.tx.codes(key))
            await self._note(desk, found, f"{told(viewer, desk.now, seen)}; file {number + 1}")
            return mail.enclosures[number]

        return await self.engine.submit(job)

    async def _note(self, desk: Work, found: Found, detail: str) -> None:
        """A code that only the recipient got was typed: a person has it displayed."""
        _, alert, recipient = found
        by = recipient.id if recipient.id in desk.rules.roster.people else None
        await desk.feed(alert.id, ReceiptReported(recipient.id, ReceiptKind.DISPLAYED, desk.now, VIA, by, detail))

    async def confirm(self, key: str) -> bool:
        """The button below the content."""

        async def job(desk: Work) -> bool:
            found, sealed = await self._confidential(desk.tx, key)
            if found is None or sealed is None:
                return False
            by = found[2].id if found[2].id in desk.rules.roster.people else None
            receipt = ReceiptReported(found[2].id, ReceiptKind.CONFIRMED, desk.now, VIA, by, BY_BUTTON)
            await desk.feed(found[1].id, receipt)
            return True

        return await self.engine.submit(job)


def _live(codes: list[CodeRow], now: datetime) -> CodeRow | None:
    """The newest code, if it is neither used nor too old. Those before it are worth nothing."""
    newest = next(iter(codes), None)
    if newest is None or newest.used_at is not None or now - newest.made_at >= CODE_LIFE:
        return None
    return newest


def _content(mail: OutgoingMail | None, found: Found) -> Content | tuple[Refusal, int]:
    if mail is None:
        return Refusal.NOWHERE, 0
    filled = filled_in(mail, found[2].address)
    return Content(filled.subject, filled.text, filled.html, mail.enclosures)


def _notification(code: CodeRow, mail: NotificationRow, way: tuple[str, str], now: datetime) -> NotificationRow:
    to = Reached(mail.target, *way, mail.person)
    return due_at_once(f"{code.mail_key}.c{code.number}", to, Purpose.CODE, now, code.nonce, code.alert_id)
