"""What every store must do with what calendars said."""

from dataclasses import replace
from datetime import date

from bot.store.calendars import FeedRow
from bot.store.store import Store
from escalation.feed import FeedEvent
from tests.fakes.policies import AT, after

EVENTS = (
    FeedEvent(AT, after(60), "佐藤 ☎", ("a@b.example",), "o@b.example", ("A B",)),
    FeedEvent(after(60), after(120), first=date(2026, 5, 4), last=date(2026, 5, 5)),
)
ROW = FeedRow("duty", "d" * 64, '"etag"', b"\x00\xff", EVENTS, 3, AT, after(1), 2, '{"form": "x"}')


async def test_a_calendar_comes_back_as_it_was(store: Store) -> None:
    never = FeedRow("away", failures=1)
    async with store.transaction() as tx:
        assert await tx.feed("duty") is None
        for one in (replace(ROW, version=1), ROW, never):
            await tx.put_feed(one)
    async with store.reading() as tx:
        assert await tx.feed("duty") == ROW
        assert await tx.feed("away") == never
        assert await tx.feed_versions() == {"duty": 3, "away": 0}


async def test_those_that_nobody_wants_any_more_are_forgotten(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.put_feed(ROW)
        await tx.put_feed(replace(ROW, name="away"))
        await tx.drop_feeds({"away", "other"})
        assert await tx.feed_versions() == {"away": 3}
