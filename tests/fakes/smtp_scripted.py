"""A mail server that answers as the test says: everything that Postfix can't be brought to do."""

import asyncio
import re
import ssl
from collections import defaultdict, deque
from dataclasses import dataclass, field

HANG_UP = "<hangs up>"
SILENCE = "<says nothing>"
END = "."
GREETING = "greeting"

_GOOD = {
    GREETING: "220 mail.example ESMTP",
    "HELO": "250 mail.example",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 sender ok",
    "RCPT": "250 2.1.5 recipient ok",
    "DATA": "354 go on",
    END: "250 2.0.0 queued as 4711",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


@dataclass
class Received:
    """One mail that was taken: both commands, and the text without its dot-stuffing."""

    sender: str
    recipient: str
    data: bytes


@dataclass
class ScriptedSmtp:
    """``answers[verb]`` are given once each, in order; after them, the good one. ``END`` is the verb of the final dot.

    An answer is a line (or several, with CRLF), ``HANG_UP``, ``SILENCE``, or a line with ``HANG_UP`` after it.
    """

    extensions: tuple[str, ...] = ("DSN", "8BITMIME", "SMTPUTF8", "SIZE 10000000", "ENHANCEDSTATUSCODES")
    tls: ssl.SSLContext | None = None
    answers: defaultdict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    commands: list[str] = field(default_factory=list)
    mails: list[Received] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self.changed = asyncio.Condition()
        self.gate = asyncio.Event()
        self.gate.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def answer(self, verb: str, *lines: str) -> None:
        self.answers[verb].extend(lines)

    @property
    def open_now(self) -> int:
        return len(self._open)

    async def __aenter__(self) -> "ScriptedSmtp":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.gate.set()
        self.hang_up()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Cut every connection."""
        for writer in self._open:
            writer.close()

    async def until(self, told: str) -> None:
        """Wait until a command that begins so has come in."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: any(one.startswith(told) for one in self.commands))

    async def until_open(self, count: int) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: self.open_now == count)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self._open.add(writer)
        self.most_at_once = max(self.most_at_once, self.open_now)
        try:
            await _Conversation(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            await self._forget(writer)

    async def _forget(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        try:
            await writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            pass
        async with self.changed:
            self._open.discard(writer)
            self.changed.notify_all()

    async def heard(self, line: str) -> None:
        async with self.changed:
            self.commands.append(line)
            self.changed.notify_all()

    def next_answer(self, verb: str) -> str:
        queued = self.answers[verb]
        return queued.popleft() if queued else self._good(verb)

    def _good(self, verb: str) -> str:
        if verb != "EHLO":
            return _GOOD.get(verb, "500 5.5.2 what?")
        lines = ["mail.example", *self.extensions]
        return "\r\n".join(f"250{'-' if number < len(lines) else ' '}{line}" for number, line in enumerate(lines, 1))


class _Conversation:
    def __init__(self, server: ScriptedSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._sender = self._recipient = ""

    async def run(self) -> None:
        await self._say(GREETING)
        while line := await self._reader.readline():
            told = line.decode("utf-8", "replace").rstrip("\r\n")
            await self._server.heard(told)
            verb = told.split(" ")[0].upper()
            if verb == "MAIL":
                self._sender = told
            if verb == "RCPT":
                self._recipient = told
            code = await self._say(verb)
            if verb == "DATA" and code == 354:
                await self._take_text()
            if verb == "STARTTLS" and code == 220 and self._server.tls is not None:
                await self._writer.start_tls(self._server.tls)
            if verb == "QUIT":
                return

    async def _take_text(self) -> None:
        raw = await self._reader.readuntil(b"\r\n.\r\n")
        await self._server.heard(END)
        await self._server.gate.wait()
        if 200 <= await self._say(END) < 300:
            text = re.sub(rb"(?m)^\.\.", b".", raw[:-3])
            self._server.mails.append(Received(self._sender, self._recipient, text))

    async def _say(self, verb: str) -> int:
        answer = self._server.next_answer(verb)
        words = answer.removesuffix(HANG_UP)
        if words == SILENCE:
            await self._reader.read()
            raise ConnectionResetError
        if words:
            self._writer.write(f"{words}\r\n".encode("utf-8", "surrogateescape"))
            await self._writer.drain()
        if answer.endswith(HANG_UP):
            raise ConnectionResetError
        return int(words[:3]) if words[:3].isdigit() else 0
