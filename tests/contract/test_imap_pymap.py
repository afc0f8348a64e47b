"""The mail source against the embedded server, which has IDLE and no CONDSTORE; and against servers that misbehave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.demo.mail import mail_of
from bot.demo.mail_server import EmbeddedImap
from channels.imap.config import ImapAccount, Security
from channels.imap.mailbox import Arrived, FlagsChanged
from channels.imap.watcher import MailWatcher
from tests.fakes.ledger import RecordingLedger


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as one:
        yield one


@pytest.fixture
async def server() -> AsyncIterator[EmbeddedImap]:
    one = EmbeddedImap(("alice",), "password")
    await one.start()
    yield one
    await one.stop()


def account(port: int, **more: object) -> ImapAccount:
    values: dict[str, object] = {
        "name": "alice",
        "host": "127.0.0.1",
        "port": port,
        "security": Security.PLAIN,
        "username": "alice",
        "password": SecretStr("password"),
        "owner": "alice",
        "timeout": timedelta(seconds=2),
        "poll_every": timedelta(milliseconds=50),
    } | more
    return ImapAccount(**values)  # type: ignore[arg-type]


class Health:
    def __init__(self) -> None:
        self.states: list[tuple[bool, str]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, name: str, is_up: bool, detail: str) -> None:
        self.states.append((is_up, detail))
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, is_up: bool, seconds: float = 15) -> str:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: any(state[0] is is_up for state in self.states))
        return next(detail for state, detail in self.states if state is is_up)


@contextlib.asynccontextmanager
async def watching(
    one: ImapAccount, pool: ThreadPoolExecutor, wants_text: bool = False
) -> AsyncIterator[tuple[RecordingLedger, Health]]:
    ledger, health = RecordingLedger(), Health()
    watcher = MailWatcher(one, ledger, lambda: datetime.now(UTC), health.hear, pool, wants_text)
    task = asyncio.create_task(watcher.run())
    try:
        yield ledger, health
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_new_mail_and_reading_are_seen_without_condstore(server: EmbeddedImap, pool: ThreadPoolExecutor) -> None:
    async with watching(account(server.port), pool, wants_text=True) as (ledger, _):
        await ledger.synced("alice")
        await server.append("alice", mail_of("【緊急】 回線断", "alice@team.example"))
        arrived = await ledger.happens(Arrived)
        assert arrived.mail.subject == "【緊急】 回線断"
        assert arrived.mail.text.startswith("【緊急】")
        await server.read("alice")
        assert (await ledger.happens(FlagsChanged)).is_seen


# Servers that misbehave ---------------------------------------------------------------------------------------------


class ScriptedServer:
    """Answers IMAP commands from a table; what is not in it gets OK."""

    def __init__(self, capabilities: str = "IMAP4rev1 IDLE", on_idle: list[bytes | None] | None = None) -> None:
        self.capabilities = capabilities
        self.on_idle = on_idle or []
        self.is_silent = False
        self.exists = 0
        self.logins = 0
        self.idles = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "ScriptedServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._tasks):
            writer.close()
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(writer)
        with contextlib.suppress(ConnectionError):
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                if not await self._answer(line.decode().split(), reader, writer):
                    break
        self._tasks.discard(writer)
        writer.close()

    async def _answer(self, words: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        tag, verb = words[0], words[1].upper() if len(words) > 1 else ""
        if self.is_silent and verb != "CAPABILITY":
            return True
        if verb == "LOGIN":
            self.logins += 1
        if verb == "IDLE":
            return await self._idle(tag, reader, writer)
        uid = "UID " if verb == "UID" else ""
        untagged = {
            "CAPABILITY": f"* CAPABILITY {self.capabilities}\r\n",
            "LIST": '* LIST (\\HasNoChildren) "/" INBOX\r\n',
            "EXAMINE": f"* {self.exists} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n",
            "UID": f"* SEARCH {' '.join(str(n + 1) for n in range(self.exists))}\r\n",
        }.get(verb, "")
        if uid and words[2].upper() == "FETCH":
            header = b"Subject: urgent\r\nMessage-ID: <a@x>\r\n\r\n"
            untagged = (
                f'* 1 FETCH (UID 1 FLAGS () INTERNALDATE "{datetime.now(UTC):%d-%b-%Y %H:%M:%S} +0000" '
                f"BODY[HEADER]<0> {{{len(header)}}}\r\n{header.decode()})\r\n"
            )
        writer.write(f"{untagged}{tag} OK done\r\n".encode())
        return True

    async def _idle(self, tag: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.idles += 1
        writer.write(b"+ idling\r\n")
        said = self.on_idle.pop(0) if self.on_idle else b""
        if said is None:
            return False
        for piece in [said[n : n + 5] for n in range(0, len(said), 5)]:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.readline()
        writer.write(f"{tag} OK done\r\n".encode())
        return True


async def test_a_connection_cut_while_idle_is_made_again(pool: ThreadPoolExecutor) -> None:
    async with (
        ScriptedServer(on_idle=[None, b"* BYE going down\r\n"]) as server,
        watching(account(server.port), pool) as (ledger, health),
    ):
        await ledger.synced("alice")
        assert "closed the connection" in await health.until(False)
        server.exists = 1
        await ledger.happens(Arrived)
        assert server.logins >= 2


async def test_news_that_come_in_pieces_are_understood(pool: ThreadPoolExecutor) -> None:
    news = b"* OK Still here\r\n* 1 EXISTS\r\n"
    async with ScriptedServer(on_idle=[news]) as server, watching(account(server.port), pool) as (ledger, _):
        await ledger.synced("alice")
        server.exists = 1
        assert (await ledger.happens(Arrived)).mail.subject == "urgent"
        assert server.logins == 1


async def test_a_server_without_idle_is_polled(pool: ThreadPoolExecutor) -> None:
    async with ScriptedServer("IMAP4rev1") as server, watching(account(server.port), pool) as (ledger, _):
        await ledger.synced("alice")
        server.exists = 1
        await ledger.happens(Arrived)
        assert server.idles == 0


async def test_a_server_that_never_answers_holds_nobody_for_ever(pool: ThreadPoolExecutor) -> None:
    async with ScriptedServer() as server:
        server.is_silent = True
        one = account(server.port, timeout=timedelta(seconds=1))
        async with watching(one, pool) as (ledger, health):
            assert await health.until(False)
            server.is_silent = False
            await ledger.synced("alice")
