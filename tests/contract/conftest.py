"""What suites share: the same tests of the store over every database, and a browser."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from bot.store.store import Store
from tests.fakes.missing import missing
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


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    path = shutil.which("chromium")
    if path is None:
        missing("Chromium is not installed: run `make servers`, or apt-get install chromium")
    async with async_playwright() as playwright:
        # Chromium's own sandbox needs what a container withholds; the pages are ours.
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()
