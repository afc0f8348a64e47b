"""Listens on an idle connection without a thread: IDLE (RFC 2177) is begun in the pool, and waited for and ended in the
loop, so that a server that is gone holds no thread either.

imapclient's ``idle_check`` loses what arrives together with ``+ idling``, and spins at EOF; so the waiting is done
here, on its socket.
"""

import asyncio
import re
from collections.abc import Callable

from imapclient.exceptions import IMAPClientError

from channels.imap.wire import Client, ConnectionLostError
from escalation.phrase import Phrase

_BYE = re.compile(rb"\* BYE\b", re.IGNORECASE)
DONE_WITHIN = 10.0


def _silent(seconds: float) -> Phrase:
    return Phrase("the mail server did not answer DONE within %(seconds)s s", seconds=f"{seconds:g}")


class Idle:
    """One IDLE: ``begin`` (blocking), ``wait`` and ``end`` (in the loop)."""

    def __init__(self, client: Client) -> None:
        self._wire = client.wire
        self._tag = b""
        self._is_over = False

    def begin(self) -> None:
        """Say IDLE and read up to the ``+``."""
        self._tag = self._wire._new_tag()
        self._wire.send(self._tag + b" IDLE\r\n")
        while not (line := self._wire.readline()).startswith(b"+"):
            self._take(line)
            if self._is_over:
                raise IMAPClientError(Phrase("the mail server refuses IDLE"))

    async def wait(self, seconds: float) -> bool:
        """Whether there is news within the time, or was before it already. Raises ConnectionLostError."""
        self._timeout = self._wire.sock.gettimeout()
        self._wire.sock.setblocking(False)
        try:
            await self._until(lambda: self._wire.has_news, seconds)
        except TimeoutError:
            return False
        return True

    async def end(self, seconds: float = DONE_WITHIN) -> None:
        """Say DONE and read the answer. Raises ConnectionLostError if there is none within the time."""
        try:
            self._wire.send(b"DONE\r\n")
            await self._until(lambda: self._is_over, seconds)
        except TimeoutError:
            raise ConnectionLostError(_silent(seconds)) from None
        self._wire.sock.settimeout(self._timeout)

    async def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        descriptor = self._wire.sock.fileno()
        loop.add_reader(descriptor, readable.set)
        try:
            async with asyncio.timeout(seconds):
                while not self._drained(is_so):
                    readable.clear()
                    await readable.wait()
        finally:
            loop.remove_reader(descriptor)

    def _drained(self, is_so: Callable[[], bool]) -> bool:
        for line in self._wire.lines_there():
            self._take(line)
        return is_so()

    def _take(self, line: bytes) -> None:
        if _BYE.match(line):
            raise ConnectionLostError(Phrase("the mail server said BYE"))
        if line.startswith(self._tag + b" "):
            self._is_over = True
