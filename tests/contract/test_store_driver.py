"""SQLite's thread is asked once for each statement, and what SQLAlchemy hears is what SQLite said."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import dialect, driver


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[dialect.Engines]:
    engines = dialect.engines(dialect.parse(f"sqlite+aiosqlite:///{tmp_path}/a.sqlite3"))
    async with engines.writer.begin() as connection:
        await connection.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    async with engines.reader.connect() as connection:
        await connection.execute(text("SELECT 1"))
    yield engines
    await engines.dispose()


@pytest.fixture
def engine(engines: dialect.Engines) -> AsyncEngine:
    return engines.writer


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the thread is asked to do from here on."""
    asked: list[str] = []
    execute: Any = driver.Connection._execute

    async def counted(self: driver.Connection, work: Any, *args: Any, **options: Any) -> Any:
        asked.append(f"{args[1]} {args[3]}".strip() if work is driver._run else work.__name__)
        return await execute(self, work, *args, **options)

    monkeypatch.setattr(driver.Connection, "_execute", counted)
    return asked


async def test_a_statement_is_one_trip_and_so_is_the_commit(engine: AsyncEngine, trips: list[str]) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO a (name) VALUES ('x')"))
        rows = (await connection.execute(text("SELECT name FROM a"))).all()
    assert [tuple(row) for row in rows] == [("x",)]
    assert trips == ["BEGIN IMMEDIATE", "INSERT INTO a (name) VALUES ('x')", "SELECT name FROM a", "commit"]


async def test_a_reader_begins_with_its_first_statement_and_sees_what_was_there_then(
    engines: dialect.Engines, trips: list[str]
) -> None:
    count = text("SELECT count(*) FROM a")
    async with engines.reader.begin() as connection:
        assert trips == []
        assert (await connection.execute(count)).scalar_one() == 0
        async with engines.writer.begin() as writer:
            await writer.execute(text("INSERT INTO a (name) VALUES ('x')"))
        assert (await connection.execute(count)).scalar_one() == 0
    assert [one for one in trips if "count" in one or one == "commit"] == [
        "BEGIN SELECT count(*) FROM a",
        "commit",
        "SELECT count(*) FROM a",
        "commit",
    ]
    async with engines.reader.begin():
        trips.clear()
    assert trips == []


async def test_what_was_not_committed_is_rolled_back(engine: AsyncEngine, trips: list[str]) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO a (name) VALUES ('x')"))
    assert trips[-1] == "rollback"
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM a"))).scalar_one() == 0


async def test_rows_are_counted_and_returned(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        many = [{"name": name} for name in "xyz"]
        assert (await connection.execute(text("INSERT INTO a (name) VALUES (:name)"), many)).rowcount == 3
        changed = await connection.execute(text("UPDATE a SET name = name || '!' WHERE id > 1 RETURNING id, name"))
        assert sorted(map(tuple, changed.all())) == [(2, "y!"), (3, "z!")]
        assert (await connection.execute(text("DELETE FROM a WHERE id < 3"))).rowcount == 2
        assert (await connection.execute(text("INSERT INTO a (name) VALUES ('w')"))).lastrowid == 4


async def test_a_fault_is_sqlites_own_and_the_connection_lives_on(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO a (name) VALUES ('x')"))
        with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
            await connection.execute(text("INSERT INTO a (name) VALUES ('x')"))
        assert (await connection.execute(text("SELECT count(*) FROM a"))).scalar_one() == 1
