"""Brings the schema up to date with Alembic, after a backup copy."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL

from bot.store.dialect import is_sqlite

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT_BACKUPS = 3


def upgrade(url: URL, now: datetime) -> None:
    """Upgrade the schema to this release's. An SQLite file that needs it is copied first. Blocks; run in a thread."""
    if not is_sqlite(url):
        _upgrade_async(url)
        return
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": 15})
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current == newest():
                return
            if current is not None and url.database:
                _back_up(Path(url.database), current, now)
            _run(connection)
            connection.commit()
    finally:
        engine.dispose()


def newest() -> str | None:
    """The revision of this release."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _run(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _upgrade_async(url: URL) -> None:
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    async def inside() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(_run)
        await engine.dispose()

    asyncio.run(inside())


def _back_up(path: Path, revision: str, now: datetime) -> None:
    copy = path.with_name(f"{path.name}.backup-{revision}-{now:%Y%m%dT%H%M%SZ}")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    log.info("The database was copied before its schema is upgraded", copy=copy.name)
    for old in sorted(path.parent.glob(f"{path.name}.backup-*"), key=lambda one: one.name[-16:])[:-KEPT_BACKUPS]:
        old.unlink()
