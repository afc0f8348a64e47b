"""Brings the schema up to date with Alembic, after a backup copy; a new database is made as it is now."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import dialect
from bot.store.dialect import Engines
from bot.store.record import StoreError
from bot.store.schema import REVISION, metadata
from channels.system_fault import why_of
from escalation.phrase import N_, Phrase, advice

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
KEPT_BACKUPS = 3


async def upgrade(engines: Engines, now: datetime) -> None:
    """Upgrade the schema to this release's. An SQLite file that needs it is copied first.

    Of several processes that open one database at once, one does it and the others wait. Raises StoreError for a
    database that is of a later release, or not Kidoku's.
    """
    async with engines.reader.connect() as connection:
        if await connection.run_sync(_revision) == REVISION:
            return
    async with engines.writer.begin() as connection:
        await dialect.lock_schema(connection)
        await _upgrade_locked(connection, engines, now)


async def _upgrade_locked(connection: AsyncConnection, engines: Engines, now: datetime) -> None:
    current = await connection.run_sync(_revision)
    if current == REVISION:
        return
    place = engines.url.render_as_string(hide_password=True)
    if current is None:
        await connection.run_sync(_refuse_foreign, place)
        await connection.run_sync(_create)
    else:
        path = dialect.path_of(engines.url)
        if path is not None:
            await asyncio.to_thread(back_up, path, current, now)
        await connection.run_sync(run, place)
    log.info("The schema was upgraded", revision=REVISION, before=current or "nothing")


def _revision(connection: Connection) -> str | None:
    """The revision of a database; None for one without any. Read by hand: most starts need no Alembic."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def _refuse_foreign(connection: Connection, place: str) -> None:
    """Somebody else's SQLite file, or a schema in which our tables' names are taken, is left alone."""
    found = set(inspect(connection).get_table_names()) - {"alembic_version"}
    taken = found if connection.dialect.name == "sqlite" else found & set(metadata.tables)
    if taken:
        listed = ", ".join(sorted(taken)[:5])
        form = N_("%(place)s: holds tables that are not Kidoku's (%(tables)s); name another database")
        raise StoreError(Phrase(form, place=place, tables=listed))


def _create(connection: Connection) -> None:
    """Everything at once. Alembic, which needs much memory, is not loaded; it finds its mark here later."""
    metadata.create_all(connection)
    connection.execute(
        text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def run(connection: Connection, place: str, revision: str = "head") -> None:
    """Alembic's upgrade, up to a revision. Raises StoreError for a database of a later release."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        wrong = Phrase("%(place)s: the schema is of another release (%(text)s)", place=place, text=str(error))
        fix = Phrase("run the release that wrote it, or put back the copy made before its upgrade")
        raise StoreError(advice(wrong, fix)) from error


def back_up(path: Path, revision: str, now: datetime) -> Path:
    """Copy an SQLite file beside itself, whole or not at all, and delete all but the newest copies. Blocks."""
    copy = path.with_name(f"{path.name}.backup-{revision}-{now:%Y%m%dT%H%M%SZ}")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target)
        unfinished.replace(copy)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        form = N_("%(place)s: can't be copied before its schema is upgraded (%(why)s); make room beside it")
        why = why_of(error) if isinstance(error, OSError) else str(error)
        raise StoreError(Phrase(form, place=str(path), why=why)) from error
    log.info("The database was copied before its schema is upgraded", copy=copy.name)
    _prune(path)
    return copy


def _prune(path: Path) -> None:
    copies = (one for one in path.parent.iterdir() if one.name.startswith(f"{path.name}.backup-"))
    finished = [one for one in copies if not one.name.endswith(".unfinished")]
    for old in sorted(finished, key=lambda one: one.name[-16:])[:-KEPT_BACKUPS]:
        old.unlink()
