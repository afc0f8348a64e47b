"""Opens the database and gives transactions: many readers, one writer at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import dialect, fault, migration
from bot.store.calendars import Calendars
from bot.store.codes import Codes
from bot.store.connection import Connection
from bot.store.dialect import Engines
from bot.store.mailboxes import Mailboxes
from bot.store.memory import Memory
from bot.store.notifications import Notifications
from bot.store.outgoing import Outgoing
from bot.store.policies import Policies
from bot.store.probes import Probes
from bot.store.reach import Reach
from bot.store.reports import Reports
from bot.store.retention import Retention
from bot.store.search import Search
from bot.store.shiftwork import Shiftwork
from bot.store.states import States
from bot.store.subscriptions import Subscriptions


class Tx(
    Search,
    Mailboxes,
    Outgoing,
    Codes,
    Calendars,
    Notifications,
    Memory,
    Shiftwork,
    Reach,
    Retention,
    Probes,
    Subscriptions,
    Reports,
):
    """One transaction. All of it is saved, or none."""


class Store:
    """The database of one bot. Every method raises StoreError, in words, when the database can't be used."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self._policies = Policies()
        self._states = States()
        self._writing = asyncio.Lock()
        self._watching: Connection | None = None

    @classmethod
    async def open(cls, url: str, now: datetime) -> Self:
        """Connect, and upgrade the schema after a backup copy. Raises StoreError."""
        store = cls(dialect.engines(dialect.parse(url)))
        try:
            with store._explaining():
                await migration.upgrade(store.engines, now)
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Close every connection. What is not committed by then is not saved."""
        await self._stop_watching()
        await self.engines.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One write transaction: committed at the end, rolled back if the block raises. Writers wait their turn."""
        async with self._writing:
            try:
                async with self._connected(self.engines.writer) as tx:
                    yield tx
            except BaseException:
                self._policies.forget_stored()
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """A consistent view that never waits for a writer, and can't write."""
        async with self._connected(self.engines.reader) as tx:
            yield tx

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[Tx]:
        with self._explaining():
            connection = Connection(engine)
            try:
                await connection.open()
                yield Tx(connection, self._policies, self._states)
                await connection.commit()
            finally:
                await connection.close()

    async def forget_log(self) -> None:
        """After something was deleted that must be gone: empty the database's log."""
        with self._explaining():
            async with self._writing:
                connection = Connection(self.engines.writer)
                try:
                    await connection.start()
                    await dialect.empty_log(connection)
                finally:
                    await connection.close()

    async def version(self) -> int:
        """A number that changes when another connection commits: ours or another process's."""
        with self._explaining():
            if self._watching is None:
                self._watching = Connection(self.engines.reader)
                await self._watching.start()
            try:
                number = await dialect.version(self._watching)
                await self._watching.rollback()
            except BaseException:
                await self._stop_watching()
                raise
        return number

    async def _stop_watching(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            await watching.close()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            explained = fault.explained(error, self.engines.url)
            if explained is error:
                raise
            raise explained from error
        except ConnectionError as error:
            raise fault.unreachable(error, self.engines.url) from error
