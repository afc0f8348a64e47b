"""Watches the folders of an account: one asyncio task each, commands in a shared pool, for ever.

connect → EXAMINE → catch up → IDLE → something changed, or time is up → DONE → catch up → IDLE …
"""

import asyncio
import random
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta

import structlog
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from channels.base import HealthListener, Now
from channels.imap.config import ImapAccount
from channels.imap.connection import Connection, dial
from channels.imap.fault import words_of
from channels.imap.gate import gate_of
from channels.imap.mailbox import Cursor, Followed, Ledger, MailboxBatch, Removed, UnsavedError, nowhere
from channels.imap.reader import Idle
from channels.imap.session import Session
from channels.imap.sync import Folder, batches

log = structlog.get_logger(__name__)

IDLE_FOR = timedelta(minutes=9)
"""RFC 2177 asks for less than 29 minutes; many middle boxes forget a silent connection after 10."""
BESIDE_EVERY = timedelta(seconds=60)
"""IDLE hears of one folder only; the others, such as Junk, are looked into this often."""
LONGEST_BACK_OFF = 60.0
MOST_PASSES = 5


def back_off(failures: int) -> float:
    """Seconds: 1, 2, 4 … 60, give or take a third, so that a thousand mailboxes don't come back at once."""
    return float(min(LONGEST_BACK_OFF, 2.0 ** min(failures, 10)) * random.uniform(0.67, 1.33))  # noqa: S311


class FolderWatcher:
    """Watches one folder over a connection of its own; the account's first one looks after Junk, and after mails that
    were moved to where nobody else looks, too."""

    def __init__(self, watcher: "MailWatcher", folder: str, *, is_first: bool) -> None:
        self.watcher = watcher
        self.account = watcher.account
        self.folder = folder
        self.is_first = is_first
        self.name = f"imap:{self.account.name}/{folder}"
        self._failures = 0
        self._refused: set[str] = set()

    async def run(self) -> None:
        """Until cancelled; every fault ends the connection, and a new one begins after a pause."""
        while True:
            try:
                await self._connected()
            except (OSError, IMAPClientError) as error:
                self._report(error)
            except UnsavedError as error:
                log.warning("What is in a mailbox can't be saved; it is read again", name=self.name, reason=str(error))
            except Exception as error:
                log.exception("A mailbox could not be read; it is tried again", name=self.name)
                self._report(error)
            await asyncio.sleep(back_off(self._failures))
            self._failures += 1

    def _report(self, error: Exception) -> None:
        self.watcher.on_health(self.name, False, words_of(error))

    async def _connected(self) -> None:
        async with self.watcher.gate.logins:
            connection = await dial(self.account)
            try:
                session = await connection.use(self.watcher.pool, lambda: _session(self.account, connection))
            except BaseException:
                connection.close()
                raise
        try:
            await self._watch(connection, session)
        finally:
            # This also ends a command of ours that still hangs in the pool.
            connection.close()

    async def _watch(self, connection: Connection, session: Session) -> None:
        self.watcher.followed.update(await self.watcher.followed_before(self.account.name))
        self._refused.clear()
        while True:
            for name in self._beside(session):
                await self._look_beside(connection, session, name)
            # Last, and again if it had to look into other folders: nobody tells again what was new before the last
            # EXAMINE. What is told after it, Wire keeps in mind.
            for _ in range(MOST_PASSES):
                if not await self._catch_up(connection, session, self.folder):
                    break
            else:
                # Still at it, and with another folder open: no place to wait.
                continue
            self._failures = 0
            self.watcher.on_health(self.name, True, "")
            await self._wait(connection, session)

    def _beside(self, session: Session) -> list[str]:
        """Folders without a connection of their own: the account's first watcher looks after them."""
        if not self.is_first:
            return []
        junk = [session.junk] if session.junk and self.account.watch_junk else []
        wanted = dict.fromkeys([*junk, *sorted(self.watcher.followed)])
        return [one for one in wanted if one not in self._refused and one not in self.account.folders]

    async def _look_beside(self, connection: Connection, session: Session, name: str) -> None:
        """A folder that can't be opened must not keep the one that matters from being watched."""
        try:
            await self._catch_up(connection, session, name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            log.warning("A folder can't be looked into", name=self.name, folder=name, fault=words_of(error))
            self._refused.add(name)

    def _is_watched_junk(self, session: Session, name: str) -> bool:
        return self.account.watch_junk and name == session.junk

    async def _catch_up(self, connection: Connection, session: Session, name: str) -> bool:
        """Bring a folder up to date; True if others were opened on the way."""
        cursor, watched = await self.watcher.ledger.load(self.account.name, name)
        has_arrivals = name == self.folder or self._is_watched_junk(session, name)
        if not has_arrivals and not watched:
            self.watcher.followed.discard(name)
            return False
        others = tuple(one for one in self.account.folders if one != name)
        folder = Folder(session, name, others, self.watcher.wants_text, self.account.lookback, has_arrivals)
        found = batches(folder, cursor, watched, self.watcher.now())
        has_moved = False
        while (batch := await connection.use(self.watcher.pool, lambda: next(found, None))) is not None:
            removed = [one for one in batch.happenings if isinstance(one, Removed)]
            if _is_news(batch, cursor):
                await self.watcher.ledger.commit(batch)
            self.watcher.followed.update(one.moved_to for one in removed if one.moved_to)
            has_moved = has_moved or bool(removed)
        return has_moved

    async def _wait(self, connection: Connection, session: Session) -> None:
        if not session.can_idle:
            await asyncio.sleep(self.account.poll_every.total_seconds())
            return
        idle = Idle(session.client)
        await connection.use(self.watcher.pool, idle.begin)
        # A mail may vanish from another folder to where the first watcher has to look after it.
        may_follow = self.is_first and len(self.account.folders) > 1
        longest = BESIDE_EVERY if may_follow or self._beside(session) else IDLE_FOR
        await idle.wait(longest.total_seconds() * random.uniform(0.9, 1.0))  # noqa: S311 - jitter, no secret
        await idle.end()


def _session(account: ImapAccount, connection: Connection) -> Session:
    connection.log_in()
    return Session(account, connection.client)


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
        followed: Followed = nowhere,
    ) -> None:
        self.account = account
        self.ledger = ledger
        self.now = now
        self.on_health = on_health
        self.pool = pool
        self.wants_text = wants_text
        self.gate = gate_of(pool, account.address)
        self.followed: set[str] = set()
        self.followed_before = followed
        self.folders = [
            FolderWatcher(self, folder, is_first=number == 0) for number, folder in enumerate(account.folders)
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
