"""One connection at the gateway: aiosmtpd's protocol, and what it does otherwise than a gateway must.

Seen in aiosmtpd 1.4.6: its command limits are one dictionary for all connections, and grow with every EHLO; AUTH knows
mechanisms in capitals only; addresses are read as in a header, comments and all; MAIL takes no AUTH= (RFC 4954, 5),
which Postfix sends; DATA refuses a line of more than 1,000 octets, and keeps an endless one; a lost connection
raises in a task that nobody awaits.
"""

import asyncio
import re
from collections import defaultdict
from contextlib import suppress
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from channels.gateway.config import GatewaySettings
from channels.gateway.gate import Gate, client_of
from channels.gateway.handler import Handler
from channels.gateway.receipts import ReceiptHandler
from channels.gateway.text import read_text
from channels.host import Security

LONGEST_COMMAND = 4_096
LONGEST_AUTH = 12_288
"""RFC 4954, section 4: what an answer to AUTH may take."""
MOST_LOGINS = 3
"""Failed logins on one connection."""
LOGIN_TIMEOUT = 60.0
"""Seconds from the first byte to the login."""
COMMAND_TIMEOUT = 300.0
DATA_TIMEOUT = 600.0
"""Seconds (RFC 5321, 4.5.3.2), for a command and for the whole of a mail."""

_AUTH_PARAMETER = re.compile(r"\s+AUTH=\S+", re.IGNORECASE)
_PATH = re.compile(r'(<((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>|[^<>"\s]+)(?:\s+(.*))?')


class Conversation(SMTP):
    """One client. It is let in, or told that there are too many."""

    line_length_limit = 65_536

    def __init__(
        self, settings: GatewaySettings, handler: Handler | ReceiptHandler, gate: Gate, tls: SSLContext | None
    ) -> None:
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND)
        self._desk = handler
        self._gate = gate
        self._late: asyncio.TimerHandle | None = None
        self._size = settings.size
        self._is_let_in = False
        self._logins = 0
        self._wants_login = handler.wants_login
        is_starttls = settings.security is Security.STARTTLS and handler.wants_login
        super().__init__(
            handler,
            data_size_limit=settings.size,
            enable_SMTPUTF8=True,
            hostname=settings.name or "kidoku",
            ident="ESMTP",
            tls_context=tls if is_starttls or not handler.wants_login else None,
            auth_exclude_mechanism=() if handler.wants_login else ("LOGIN", "PLAIN"),
            require_starttls=is_starttls,
            auth_require_tls=is_starttls,
            timeout=COMMAND_TIMEOUT,
            loop=asyncio.get_running_loop(),
        )
        self.command_size_limits["AUTH"] = LONGEST_AUTH

    def connection_made(self, transport: Any) -> None:
        if self.session is None:
            self._is_let_in = self._gate.enter(self, client_of(transport.get_extra_info("peername")))
            self._late = asyncio.get_running_loop().call_later(LOGIN_TIMEOUT, self._end_if_nobody)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._gate.leave(self)
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(error)

    def _end_if_nobody(self) -> None:
        """Who does not log in holds a place that others may need."""
        if self._wants_login and self.session is not None and not self.session.authenticated:
            self.cut()

    def cut(self) -> None:
        """End it at once."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    async def _handle_client(self) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if self._is_let_in:
                await super()._handle_client()
            else:
                await self._leave("421 4.3.2 Too many connections; try again later")

    async def _leave(self, words: str) -> None:
        await self.push(words)
        if self.transport is not None:
            self.transport.close()

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        mechanism, space, rest = (arg or "").partition(" ")
        await super().smtp_AUTH(f"{mechanism.upper()}{space}{rest}" or None)
        self._logins += 1
        if self.session is not None and not self.session.authenticated and self._logins >= MOST_LOGINS:
            await self._leave("421 4.7.0 Too many failed logins")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The path and what stands behind it; brackets may be left out. The library would read it as a header, and so
        mend what is no address."""
        found = _PATH.fullmatch(arg.strip())
        return (None, None) if found is None else (found[2] or found[1], found[3] or "")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        path, end, parameters = (arg or "").partition(">")
        await super().smtp_MAIL(path + end + _AUTH_PARAMETER.sub("", parameters) if end else arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if await self.check_helo_needed():
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Name a recipient first")
        elif arg:
            await self.push("501 5.5.4 DATA stands alone")
        else:
            await self.push("354 End the mail with a dot on a line of its own")
            await self.push(await self._taken(self.envelope))

    async def _taken(self, envelope: Envelope) -> str:
        """Read the mail, and hand it over; returns the answer."""
        self._reset_timeout(DATA_TIMEOUT)
        text = await read_text(self._reader, self._size)
        self._reset_timeout()
        self.envelope = self._create_envelope()
        if text is None:
            return f"552 5.3.4 The mail is larger than {self._size} bytes"
        envelope.content = text
        try:
            return await self._desk.handle_DATA(self, self.session, envelope)
        except Exception as error:
            return await self._desk.handle_exception(error)
