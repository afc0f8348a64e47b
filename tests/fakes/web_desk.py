"""The web receipts behind a real server on loopback, and the bot's side of them in memory."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.tokens import Tokens
from bot.web.desk import ShownLetter, WebReport
from bot.web.receipts import Terms, WebReceipts
from escalation.receipt import ReceiptKind

KEY = "42.m3"
TOKENS = Tokens(SecretStr("a secret of the tests"))
SENT_AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
LETTER = ShownLetter("NOC <noc@carrier.example>", "【緊急】回線障害のお知らせ", SENT_AT, "en", "Europe/London", "Alice")


class MemoryDesk:
    """Letters by key; reports as they came, one list a commit."""

    def __init__(self, **letters: ShownLetter) -> None:
        self.letters: dict[str, ShownLetter] = {KEY: LETTER, **letters}
        self.commits: list[list[WebReport]] = []
        self.asked: list[str] = []
        self.failure: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.entered = asyncio.Event()

    @property
    def reports(self) -> list[WebReport]:
        return [report for commit in self.commits for report in commit]

    async def letter(self, key: str) -> ShownLetter | None:
        self.asked.append(key)
        return self.letters.get(key)

    async def report(self, reports: Sequence[WebReport]) -> None:
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        known = [report for report in reports if report.key in self.letters]
        self.commits.append(known)
        for report in known:
            if report.kind is ReceiptKind.CONFIRMED:
                self.letters[report.key] = replace(self.letters[report.key], is_confirmed_at=report.at)


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Site:
    """A running server, its desk, and its clock, which stands 90 s after now until it is moved."""

    def __init__(self, desk: MemoryDesk) -> None:
        self.desk = desk
        self.url = ""
        self.now = datetime.now(UTC) + timedelta(seconds=90)

    def confirm(self, key: str = KEY) -> str:
        return f"{self.url}/c/{TOKENS.confirm_token(key)}"

    def pixel(self, key: str = KEY) -> str:
        return f"{self.url}/p/{TOKENS.pixel_token(key)}.gif"


@asynccontextmanager
async def serving(desk: MemoryDesk | None = None, terms: Terms | None = None) -> AsyncIterator[Site]:
    site = Site(desk or MemoryDesk())
    receipts = WebReceipts(TOKENS, site.desk, lambda: site.now, terms)
    app = Starlette(routes=receipts.routes)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield site
        finally:
            if site.desk.gate is not None:
                site.desk.gate.set()
            server.should_exit = True
            await task
            await receipts.close()
