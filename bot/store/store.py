"""Opens the database and gives transactions: many readers, one writer at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store import dialect, migration
from bot.store.alerts import Alerts
from bot.store.mailboxes import Mailboxes
from bot.store.notifications import Notifications
from bot.store.record import StoreError
from escalation.policy import EscalationPolicy


class Tx(Alerts, Mailboxes, Notifications):
    """One transaction. All of it is saved, or none."""


class Store:
    """The database of one bot."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._policies: dict[str, EscalationPolicy] = {}
        self._digests: dict[int, tuple[EscalationPolicy, str]] = {}
        self._writing = asyncio.Lock()
        self._watching: AsyncConnection | None = None

    @classmethod
    async def open(cls, url: str, now: datetime) -> Self:
        """Connect, and upgrade the schema after a backup copy. Raises StoreError in words."""
        parsed = dialect.parse(url)
        try:
            await asyncio.to_thread(migration.upgrade, parsed, now)
        except DBAPIError as error:
            where = parsed.render_as_string(hide_password=True)
            advice = "is the path writable, the disk full, or the server down?"
            raise StoreError(f"{where}: {error.orig}; {advice}") from error
        return cls(dialect.engine_of(parsed))

    async def close(self) -> None:
        if self._watching is not None:
            await self._watching.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One write transaction: committed at the end, rolled back if the block raises. Writers wait their turn."""
        async with self._writing:
            try:
                async with self._connected(is_writer=True) as tx:
                    yield tx
            except BaseException:
                self._digests.clear()
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """A consistent view that never waits for a writer."""
        async with self._connected(is_writer=False) as tx:
            yield tx

    @asynccontextmanager
    async def _connected(self, *, is_writer: bool) -> AsyncIterator[Tx]:
        async with self.engine.connect() as connection:
            if is_writer:
                await connection.execution_options(kidoku_writes=True)
            async with connection.begin():
                yield Tx(connection, self._policies, self._digests)

    async def version(self) -> int:
        """A number that changes when another connection commits: ours or another process's."""
        if self._watching is None:
            self._watching = await self.engine.connect()
        number = await dialect.version(self._watching)
        await self._watching.rollback()
        return number
