"""The bytes of one IMAP connection: imaplib over a socket that is connected already, with one buffer of our own.

imaplib's own buffer can't be looked into while idle, is a different one since Python 3.14, and its file can't be closed
while another thread reads from it. imaplib names ``open``, ``read``, ``readline`` and ``shutdown`` as what a subclass
may replace.
"""

import contextlib
import imaplib
import re
import socket
import ssl
from typing import Any

from imapclient import IMAPClient, SocketTimeout

from escalation.phrase import Phrase

MOST_LINE = 1_000_000
_PIECE = 65_536
_NEWS = re.compile(rb"\* (?:(\d+) (EXISTS|EXPUNGE|FETCH)|VANISHED)\b", re.IGNORECASE)


_ENDLESS = Phrase("the mail server sent a line without an end")


class ConnectionLostError(OSError):
    """The server closed the connection, or said BYE; or it was closed here. The text is a phrase."""


class Wire(imaplib.IMAP4):
    """imaplib's commands on a given socket. Blocks by the socket's timeout for each piece that is read.

    A server tells what changed once, within the answer to whatever command comes next, and IDLE does not repeat it.
    ``has_news``: it told something since it was last set to False; ``exists`` is how many mails are known already.
    """

    def __init__(self, host: str, given: socket.socket) -> None:
        self._given = given
        self._buffer = b""
        self.has_news = False
        self.exists = -1
        self.is_fetching = False
        super().__init__(host)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port, self.sock = host, port, self._given

    def read(self, size: int) -> bytes:
        pieces = [self._buffer]
        missing = size - len(self._buffer)
        while missing > 0:
            pieces.append(self._piece())
            missing -= len(pieces[-1])
        data = b"".join(pieces)
        self._buffer = data[size:]
        return data[:size]

    def readline(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > MOST_LINE:
                raise ConnectionLostError(_ENDLESS)
            self._buffer += self._piece()
        end = self._buffer.index(b"\n") + 1
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        self._note(line)
        return line

    def _note(self, line: bytes) -> None:
        match = _NEWS.match(line)
        if match is None:
            return
        kind = (match.group(2) or b"VANISHED").upper()
        if kind == b"EXISTS":
            # Some servers say at every occasion how many there are.
            self.has_news = self.has_news or int(match.group(1)) != self.exists
        elif kind != b"FETCH" or not self.is_fetching:
            self.has_news = True

    def _piece(self) -> bytes:
        data = self.sock.recv(_PIECE)
        if not data:
            raise ConnectionLostError(Phrase("the mail server closed the connection"))
        return data

    def lines_there(self) -> list[bytes]:
        """Whole lines that came; the socket must not block. Reads until it would: this empties TLS's own buffer too,
        of which the loop sees nothing. Raises ConnectionLostError."""
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, InterruptedError):
            while len(self._buffer) <= MOST_LINE:
                self._buffer += self._piece()
        *lines, self._buffer = self._buffer.split(b"\n")
        if len(self._buffer) > MOST_LINE:
            raise ConnectionLostError(_ENDLESS)
        for line in lines:
            self._note(line)
        return lines

    def upgrade(self, context: ssl.SSLContext) -> None:
        """STARTTLS (RFC 3501 section 6.2.1). What came before the handshake was not protected and is thrown away."""
        answer, _ = self._simple_command("STARTTLS")
        if answer != "OK":
            raise self.error(Phrase("the mail server refuses STARTTLS"))
        self._buffer = b""
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()
        self._get_capabilities()

    def shutdown(self) -> None:
        self.sock.close()

    def _log(self, line: str) -> None:
        """imaplib remembers the last commands, the login among them. Not here."""


class Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """IMAPClient over a ``Wire``."""

    def __init__(self, host: str, port: int, given: socket.socket, seconds: float) -> None:
        self._given = given
        super().__init__(host, port, ssl=False, timeout=SocketTimeout(connect=seconds, read=seconds))
        self.normalise_times = False
        # imapclient has every line formatted for a log at DEBUG, whether it is on or not.
        self._imap.debug = 0

    def _create_IMAP4(self) -> Any:  # noqa: N802 - imapclient's name
        return Wire(self.host, self._given)

    @property
    def wire(self) -> Wire:
        wire: Wire = self._imap
        return wire
