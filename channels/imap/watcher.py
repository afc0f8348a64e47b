"""Watches the folders of an account: one asyncio task each, commands in a shared pool, for ever.

connect → EXAMINE → catch up → IDLE → something changed, or time is up → DONE → catch up → IDLE …
"""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import structlog
from imapclient.exceptions import IMAPClientError, LoginError

from channels.base import HealthListener, Now
from channels.imap.config import ImapAccount
from channels.imap.mailbox import Cursor, Ledger, MailboxBatch, Removed
from channels.imap.reader import Idle
from channels.imap.session import Session
from channels.imap.sync import Folder, batches

log = structlog.get_logger(__name__)

T = TypeVar("T")

IDLE_FOR = timedelta(minutes=9)
"""RFC 2177 asks for less than 29 minutes; many middle boxes forget a silent connection after 10."""
JUNK_EVERY = timedelta(seconds=60)
"""IDLE hears of one folder only; mail that goes straight to Junk is looked for this often."""
LONGEST_BACK_OFF = 60.0
MOST_PASSES = 5


def back_off(failures: int) -> float:
    """Seconds: 1, 2, 4 … 60, give or take a third, so that a thousand mailboxes don't come back at once."""
    return float(min(LONGEST_BACK_OFF, 2.0 ** min(failures, 10)) * random.uniform(0.67, 1.33))  # noqa: S311


class FolderWatcher:
    """Watches one folder over a connection of its own; ``junk`` too, where it is the account's first."""

    def __init__(self, watcher: "MailWatcher", folder: str, *, watches_junk: bool) -> None:
        self.watcher = watcher
        self.account = watcher.account
        self.folder = folder
        self.watches_junk = watches_junk
        self.name = f"imap:{self.account.name}/{folder}"
        self._failures = 0

    async def run(self) -> None:
        """Until cancelled; every fault ends the connection, and a new one begins after a pause."""
        while True:
            try:
                await self._connected()
            except (OSError, IMAPClientError) as error:
                self._report(error)
            except Exception as error:
                log.exception("A mailbox could not be read; it is tried again", name=self.name)
                self._report(error)
            await asyncio.sleep(back_off(self._failures))
            self._failures += 1

    def _report(self, error: Exception) -> None:
        self.watcher.on_health(self.name, False, _words(error))

    async def _connected(self) -> None:
        async with self.watcher.logins:
            session = await self._in_pool(lambda: Session(self.account))
        try:
            while True:
                if self.watches_junk and session.junk and session.junk not in self.account.folders:
                    await self._catch_up(session, session.junk)
                # Last, and again if it had to look into other folders: IDLE tells only what is newer than the last
                # EXAMINE, so nothing may have been missed before that one.
                for _ in range(MOST_PASSES):
                    if not await self._catch_up(session, self.folder):
                        break
                self._failures = 0
                self.watcher.on_health(self.name, True, "")
                await self._wait(session)
        finally:
            # Closing the socket also ends a command of ours that still hangs in the pool.
            session.close()

    async def _catch_up(self, session: Session, name: str) -> bool:
        """Bring a folder up to date; True if others were opened on the way."""
        cursor, watched = await self.watcher.ledger.load(self.account.name, name)
        others = tuple(one for one in self.account.folders if one != name)
        folder = Folder(session, name, others, self.watcher.wants_text, self.account.lookback)
        found = batches(folder, cursor, watched, self.watcher.now())
        has_moved = False
        while (batch := await self._in_pool(lambda: next(found, None))) is not None:
            has_moved = has_moved or any(isinstance(one, Removed) for one in batch.happenings)
            if _is_news(batch, cursor):
                await self.watcher.ledger.commit(batch)
        return has_moved

    async def _wait(self, session: Session) -> None:
        if not session.can_idle:
            await asyncio.sleep(self.account.poll_every.total_seconds())
            return
        idle = Idle(session.client)
        await self._in_pool(idle.begin)
        longest = JUNK_EVERY if self.watches_junk and session.junk else IDLE_FOR
        await idle.wait(longest.total_seconds() * random.uniform(0.9, 1.0))  # noqa: S311 - jitter, no secret
        await self._in_pool(idle.end)

    async def _in_pool(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.watcher.pool, work)


class MailWatcher:
    """Watches one account. Implements ``channels.base.Service``."""

    def __init__(
        self,
        account: ImapAccount,
        ledger: Ledger,
        now: Now,
        on_health: HealthListener,
        pool: Executor,
        wants_text: bool = False,
    ) -> None:
        self.account = account
        self.ledger = ledger
        self.now = now
        self.on_health = on_health
        self.pool = pool
        self.wants_text = wants_text
        self.logins = asyncio.Semaphore(2)
        self.folders = [
            FolderWatcher(self, folder, watches_junk=account.watch_junk and number == 0)
            for number, folder in enumerate(account.folders)
        ]

    @property
    def names(self) -> list[str]:
        """What ``on_health`` calls its parts."""
        return [folder.name for folder in self.folders]

    async def run(self) -> None:
        """Watch every folder until cancelled."""
        async with asyncio.TaskGroup() as group:
            for folder in self.folders:
                group.create_task(folder.run(), name=folder.name)


def _is_news(batch: MailboxBatch, cursor: Cursor | None) -> bool:
    """A batch that only repeats the cursor, but for its time, is not worth a commit."""
    return bool(batch.happenings) or cursor is None or replace(cursor, synced_at=batch.cursor.synced_at) != batch.cursor


def _words(error: Exception) -> str:
    """The fault in words. A server's answer to a failed login may repeat what was sent: it is not shown."""
    if isinstance(error, LoginError):
        return "the server refused the login; check username and password"
    return f"{type(error).__name__}: {error}"[:300]
