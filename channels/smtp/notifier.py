"""The way out for mail: one letter to one recipient, handed to the smart host."""

import asyncio
import re
import socket
from collections.abc import Mapping
from datetime import datetime

import structlog

from channels.base import MAIL, CantTell, Capabilities, Ended, FollowResult, NotFound, Now, Rejected, SendResult, Sent
from channels.health import Health
from channels.message import Message
from channels.smtp.answer import SmtpError, of_relayed
from channels.smtp.config import SmtpSettings
from channels.smtp.pool import Pool
from channels.smtp.render import render
from channels.smtp.session import Session
from escalation.event import Outcome
from escalation.phrase import N_

log = structlog.get_logger(__name__)


AHEAD = 8


class SmtpNotifier:
    """Implements ``channels.base.Notifier``. ``ref`` is {"message_id": "<…>", "server": the server's words,
    "dsn", "mdn", "picture": "yes" or "no"}: which receipts were asked for, and so whether their absence tells
    anything."""

    name = MAIL

    def __init__(self, settings: SmtpSettings, now: Now, health: Health) -> None:
        self.capabilities = Capabilities(concurrency=settings.concurrency, ahead=AHEAD)
        self._settings = settings
        self._now = now
        self._health = health
        self._pool = Pool(self._session, settings.concurrency)
        self._helo = settings.helo or ""

    async def _session(self) -> Session:
        if not self._helo:
            self._helo = helo_of(await asyncio.to_thread(socket.getfqdn))
        return Session(self._settings, self._helo)

    async def send(self, message: Message) -> SendResult:
        """Hand the message's letter to the server. Accepted is not delivered: that is for DSN to tell."""
        letter = message.letter
        if letter is None:
            return Rejected(N_("there is no letter to send"))
        try:
            mail = render(letter, message.address, message.language, self._now())
        except ValueError as error:
            return Rejected(str(error))
        try:
            accepted = await self._pool.carry(mail, letter.envelope_id)
        except SmtpError as fault:
            if letter.raw and (result := of_relayed(fault)) is not None:
                return result
            self._note(fault)
            return fault.result()
        self._health.up()
        asked = {"dsn": accepted.has_dsn, "mdn": bool(letter.receipt_to), "picture": letter.has_picture}
        said = {name: "yes" if is_asked else "no" for name, is_asked in asked.items()}
        return Sent({"message_id": letter.message_id, "server": accepted.words, **said})

    def _note(self, fault: SmtpError) -> None:
        """A server that refuses one mail works; one that refuses them all does not."""
        if fault.meaning.is_channel_wide:
            self._health.down(fault.summary)
        elif fault.code:
            self._health.up()

    async def look(self) -> None:
        """Find out whether mail could leave now, and tell by the health."""
        try:
            await self._pool.look()
        except SmtpError as fault:
            log.warning("The mail server does not work", reason=fault.summary)
            self._note(fault)
        else:
            self._health.up()

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Sent again, with the same Message-ID: a mail program that shows one of a kind shows it once."""
        return CantTell(N_("an SMTP server can't be asked what it has taken"), is_final=True)

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        return Rejected(N_("a mail that has left can't be changed"))

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        """What becomes of it comes back as mail."""
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        await self._pool.close()


def helo_of(name: str) -> str:
    """This machine's name as EHLO wants it (RFC 5321 4.1.1.1): a domain, else an address."""
    is_domain = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name) is not None
    return name if is_domain and "." in name else "[127.0.0.1]"
