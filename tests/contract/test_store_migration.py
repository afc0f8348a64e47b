"""The schema: made new, upgraded from every earlier revision, and left alone where it is not ours to change."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from bot.store import dialect, migration
from bot.store.record import StoreError
from bot.store.schema import REVISION, metadata
from bot.store.store import Store
from tests.fakes.policies import AT
from tests.fakes.stored import DATABASES, database, first, load

REVISIONS = sorted(path.name[:4] for path in (migration.MIGRATIONS / "versions").glob("0*.py"))


async def migrated(url: str, revision: str, *statements: str) -> None:
    """A database as the release with this revision left it."""
    engines = dialect.engines(dialect.parse(url))
    async with engines.writer.begin() as connection:
        await connection.run_sync(migration.run, url, revision)
        for statement in statements:
            await connection.execute(text(statement))
    await engines.dispose()


async def described(url: str) -> Mapping[str, Any]:
    engines = dialect.engines(dialect.parse(url))
    async with engines.reader.connect() as connection:
        found = await connection.run_sync(_tables)
    await engines.dispose()
    return found


def _tables(connection: Connection) -> Mapping[str, Any]:
    there = inspect(connection)
    return {name: _table(there, name) for name in there.get_table_names() if name != "alembic_version"}


def _table(there: Any, name: str) -> Any:
    columns = [(one["name"], str(one["type"]), one["nullable"]) for one in there.get_columns(name)]
    foreign = [(one["constrained_columns"], one["referred_table"]) for one in there.get_foreign_keys(name)]
    indexes = [
        (one["name"], one["column_names"], bool(one["unique"]), sorted(map(str, one["dialect_options"].values())))
        for one in there.get_indexes(name)
    ]
    return sorted(columns), there.get_pk_constraint(name)["constrained_columns"], sorted(foreign), sorted(indexes)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_new_database_is_what_the_migrations_make(kind: str, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    async with database(kind, tmp_path) as old, database(kind, tmp_path / "new") as new:
        await migrated(old, "head")
        await (await Store.open(new, AT)).close()
        made = await described(old)
        assert await described(new) == made
    assert "notification" in made


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_an_earlier_release_is_upgraded_with_what_it_holds(url: str, revision: str) -> None:
    await migrated(url, revision, "INSERT INTO counter (name, value) VALUES ('alert', 7)")
    store = await Store.open(url, AT)
    async with store.transaction() as tx:
        assert await tx.next_alert_ids(1) == [8]
        await tx.save([first(8)])
    assert await load(store, 8) is not None
    await store.close()


def copies_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.glob("*.backup-*"))


async def test_a_file_is_copied_before_its_upgrade_and_few_copies_are_kept(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3"
    for number in range(migration.KEPT_BACKUPS + 2):
        await migrated(url, "0001")
        await (await Store.open(url, AT + timedelta(days=number))).close()
        (tmp_path / "kidoku.sqlite3").unlink()
    copies = copies_in(tmp_path)
    assert len(copies) == migration.KEPT_BACKUPS
    assert all(name.startswith("kidoku.sqlite3.backup-0001-") for name in copies)
    await migrated(f"sqlite+aiosqlite:///{tmp_path}/{copies[-1]}", "0001")
    await (await Store.open(f"sqlite+aiosqlite:///{tmp_path}/{copies[-1]}", AT)).close()


async def test_a_database_of_this_release_is_not_copied(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3"
    for _ in range(2):
        await (await Store.open(url, AT)).close()
    assert copies_in(tmp_path) == []


async def test_a_database_of_a_later_release_is_refused_and_stays_as_it_is(url: str) -> None:
    await (await Store.open(url, AT)).close()
    engines = dialect.engines(dialect.parse(url))
    async with engines.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = await described(url)
    with pytest.raises(StoreError, match="of another release"):
        await Store.open(url, AT)
    assert await described(url) == before
    async with engines.reader.connect() as connection:
        assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one() == "9999"
    await engines.dispose()


async def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/other.sqlite3"
    engines = dialect.engines(dialect.parse(url))
    async with engines.writer.begin() as connection:
        await connection.execute(text("CREATE TABLE recipe (name TEXT)"))
    await engines.dispose()
    with pytest.raises(StoreError, match=r"not Kidoku's \(recipe\)"):
        await Store.open(url, AT)
    assert list(await described(url)) == ["recipe"]


def test_the_newest_revision_is_the_one_that_is_made() -> None:
    assert REVISIONS[-1] == REVISION


async def test_a_database_that_was_taken_back_to_nothing_is_made_anew(url: str) -> None:
    """Alembic leaves its own table behind, without a revision."""
    await migrated(url, "head", "DELETE FROM alembic_version")
    engines = dialect.engines(dialect.parse(url))
    async with engines.writer.begin() as connection:
        await connection.run_sync(metadata.drop_all)
    await engines.dispose()
    store = await Store.open(url, AT)
    async with store.transaction() as tx:
        assert await tx.next_alert_ids(1) == [1]
    await store.close()
