"""The gateway's two doors as services in the running loop: one for users, one for what comes back."""

import asyncio
import logging
import socket
import ssl
import weakref
from pathlib import Path

import structlog

from channels.base import Now, Sleep
from channels.gateway.config import GatewaySettings, ReceiptsPlace
from channels.gateway.gate import Gate
from channels.gateway.handler import Handler
from channels.gateway.protocol import Conversation
from channels.gateway.receipts import ReceiptHandler
from channels.gateway.submission import Receipts, Submissions
from channels.host import Security
from channels.system_fault import why_of
from escalation.phrase import N_, Phrase

log = structlog.get_logger(__name__)

HANDSHAKE_TIMEOUT = 20.0


class Door:
    """One listening port; ``port`` is which, once ``started`` is set. A ``channels.base.Service`` runs it."""

    def __init__(self, settings: GatewaySettings, handler: Handler | ReceiptHandler, gate: Gate) -> None:
        self.started = asyncio.Event()
        self.port = 0
        self._settings = settings
        self._handler = handler
        self._gate = gate
        self._open: weakref.WeakSet[Conversation] = weakref.WeakSet()
        self._certificate = None if settings.cert_file is None else Certificate(settings)

    async def listen(self, host: str, port: int, what: str, *, is_tls: bool = False) -> None:
        """Listen until cancelled; then every connection is cut: what is kept already is not taken twice. Raises
        OSError if the port is taken or the certificate can't be read."""
        # Its INFO lines hold whole addresses.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        tls = await asyncio.to_thread(self._certificate.load) if self._certificate else None
        server = await asyncio.get_running_loop().create_server(
            lambda: self._conversation(tls),
            host,
            port,
            ssl=tls if is_tls else None,
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT if is_tls else None,
        )
        self.port = server.sockets[0].getsockname()[1]
        log.info(what, host=host, port=self.port)
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.started.clear()
            server.close()
            for conversation in list(self._open):
                conversation.cut()
            await server.wait_closed()

    def _conversation(self, tls: ssl.SSLContext | None) -> Conversation:
        if self._certificate is not None:
            self._certificate.renew()
        conversation = Conversation(self._settings, self._handler, self._gate, tls)
        self._open.add(conversation)
        return conversation


class Gateway(Door):
    """Where users hand in mail."""

    def __init__(self, settings: GatewaySettings, submissions: Submissions, now: Now, sleep: Sleep) -> None:
        named = _named(settings)
        if settings.security is Security.PLAIN:
            named = named.model_copy(update={"cert_file": None})
        gate = Gate(now, settings.connections, settings.messages_per_minute)
        super().__init__(named, Handler(named, submissions, gate, sleep), gate)

    async def run(self) -> None:
        host, port = self._settings.address
        await self.listen(host, port, "The gateway takes mail", is_tls=self._settings.security is Security.TLS)


class ReceiptsDoor(Door):
    """Where mail servers hand in what comes back: a port of its own, as they have no login."""

    def __init__(self, settings: GatewaySettings, place: ReceiptsPlace, receipts: Receipts, now: Now) -> None:
        named = _named(settings)
        gate = Gate(now, settings.connections, settings.messages_per_minute)
        super().__init__(named, ReceiptHandler(named, receipts, gate), gate)
        self._place = place

    async def run(self) -> None:
        await self.listen(self._place.host, self._place.port, "The gateway takes receipts")


def _named(settings: GatewaySettings) -> GatewaySettings:
    return settings.model_copy(update={"name": settings.name or _own_name()})


class Certificate:
    """The gateway's own, read again when its file has changed: a renewed one needs no restart."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._cert = settings.cert_file or Path()
        self._key = settings.key_file
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._changed_at = 0

    def load(self) -> ssl.SSLContext:
        """Read it. Raises OSError, with the file."""
        try:
            self._changed_at = self._cert.stat().st_mtime_ns
            self._context.load_cert_chain(self._cert, self._key)
        except (OSError, ssl.SSLError) as error:
            why = error.reason if isinstance(error, ssl.SSLError) else why_of(error)
            form = N_("%(file)s: the gateway's certificate or key can't be read: %(why)s")
            raise OSError(Phrase(form, file=str(self._cert), why=why)) from error
        return self._context

    def renew(self) -> None:
        """Read it again if it has changed; keep the old one if that fails."""
        try:
            if self._cert.stat().st_mtime_ns != self._changed_at:
                self.load()
        except OSError as error:
            log.warning("The gateway keeps its old certificate", reason=str(error))


def _own_name() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "kidoku"
