"""What every store must do with drills."""

from dataclasses import replace

import pytest

from bot.store.drills import Drill
from bot.store.store import Store
from tests.fakes.policies import AT, after

FIRST = Drill(alert_id=1, policy="urgent", by="alice", begun_at=AT, ends_at=after(60))
SECOND = replace(FIRST, alert_id=2, ends_at=after(30))


@pytest.fixture
async def store(store: Store) -> Store:
    """With two drills."""
    async with store.transaction() as tx:
        await tx.add_drill(FIRST)
        await tx.add_drill(SECOND)
    return store


async def test_drills_come_back_as_they_were(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.drill(1) == FIRST
        assert (await tx.drill(3), await tx.drill(10**30)) == (None, None)
        assert await tx.open_drills() == [SECOND, FIRST], "the first to end first"
        assert await tx.drills(1) == [SECOND]


async def test_one_that_is_over_stays_over(store: Store) -> None:
    for minute in (5, 9):
        async with store.transaction() as tx:
            await tx.end_drills([2], after(minute))
    async with store.reading() as tx:
        assert await tx.drill(2) == replace(SECOND, ended_at=after(5))
        assert await tx.open_drills() == [FIRST]
