"""A connection to an IMAP server: dialled in the loop, used in the pool, closed from anywhere at any time."""

import asyncio
import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from imapclient.exceptions import IMAPClientError

from channels.host import Security
from channels.imap.config import ImapAccount
from channels.imap.fault import unreached
from channels.imap.gate import gate_of
from channels.imap.wire import Client, ConnectionLostError
from channels.system_fault import why_of
from escalation.phrase import N_, Phrase

T = TypeVar("T")

DIAL_FOR = 10.0
"""Seconds for each address of a host."""
MOST_TIMEOUTS = 10
"""How many times an account's timeout one job in the pool may last."""
_CLOSED = Phrase("the connection is closed")
_NO_PASSWORD = Phrase("the mail server takes no password on this connection; use security: tls or starttls")
_ATOM = re.compile(r"[A-Za-z0-9_.@+-]+")


class TrustError(OSError):
    """What the server's certificate should be checked with can't be read; the phrase says which setting names it."""


def _slow(seconds: float) -> Phrase:
    return Phrase("the mail server took longer than %(seconds)s s", seconds=f"{seconds:g}")


def _trust(account: ImapAccount) -> ssl.SSLContext:
    """Raises TrustError."""
    try:
        return _tls(account.ca_file)
    except OSError as error:
        why = Phrase("there is no certificate in it") if isinstance(error, ssl.SSLError) else why_of(error)
        form = N_("imap.%(account)s.ca_file: %(file)s can't be read: %(why)s")
        raise TrustError(Phrase(form, account=account.name, file=str(account.ca_file), why=why)) from error


@lru_cache(maxsize=64)
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """One context for all connections with the same trust: a context each would cost more than the connection."""
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


async def dial(account: ImapAccount) -> "Connection":
    """Connect, waiting in the loop: a host that does not answer holds no thread. Raises ConnectionLostError."""
    host, port = account.address
    try:
        return await _dialled(account, host, port)
    except OSError as error:
        raise ConnectionLostError(unreached(f"{host}:{port}", error)) from error


async def _dialled(account: ImapAccount, host: str, port: int) -> "Connection":
    loop = asyncio.get_running_loop()
    seconds = min(DIAL_FOR, account.timeout.total_seconds())
    fault = OSError(Phrase("its name is not found"))
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            async with asyncio.timeout(seconds):
                await loop.sock_connect(sock, address)
            return Connection(account, sock)
        except OSError as error:
            sock.close()
            fault = error
        except BaseException:
            sock.close()
            raise
    raise fault


class Connection:
    """One socket and the client on it. ``run`` blocks and belongs in the pool; ``close`` never blocks."""

    def __init__(self, account: ImapAccount, sock: socket.socket) -> None:
        self._account = account
        self._sock = sock
        self._client: Client | None = None
        self._busy = threading.Lock()
        self._is_closed = False

    @property
    def client(self) -> Client:
        if self._client is None:
            raise ConnectionLostError(_CLOSED)
        return self._client

    @property
    def _socket(self) -> socket.socket:
        return self._sock if self._client is None else self._client.wire.sock

    def run(self, work: Callable[[], T]) -> T:
        """Do something with the client; what still runs at ``close`` fails at once."""
        try:
            with self._busy:
                if self._is_closed:
                    raise ConnectionLostError(_CLOSED)
                return work()
        finally:
            if self._is_closed:
                self._socket.close()

    async def use(self, pool: Executor, work: Callable[[], T]) -> T:
        """``run`` in the pool, through the server's gate. Its time ends too: a server that sends a byte now and then
        never runs into a timeout of the socket. Raises ConnectionLostError then."""
        longest = self._account.timeout.total_seconds() * MOST_TIMEOUTS
        async with gate_of(pool, self._account.address).commands:
            job = asyncio.get_running_loop().run_in_executor(pool, self.run, work)
            try:
                async with asyncio.timeout(longest) as limit:
                    return await job
            except TimeoutError:
                if not limit.expired():
                    raise
                raise ConnectionLostError(_slow(longest)) from None

    def close(self) -> None:
        """Leave at once: LOGOUT would wait for a server that may be gone. A thread that still reads is woken by the end
        of the connection and closes the socket itself: closed under its hands, its number could be another's."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._busy.acquire(blocking=False):
            self._socket.close()
            self._busy.release()

    def log_in(self) -> None:
        """TLS, greeting, login. Blocks."""
        account = self._account
        host, port = account.address
        seconds = account.timeout.total_seconds()
        self._sock.settimeout(seconds)
        if account.security is Security.TLS:
            context = _trust(account)
            self._sock = context.wrap_socket(self._sock, server_hostname=host, do_handshake_on_connect=False)
            self._sock.do_handshake()
        self._client = Client(host, port, self._sock, seconds)
        if account.security is Security.STARTTLS:
            self._client.wire.upgrade(_trust(account))
        _authenticate(self._client, account)


def _authenticate(client: Client, account: ImapAccount) -> None:
    """LOGIN (RFC 3501 section 6.2.3) takes an atom and ASCII; for all else PLAIN (RFC 4616), which speaks UTF-8."""
    name, password = account.username, account.password.get_secret_value()
    offered = {str(one).upper() for one in client.wire.capabilities}
    if _ATOM.fullmatch(name) and password.isascii() and "LOGINDISABLED" not in offered:
        client.login(name, password)
    elif "AUTH=PLAIN" in offered:
        client.plain_login(name, password)
    elif "LOGINDISABLED" in offered:
        raise IMAPClientError(_NO_PASSWORD)
    elif not (name + password).isascii():
        raise IMAPClientError(Phrase("the mail server takes names and passwords in ASCII only"))
    else:
        client.login('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"', password)
