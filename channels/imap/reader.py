"""Listens on an idle connection without a thread: IDLE is begun and ended in the pool, and waited for in the loop.

imapclient's ``idle_check`` loses what arrives together with ``+ idling``, and spins at EOF; so the waiting is done
here, on its socket. This touches imapclient's private parts, and its version is pinned for that.
"""

import asyncio
import contextlib
import re
import ssl
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

_CHANGED = re.compile(rb"^\* (?:\d+ (?:EXISTS|EXPUNGE|FETCH|RECENT)|VANISHED|FLAGS)\b", re.IGNORECASE)
_BYE = re.compile(rb"^\* BYE\b", re.IGNORECASE)
_MOST_PENDING = 65_536


class ConnectionLostError(OSError):
    """The server closed the connection, or said BYE."""


class Idle:
    """One IDLE: ``begin`` (blocking), ``wait`` (in the loop), ``end`` (blocking)."""

    def __init__(self, client: IMAPClient) -> None:
        self._imap: Any = client._imap
        self._tag = b""
        self._pending = b""
        self._has_changed = False

    @property
    def _socket(self) -> Any:
        return self._imap.sock

    def begin(self) -> None:
        """Say IDLE and read up to the ``+``. What comes before it counts as a change."""
        self._tag = self._imap._new_tag()
        self._imap.send(self._tag + b" IDLE\r\n")
        while not (line := self._line()).startswith(b"+"):
            if line.startswith(self._tag):
                raise IMAPClientError("the server refused IDLE")
            self._take(line)
        self._timeout = self._socket.gettimeout()
        self._socket.setblocking(False)
        # What came together with the "+" stands in the file's buffer already; peek never blocks here.
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
            if buffered := self._imap.file.peek(1):
                self._feed(self._imap.file.read1(len(buffered)))

    async def wait(self, seconds: float) -> bool:
        """Whether something changed within the time. Raises ConnectionLostError."""
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        descriptor = self._socket.fileno()
        loop.add_reader(descriptor, readable.set)
        try:
            async with asyncio.timeout(seconds):
                while not self._drained():
                    readable.clear()
                    await readable.wait()
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(descriptor)
        return True

    def _drained(self) -> bool:
        """Read until it would block: this empties TLS's own buffer too, of which the loop sees nothing."""
        while True:
            try:
                data = self._socket.recv(16_384)
            except (BlockingIOError, ssl.SSLWantReadError, InterruptedError):
                return self._has_changed
            if not data:
                raise ConnectionLostError("the server closed the connection")
            self._feed(data)

    def _feed(self, data: bytes) -> None:
        *lines, self._pending = (self._pending + data).split(b"\n")
        if len(self._pending) > _MOST_PENDING:
            raise ConnectionLostError("the server sent a line without an end")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        if _BYE.match(line):
            raise ConnectionLostError("the server said BYE")
        if _CHANGED.match(line):
            self._has_changed = True

    def _line(self) -> bytes:
        line: bytes = self._imap.readline()
        if not line:
            raise ConnectionLostError("the server closed the connection")
        return line

    def end(self, seconds: float = 10.0) -> None:
        """Say DONE and read the answer, for so long at most."""
        self._socket.settimeout(seconds)
        self._imap.send(b"DONE\r\n")
        while not self._line().rsplit(b"\n", 1)[0].startswith(self._tag):
            pass
        self._socket.settimeout(self._timeout)
