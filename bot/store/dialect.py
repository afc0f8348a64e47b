"""What only one of the databases can do. Everything else is plain SQLAlchemy Core."""

from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

BUSY_SECONDS = 15
"""How long a writer waits for another process that holds SQLite's one write lock."""


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def parse(url: str) -> URL:
    """``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://…``; the folder of an SQLite file is made."""
    parsed = make_url(url)
    if is_sqlite(parsed) and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return parsed


def engine_of(url: URL) -> AsyncEngine:
    """An engine. On SQLite: WAL, every commit on the disk before it counts, writers begin as writers."""
    if not is_sqlite(url):
        return create_async_engine(url, pool_size=5, pool_pre_ping=True)
    engine = create_async_engine(url, pool_size=5, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-20000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Any) -> None:
        is_writer = connection.get_execution_options().get("kidoku_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    return engine


def upsert(connection: AsyncConnection, table: Table, keys: list[str], change: list[str]) -> Any:
    """``INSERT … ON CONFLICT``: the columns ``change`` are overwritten; with none, the row that is there stays."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    if not change:
        return statement.on_conflict_do_nothing(index_elements=keys)
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in change}
    )


def locking(connection: AsyncConnection, query: Select[Any]) -> Select[Any]:
    """Claim rows so that no other node claims them: on PostgreSQL by row; SQLite has one writer anyway."""
    return query if connection.dialect.name == "sqlite" else query.with_for_update(skip_locked=True)


async def version(connection: AsyncConnection) -> int:
    """A number that changes when another connection commits. SQLite counts; PostgreSQL tells its newest transaction."""
    is_lite = connection.dialect.name == "sqlite"
    query = "PRAGMA data_version" if is_lite else "SELECT txid_current_snapshot()::text"
    value = (await connection.execute(text(query))).scalar_one()
    return value if isinstance(value, int) else hash(value)
