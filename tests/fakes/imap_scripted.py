"""An IMAP server that misbehaves as it is told. What no test needs it answers with OK."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

HEADER = "Subject: urgent\r\nMessage-ID: <a{uid}@x.example>\r\n\r\n"


class ScriptedServer:
    """``exists`` mails with the UIDs 1, 2 … in every folder, none of them read."""

    def __init__(self, capabilities: str = "IMAP4rev1 IDLE", on_idle: Iterable[bytes | None] = ()) -> None:
        self.capabilities = capabilities
        self.on_idle = list(on_idle)
        """What each IDLE in its turn says at once; None closes the connection."""
        self.exists = 0
        self.first_uid = 1
        self.seen: set[int] = set()
        self.silent: set[str] = set()
        """Commands that get no answer."""
        self.endless: set[str] = set()
        """Commands that get answers for ever, and never the last one."""
        self.answers: dict[str, str] = {}
        """What these commands get instead, with TAG in the place of theirs."""
        self.on_fetch: Callable[[list[int], str], str | None] = lambda uids, items: None
        """More lines before the answer to FETCH; None for none. "NO" refuses the command."""
        self.after_fetch = ""
        """More lines between the answer to FETCH and its end."""
        self.logins = 0
        self.idles = 0
        self.asked = asyncio.Event()
        """A command came that gets no answer."""
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "ScriptedServer":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def deliver(self, count: int = 1) -> None:
        """More mails; whoever is idle hears of them."""
        async with self._news:
            self.exists += count
            self._news.notify_all()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError):
                await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        told = 0
        while line := await reader.readline():
            tag, *words = line.decode().split()
            verb = words[0].upper()
            if verb in self.silent:
                self.asked.set()
                continue
            while verb in self.endless:
                self.asked.set()
                writer.write(b"* OK still at it\r\n")
                await writer.drain()
                await asyncio.sleep(0)
            self.logins += verb == "LOGIN"
            if verb in self.answers:
                writer.write(self.answers[verb].replace("TAG", tag).encode())
                continue
            if verb == "IDLE":
                if not await self._idle(tag, reader, writer, told):
                    return
                continue
            told = self.exists if verb == "EXAMINE" else told
            writer.write(self._answer(words).replace("TAG", tag).encode())

    def _answer(self, words: list[str]) -> str:
        match [word.upper() for word in words]:
            case ["CAPABILITY", *_]:
                return f"* CAPABILITY {self.capabilities}\r\nTAG OK done\r\n"
            case ["LIST", *_]:
                return '* LIST (\\HasNoChildren) "/" INBOX\r\nTAG OK done\r\n'
            case ["EXAMINE", *_]:
                return f"* {self.exists} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK done\r\n"
            case ["UID", "SEARCH", *_]:
                return f"* SEARCH {' '.join(map(str, self._uids))}\r\nTAG OK done\r\n"
            case ["UID", "FETCH", *_]:
                return self._fetched([int(one) for one in words[2].split(",")], " ".join(words[3:]))
        return "TAG OK done\r\n"

    @property
    def _uids(self) -> list[int]:
        return list(range(self.first_uid, self.first_uid + self.exists))

    def _fetched(self, uids: list[int], items: str) -> str:
        more = self.on_fetch(uids, items)
        if more == "NO":
            return "TAG NO [SERVERBUG] that one is broken\r\n"
        there = [uid for uid in uids if uid in self._uids]
        return (more or "") + "".join(self._told(uid, items) for uid in there) + f"{self.after_fetch}TAG OK done\r\n"

    def _told(self, uid: int, items: str) -> str:
        parts = [f"UID {uid}", "FLAGS (\\Seen)" if uid in self.seen else "FLAGS ()"]
        if "INTERNALDATE" in items:
            parts.append(f'INTERNALDATE "{datetime.now(UTC):%d-%b-%Y %H:%M:%S} +0000"')
        if "HEADER" in items:
            header = HEADER.format(uid=uid)
            parts.append(f"BODY[HEADER]<0> {{{len(header)}}}\r\n{header}")
        return f"* {uid - self.first_uid + 1} FETCH ({' '.join(parts)})\r\n"

    async def _idle(self, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, told: int) -> bool:
        self.idles += 1
        writer.write(b"+ idling\r\n")
        said = self.on_idle.pop(0) if self.on_idle else b""
        if said is None:
            return False
        size = max(5, len(said) // 10)
        for piece in (said[n : n + size] for n in range(0, len(said), size)):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        news = asyncio.create_task(self._tell(writer, told))
        try:
            await reader.readline()
        finally:
            news.cancel()
        if "DONE" not in self.silent:
            rest = "" if said.endswith(b"\n") or not said else "the rest of the line\r\n"
            writer.write(f"{rest}{tag} OK done\r\n".encode())
        return True

    async def _tell(self, writer: asyncio.StreamWriter, known: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self.exists != known)
        writer.write(f"* {self.exists} EXISTS\r\n".encode())
