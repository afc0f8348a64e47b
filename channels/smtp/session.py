"""One connection to the mail server, logged in, which carries one mail after the other."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponse,
    SMTPResponseException,
)

from channels.host import Security
from channels.smtp.answer import CLOSING, NO_LOGIN_YET, Meaning, SmtpError, Stage, clean, meaning_of
from channels.smtp.config import SmtpSettings
from channels.smtp.envelope import envelope
from channels.smtp.fault import LOST, NO_LOGIN, NO_TLS, SILENT, UNREACHED, broken
from channels.smtp.render import Rendered
from channels.smtp.trust import secrets_of, tls_context

END_TIMEOUT = 60.0
"""Seconds for a mail's text and the answer to it. RFC 5321 4.5.3.2 would wait ten minutes; the outbox does not."""
AGAIN_TIMEOUT = 5.0
JUST_NOW = 1.0
"""Seconds since it took a mail for which a connection counts as being there."""
QUIT_TIMEOUT = 2.0

_READY_FOR_TEXT = 354
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the mail. ``words`` are its own, clean."""

    words: str
    has_dsn: bool


class Session:
    """Every method raises SmtpError, and nothing else for what the server or the network does."""

    def __init__(self, settings: SmtpSettings, helo: str) -> None:
        self._settings = settings
        self._secrets = secrets_of(settings)
        self._has_dsn = False
        self._is_broken = False
        self._took_at: float | None = None
        """When it took its last mail, by the loop's clock; None while anything else may stand between."""
        host, port = settings.server
        self._client = SMTP(
            hostname=host,
            port=port,
            local_hostname=helo,
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.security is Security.TLS,
            start_tls=False,
        )

    @property
    def is_usable(self) -> bool:
        return self._client.is_connected and not self._is_broken

    async def open(self) -> None:
        """Connect, upgrade to TLS, log in, as the settings say."""
        try:
            if self._settings.security is not Security.PLAIN:
                self._client.tls_context = await asyncio.to_thread(tls_context, self._settings)
            with self._faults(Stage.GREETING, UNREACHED):
                await self._client.connect()
            await self._hello()
            if self._settings.security is Security.STARTTLS:
                await self._start_tls()
            await self._login()
        except BaseException:
            self.abort()
            raise

    async def _hello(self) -> None:
        with self._faults(Stage.HELLO):
            try:
                await self._client.ehlo()
            except SMTPHeloError as error:
                # A server of old knows HELO only.
                if not 500 <= error.code < 600:
                    raise
                await self._client.helo()

    async def _start_tls(self) -> None:
        if not self._client.supports_extension("starttls"):
            raise SmtpError(NO_TLS, is_lost=True)
        with self._faults(Stage.TLS):
            await self._client.starttls()
        await self._hello()

    async def _login(self) -> None:
        settings = self._settings
        if not settings.username or settings.password is None:
            return
        if not self._client.supported_auth_methods:
            raise SmtpError(NO_LOGIN, is_lost=True)
        with self._faults(Stage.LOGIN):
            await self._client.login(settings.username, settings.password.get_secret_value())

    async def again(self) -> None:
        """Make the connection ready for another mail; proves that it is still there. One that took a mail just now is
        asked nothing: a server across a network would take its time for the answer, for each mail."""
        if self._took_at is not None and asyncio.get_running_loop().time() - self._took_at < JUST_NOW:
            return
        try:
            await self._client.rset(timeout=AGAIN_TIMEOUT)
        except (SMTPException, OSError) as error:
            self.abort()
            raise SmtpError(LOST, is_lost=True) from error
        except BaseException:
            self.abort()
            raise

    async def begin(self, mail: Rendered, envelope_id: str) -> None:
        """Name sender and recipient; the server waits for the text then."""
        asked = envelope(mail, envelope_id, self._client.esmtp_extensions)
        sender = [b"MAIL", f"FROM:<{mail.sender}>".encode(), *(one.encode() for one in asked.sender)]
        recipient = [b"RCPT", f"TO:<{mail.recipient}>".encode(), *(one.encode() for one in asked.recipient)]
        self._has_dsn = asked.has_dsn
        self._took_at = None
        await self._ask(Stage.SENDER, *sender)
        await self._ask(Stage.RECIPIENT, *recipient)
        await self._ask(Stage.DATA, b"DATA", wanted=range(_READY_FOR_TEXT, _READY_FOR_TEXT + 1))

    async def finish(self, text: bytes) -> Accepted:
        """Send the text, and hear whether the server has taken the mail. If the answer is lost, nobody knows.

        Written here, not by the library's ``data``: it does not tell whether the text had left when time ran out.
        """
        try:
            with self._faults(Stage.END, maybe_sent=True):
                protocol = self._client.protocol
                if protocol is None:
                    raise SmtpError(LOST, is_lost=True)
                protocol.write(_LEADING_DOT.sub(b"..", text) + b".\r\n")
                answer = await protocol.read_response(timeout=END_TIMEOUT)
                self._check(answer, range(200, 300))
        except SmtpError:
            raise
        except BaseException:
            # Whatever comes now would be taken for the answer to the next command.
            self._is_broken = True
            raise
        self._took_at = asyncio.get_running_loop().time()
        return Accepted(f"{answer.code} {clean(answer.message, self._secrets)}", self._has_dsn)

    async def _ask(self, stage: Stage, *words: bytes, wanted: range = range(200, 300)) -> None:
        with self._faults(stage):
            self._check(await self._client.execute_command(*words), wanted)

    def _check(self, answer: SMTPResponse, wanted: range) -> None:
        if answer.code not in wanted:
            raise SMTPResponseException(answer.code, answer.message)

    @contextmanager
    def _faults(self, stage: Stage, lost: Meaning = LOST, *, maybe_sent: bool = False) -> Iterator[None]:
        """What may go wrong in a conversation, as SmtpError. The connection is given up unless it was a clear no."""
        try:
            yield
        except SMTPResponseException as error:
            raise self._refused(stage, error, maybe_sent=maybe_sent) from None
        except TimeoutError as error:
            self._is_broken = True
            raise SmtpError(SILENT, is_lost=True, maybe_sent=maybe_sent) from error
        except (SMTPException, OSError, ValueError) as error:
            self._is_broken = True
            raise broken(error, lost, maybe_sent=maybe_sent) from error

    def _refused(self, stage: Stage, error: SMTPResponseException, *, maybe_sent: bool) -> SmtpError:
        is_clear = 400 <= error.code < 600
        is_lost = not is_clear or error.code == CLOSING
        self._is_broken = self._is_broken or is_lost
        meaning = meaning_of(stage, error.code)
        if stage is Stage.RECIPIENT and meaning.is_final and self._lacks_login(error.message):
            meaning = NO_LOGIN_YET
        return SmtpError(
            meaning,
            max(error.code, 0),
            clean(error.message, self._secrets),
            stage=stage,
            is_lost=is_lost,
            maybe_sent=maybe_sent and not is_clear,
        )

    def _lacks_login(self, words: str) -> bool:
        """RFC 3463: 5.7.x is a matter of permission; and the server would let somebody log in."""
        return words.startswith("5.7.") and not self._settings.username and self._client.supports_extension("auth")

    def abort(self) -> None:
        """Give the connection up without a word."""
        self._is_broken = True
        self._client.close()

    async def quit(self) -> None:
        """Take leave, as RFC 5321 4.1.1.10 wants it, but don't insist."""
        with suppress(SMTPException, OSError, TimeoutError):
            await self._client.quit(timeout=QUIT_TIMEOUT)
        self.abort()
