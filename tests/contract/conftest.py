"""What the suites of the store share: the same tests over every database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import Store
from tests.fakes.policies import AT
from tests.fakes.stored import DATABASES, database


@pytest.fixture(params=DATABASES)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A new database of each kind that can be had here."""
    async with database(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url, AT)
    yield store
    await store.close()


@pytest.fixture
async def other(url: str, store: Store) -> AsyncIterator[Store]:
    """Another node on the same database."""
    other = await Store.open(url, AT)
    yield other
    await other.close()
