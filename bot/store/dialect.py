"""What only one of the databases can do. Everything else is plain SQLAlchemy Core."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store import driver
from bot.store.record import StoreError
from channels.system_fault import why_of
from escalation.phrase import N_, Phrase, advice

BUSY_SECONDS = 15
"""How long a writer waits for another process that holds SQLite's one write lock."""

SCHEMA_LOCK = 0x6B69646F6B75
"""The key of PostgreSQL's advisory lock under which the schema is upgraded ("kidoku")."""

_FORMS = Phrase(
    "write %(one)s or %(other)s",
    one="sqlite+aiosqlite:///path/to/file",
    other="postgresql+asyncpg://user@host/database",
)
_COMMON = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"journal_size_limit={64 * 2**20}")
_WRITER = (*_COMMON, "cache_size=-20000")
_READER = (*_COMMON, "cache_size=-4000", "query_only=ON")


@dataclass(frozen=True, slots=True)
class Engines:
    """The way in for writers, of whom a process has one at a time, and the one for readers.

    SQLite gives each its own connections: the writer's page cache stays valid, as nobody in this process writes
    beside it, and a reader can't write by mistake.
    """

    url: URL
    writer: AsyncEngine
    reader: AsyncEngine

    async def dispose(self) -> None:
        await self.writer.dispose()
        await self.reader.dispose()


def is_sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"


def path_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def parse(url: str) -> URL:
    """Read a database's URL. Raises StoreError, without any password in it, for one that can't serve."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(advice(Phrase("the database's URL can't be read"), _FORMS)) from None
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise StoreError(advice(Phrase("%(name)s: no such database", name=parsed.drivername), _FORMS))
    if path_of(parsed) is not None and parsed.database in (None, "", ":memory:"):
        raise StoreError(advice(Phrase("SQLite needs a file"), _FORMS))
    return parsed


def engines(url: URL) -> Engines:
    """Engines for a parsed URL; the folder of an SQLite file is made. Raises StoreError."""
    path = path_of(url)
    try:
        if path is None:
            return _postgresql(url)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Subjects, senders and who read when are nobody else's business; -wal and -shm get the same rights.
        path.touch(mode=0o600)
        return Engines(url, _sqlite(url, _begin_at_once, _WRITER, 1), _sqlite(url, _begin_with_the_first, _READER, 4))
    except OSError as error:
        form = N_("%(place)s: the file or its folder can't be made: %(why)s")
        raise StoreError(Phrase(form, place=str(path), why=why_of(error))) from error
    except ModuleNotFoundError as error:
        missing = Phrase("%(name)s: %(package)s is not installed", name=url.drivername, package=error.name)
        fix = Phrase("install it: %(command)s", command="pip install 'kidoku[postgresql]'")
        raise StoreError(advice(missing, fix)) from error


def _postgresql(url: URL) -> Engines:
    engine = create_async_engine(url, pool_size=5, pool_pre_ping=True, hide_parameters=True)
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(url, engine, snapshot)


def _begin_at_once(connection: Any) -> None:
    """Before anything is decided: the time of it is read after that, so that nobody else's commit comes between."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_with_the_first(connection: Any) -> None:
    connection.connection.driver_connection.begins_with = "BEGIN"


def _sqlite(url: URL, begin: Callable[[Any], None], pragmas: Sequence[str], size: int) -> AsyncEngine:
    """Every commit is on the disk before it counts; a writer begins as a writer, so that it never has to give up
    half-way because another process was faster."""
    paths, options = url.get_dialect()().create_connect_args(url)
    engine = create_async_engine(
        url,
        async_creator=partial(driver.connect, *paths, **{"timeout": BUSY_SECONDS, **options}),
        pool_size=size,
        hide_parameters=True,
        pool_timeout=BUSY_SECONDS,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine.sync_engine, "begin", begin)
    return engine


def insert_new(table: Table, keys: Sequence[str]) -> Callable[[AsyncConnection], Any]:
    """Builds ``INSERT … ON CONFLICT DO NOTHING``: a row that is there stays as it is."""

    def build(connection: AsyncConnection) -> Any:
        return inserting(connection, table).on_conflict_do_nothing(index_elements=list(keys))

    return build


def upsert(table: Table, keys: Sequence[str], change: Sequence[str]) -> Callable[[AsyncConnection], Any]:
    """Builds ``INSERT … ON CONFLICT DO UPDATE``: these columns of a row that is there are overwritten."""

    def build(connection: AsyncConnection) -> Any:
        statement = inserting(connection, table)
        new = {name: statement.excluded[name] for name in change}
        return statement.on_conflict_do_update(index_elements=list(keys), set_=new)

    return build


def inserting(connection: AsyncConnection, table: Table) -> Any:
    """An INSERT that knows ``ON CONFLICT``."""
    return (sqlite if is_sqlite(connection) else postgresql).insert(table)


def locking(connection: AsyncConnection, query: Select[Any], *, skips: bool = False) -> Select[Any]:
    """Keep rows from other nodes until the commit; ``skips``: pass over those that another one keeps.

    On PostgreSQL by row; SQLite has one writer anyway."""
    return query if is_sqlite(connection) else query.with_for_update(skip_locked=skips)


async def lock_schema(connection: AsyncConnection) -> None:
    """Keep every other process from upgrading the schema until the commit. On SQLite the writer has done so."""
    if not is_sqlite(connection):
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})


async def empty_log(connection: AsyncConnection) -> None:
    """Bring SQLite's log into the database and empty it, so that what was deleted stands in neither. The connection
    must not have begun. PostgreSQL keeps its log by its own rules."""
    if is_sqlite(connection):
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await cursor.close()


async def version(connection: AsyncConnection) -> int:
    """A number that changes when another connection commits. SQLite counts; PostgreSQL tells its newest transaction."""
    query = "PRAGMA data_version" if is_sqlite(connection) else "SELECT txid_current_snapshot()::text"
    value = (await connection.execute(text(query))).scalar_one()
    return value if isinstance(value, int) else hash(value)
