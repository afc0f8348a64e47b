"""What the gateway answers to each command: who is let in, how much they may hand in, and what becomes of it.

RFC 5321 (SMTP), 6409 (submission), 4954 (AUTH), 1870 (SIZE), 6152 (8BITMIME), 6531 (SMTPUTF8), 2920 (PIPELINING).

All replies are in English, whoever the user is: their text is US-ASCII (RFC 5321, 4.2; UTF-8 only with SMTPUTF8, RFC
6531, 3.7.4), a mail program decides by the code alone (4.2), and logs are searched for the text. What people read, the
report of a mail that can't be delivered, is in their language (``bot/outgoing/bounce.py``).
"""

import asyncio
import binascii
from base64 import b64decode
from datetime import timedelta
from typing import Any

import structlog
from aiosmtpd.smtp import MISSING, AuthResult

from channels.base import Sleep
from channels.gateway.address import is_address
from channels.gateway.config import GatewaySettings
from channels.gateway.gate import Gate, client_of
from channels.gateway.password import Passwords
from channels.gateway.submission import Refusal, Submissions, Submitted
from channels.gateway.text import with_line_ends

log = structlog.get_logger(__name__)

FAILED_DELAY = timedelta(seconds=2)
NULL = "<>"
"""How aiosmtpd writes the null reverse-path: what is empty would be no sender at all to it."""

_WRONG = "535 5.7.8 User name or password is wrong"
_LOCKED = "454 4.7.0 Too many failed logins; try again later"
_NO_BASE64 = "501 5.5.2 That is no base64"
_LOGIN_FIRST = "530 5.7.0 Log in first"
EMPTY = "550 5.6.0 The mail is empty"
_FAULT = "451 4.3.0 That could not be handled now; try again later"


class Handler:
    """The hooks of aiosmtpd (``handle_…`` and ``auth_…``), for all connections."""

    wants_login = True

    def __init__(self, settings: GatewaySettings, submissions: Submissions, gate: Gate, sleep: Sleep) -> None:
        self._settings = settings
        self._submissions = submissions
        self._gate = gate
        self._sleep = sleep
        self._passwords = Passwords(settings.passwords.get_secret_value())
        self._checking = asyncio.Semaphore(2)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    # The login ------------------------------------------------------------------------------------------------------

    async def auth_PLAIN(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """RFC 4616: authorization identity, user and password, with NUL between them."""
        answer = await _first(server, args, "")
        if isinstance(answer, AuthResult):
            return answer
        parts = answer.split(b"\0")
        if len(parts) != 3:
            return _failed("501 5.5.2 That is no answer to AUTH PLAIN")
        return await self._login(server, parts[1], parts[2])

    async def auth_LOGIN(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Never a standard, and what many devices know alone."""
        user = await _first(server, args, "Username:")
        if isinstance(user, AuthResult):
            return user
        password = await _challenge(server, "Password:")
        if isinstance(password, AuthResult):
            return password
        return await self._login(server, user, password)

    async def _login(self, server: Any, user: bytes, password: bytes) -> AuthResult:
        client = client_of(server.session.peer)
        if self._gate.is_locked(client):
            return _failed(_LOCKED)
        name = user.decode("utf-8", "surrogateescape")
        async with self._checking:
            is_right = await asyncio.to_thread(
                self._passwords.is_right, name, password.decode("utf-8", "surrogateescape")
            )
        if is_right:
            return AuthResult(success=True, auth_data=name)
        self._gate.failed(client)
        log.warning("A login at the gateway failed", client=client)
        await self._sleep(FAILED_DELAY)
        return _failed(_WRONG)

    # One mail -------------------------------------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return _LOGIN_FIRST
        if address != NULL and (refusal := unfit(address, envelope)):
            return refusal
        if not self._gate.takes(session.auth_data):
            log.warning("A user hands in too many mails", user=session.auth_data)
            return f"452 4.7.1 More than {self._settings.messages_per_minute} mails a minute; try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if refusal := unfit(address, envelope):
            return refusal
        if address not in envelope.rcpt_tos:
            if len(envelope.rcpt_tos) >= self._settings.recipients:
                return f"452 4.5.3 More than {self._settings.recipients} recipients; hand in the mail again for others"
            envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_VRFY(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str
    ) -> str:
        return "252 2.5.2 Hand it in, and it will be tried" if session.authenticated else _LOGIN_FIRST

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """The answer after the final dot: a 250 says that the mail is kept."""
        data = with_line_ends(envelope.content)
        if not data.strip():
            return EMPTY
        submitted = Submitted(
            user=session.auth_data,
            sender="" if envelope.mail_from == NULL else envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            data=data,
            is_utf8=bool(envelope.smtp_utf8),
        )
        answer = await self._submissions.accept(submitted)
        return worded(answer)

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours, or a line that the library can't read. Its text may hold what was sent: not logged."""
        return fault(error)


def fault(error: Exception) -> str:
    """The answer to a fault, which is logged without its text."""
    log.error("The gateway could not handle a command", error=type(error).__name__)
    return _FAULT


def worded(answer: str | Refusal) -> str:
    """What the client is told once its mail was handed over."""
    return f"{answer.code} {answer.words}" if isinstance(answer, Refusal) else f"250 2.0.0 {answer}"


def unfit(address: str, envelope: Any) -> str:
    """Why an address can't be taken; "" if it can."""
    if not is_address(address):
        return "553 5.1.3 That is no mail address"
    if not address.isascii() and not envelope.smtp_utf8:
        return "553 5.6.7 An address beyond ASCII needs SMTPUTF8"
    return ""


def _failed(message: str) -> AuthResult:
    return AuthResult(success=False, handled=False, message=message)


async def _first(server: Any, args: list[str], challenge: str) -> bytes | AuthResult:
    """The initial response (RFC 4954, 4), or the answer to the challenge that takes its place."""
    if len(args) == 1:
        return await _challenge(server, challenge)
    if args[1] == "=":
        return b""
    try:
        return b64decode(args[1].encode("utf-8", "replace"), validate=True)
    except (ValueError, binascii.Error):
        return _failed(_NO_BASE64)


async def _challenge(server: Any, challenge: str) -> bytes | AuthResult:
    answer = await server.challenge_auth(challenge)
    # The library has refused it already: no base64, or given up.
    return AuthResult(success=False, handled=True) if answer is MISSING else answer
