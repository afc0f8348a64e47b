"""A mail watcher that runs, with its ledger and what it says of its health."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from channels.host import Security
from channels.imap.config import ImapAccount
from channels.imap.watcher import MailWatcher
from tests.fakes.dovecot import PASSWORD, Dovecot
from tests.fakes.ledger import RecordingLedger


class Watch:
    """``async with watch.on()``: the watcher runs. Switched on again it goes on with the same ledger."""

    def __init__(self, account: ImapAccount, pool: ThreadPoolExecutor, wants_text: bool = False) -> None:
        self.account = account
        self.ledger = RecordingLedger()
        self.health: list[tuple[str, bool, str]] = []
        self.on_each: Callable[[bool], None] = lambda is_up: None
        """Called at once when health is told, in the loop."""
        self._heard = asyncio.Event()
        self.watcher = MailWatcher(
            account, self.ledger, lambda: datetime.now(UTC), self._hear, pool, wants_text, self.ledger.followed
        )

    def _hear(self, name: str, is_up: bool, detail: str) -> None:
        self.health.append((name, is_up, detail))
        self.on_each(is_up)
        self._heard.set()

    async def until_health(self, is_up: bool, seconds: float = 15) -> str:
        """The detail of the first such report."""
        async with asyncio.timeout(seconds):
            while not (said := [detail for _, one, detail in self.health if one is is_up]):
                self._heard.clear()
                await self._heard.wait()
        return said[0]

    @contextlib.asynccontextmanager
    async def on(self) -> AsyncIterator["Watch"]:
        task = asyncio.create_task(self.watcher.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def inbox(self) -> dict[int, Any]:
        return self.ledger.watched.get((self.account.name, "INBOX"), {})


def account_on(server: Dovecot, user: str, **more: object) -> ImapAccount:
    """An account over TLS, its certificate verified."""
    return account_at(server.imaps, user, host="localhost", security=Security.TLS, ca_file=server.certificate, **more)


def account_at(port: int, user: str = "alice", **more: object) -> ImapAccount:
    """An account without TLS on loopback."""
    values: dict[str, object] = {
        "name": user,
        "host": "127.0.0.1",
        "port": port,
        "security": Security.PLAIN,
        "username": user,
        "password": SecretStr(PASSWORD),
        "owner": user,
        "timeout": timedelta(seconds=10),
        "poll_every": timedelta(milliseconds=50),
    } | more
    return ImapAccount(**values)  # type: ignore[arg-type]


def mail(subject: str, message_id: str | None = None, body: str = "the body") -> bytes:
    """A mail; ``message_id`` empty leaves that header out."""
    id = f"{subject.replace(' ', '-')}@carrier.example" if message_id is None else message_id
    header = f"Message-ID: <{id}>\r\n" if id else ""
    date = "Date: Sun, 3 May 2026 02:00:00 +0900\r\n"
    return f"From: noc@carrier.example\r\nSubject: {subject}\r\n{date}{header}\r\n{body}\r\n".encode()


async def do(work: Callable[..., object], *arguments: object, **more: object) -> None:
    """A blocking call beside the loop."""
    await asyncio.to_thread(work, *arguments, **more)
