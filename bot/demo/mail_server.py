"""Embedded mail servers on loopback: IMAP by pymap (IDLE, no CONDSTORE), and an SMTP door into its mailboxes."""

import asyncio
from argparse import Namespace
from collections.abc import Iterable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from imapclient import IMAPClient
from proxyprotocol.noop import ProxyProtocolNoop
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend, Identity
from pymap.imap import IMAPServer
from pymap.user import Passwords, UserMetadata

from channels.base import Now

LOOPBACK = "127.0.0.1"


class EmbeddedImap:
    """An IMAP server inside this process. Users have one password; mailboxes live in memory."""

    def __init__(self, users: Iterable[str], password: str, now: Now | None = None) -> None:
        """``now`` dates the mails that come in: the demo's time is not the wall's."""
        self.users = tuple(users)
        self._now = now
        self.password = password
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; ``port`` 0 takes a free one. Raises OSError if it is taken."""
        arguments = Namespace(
            demo_data=False,
            demo_user=self.users[0],
            demo_password=self.password,
            host=[LOOPBACK],
            port=port,
            debug=False,
            cert=None,
            key=None,
            tls=False,
            proxy_protocol=None,
            passlib_cfg=None,
        )
        backend, config = await DictBackend.init(arguments)
        for user in self.users[1:]:
            hashed = await Passwords(config).hash_password(self.password)
            await Identity(user, backend.login, None, frozenset()).set(UserMetadata(config, user, password=hashed))
        config.apply_context()
        serve = ProxyProtocolReader(ProxyProtocolNoop()).get_callback(IMAPServer(backend.login, config))

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            try:
                await serve(reader, writer)
            finally:
                self._writers.discard(writer)

        self._server = await asyncio.start_server(connected, LOOPBACK, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0)

    def client(self, user: str) -> IMAPClient:
        """A mail program of this user; blocks."""
        client = IMAPClient(LOOPBACK, self.port, ssl=False)
        client.login(user, self.password)
        return client

    async def append(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Deliver a mail."""
        await asyncio.to_thread(self._append, user, raw, folder)

    def _append(self, user: str, raw: bytes, folder: str) -> None:
        with self.client(user) as client:
            client.append(folder, raw, msg_time=self._now() if self._now else None)

    async def read(self, user: str) -> None:
        """Open everything in the INBOX, as a person at a mail program would."""
        await asyncio.to_thread(self._read, user)

    def _read(self, user: str) -> None:
        with self.client(user) as client:
            client.select_folder("INBOX")
            if uids := client.search("UNSEEN"):
                client.add_flags(uids, ["\\Seen"])


class SmtpDoor:
    """Takes mail for the embedded mailboxes, by the part before the @."""

    def __init__(self, imap: EmbeddedImap) -> None:
        self.imap = imap
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; ``port`` 0 takes a free one. Raises OSError if it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="localhost"), LOOPBACK, port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address.split("@")[0].lower() not in self.imap.users:
            return f"550 5.1.1 There is no {address} here; there are {', '.join(self.imap.users)}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            await self.imap.append(address.split("@")[0].lower(), content)
        return "250 2.0.0 Delivered"
