"""A calendar of somebody else's comes, fails, loses everything, and comes back; the right phone rings meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.calendars import known
from bot.calendars.known import Meaning, meaning_of
from escalation.imported import Imported
from escalation.policy import EscalationPolicy
from tests.acceptance.stage import START, Stage, mail, on_stage
from tests.fakes.feeds import Feeds, calendar, day, serving, shift

MINUTE = timedelta(minutes=1)
ALICE = ("phone", "+81312345678")
BOB = ("phone", "+81387654321")
ADMIN = ("console", "admin")
DUTY = calendar(
    shift("Alice Smith", "20260503T000000Z", "20260504T000000Z"),
    shift("On call: Bob Jones", "20260504T000000Z", "20260511T000000Z"),
)
CLOSING = calendar(day("Golden week", "20260505"))


@pytest.fixture
async def feeds() -> AsyncIterator[Feeds]:
    async with serving() as feeds:
        feeds.data |= {"secret-duty.ics": DUTY, "away.ics": calendar(), "closing.ics": CLOSING}
        yield feeds


@asynccontextmanager
async def standing(folder: Path, feeds: Feeds) -> AsyncIterator[Stage]:
    more = "calendars:\n"
    for name, path in (("duty", "secret-duty.ics"), ("away", "away.ics"), ("closing", "closing.ics")):
        more += f'  {name}: {{url: "{feeds.url(path)}", zone: Asia/Tokyo}}\n'
    async with on_stage(folder, "calendars.yaml", more) as stage:
        yield stage


async def looks(stage: Stage) -> list[str]:
    """A quarter of an hour later; what the administrators are told."""
    await stage.passes(15 * MINUTE)
    await stage.app.upkeep.calendars.look()
    await stage.work()
    said = [one.title for one in stage.console.sent]
    stage.console.sent.clear()
    return said


def on_call(stage: Stage, after: timedelta = timedelta(0)) -> tuple[str, ...]:
    return stage.app.engine.rules.roster.on_call("noc", stage.clock.now() + after)


def policy(stage: Stage) -> EscalationPolicy:
    return stage.app.intake.routes().policies["urgent"]


async def test_whoever_the_calendar_names_is_called(tmp_path: Path, feeds: Feeds) -> None:
    async with standing(tmp_path, feeds) as stage:
        assert on_call(stage) == ()
        assert await looks(stage) == []
        assert (on_call(stage), on_call(stage, timedelta(hours=8))) == (("alice",), ("bob",))
        await stage.arrives(mail("【緊急】down", "a@x"))
        await stage.passes(5 * MINUTE)
        assert stage.told() == [ALICE]


async def test_a_feed_that_vanishes(tmp_path: Path, feeds: Feeds) -> None:
    """Others page nobody when a subscribed calendar turns empty, or can't be had."""
    async with standing(tmp_path, feeds) as stage:
        await looks(stage)
        feeds.data["secret-duty.ics"] = 503
        assert await looks(stage) == []
        (said,) = await looks(stage)
        assert "duty: the server answers 503." in said
        assert await looks(stage) == []
        feeds.data["secret-duty.ics"] = DUTY[:-40]
        assert await looks(stage) == []
        feeds.data["secret-duty.ics"] = calendar()
        assert await looks(stage) == []
        assert on_call(stage) == ("alice",)
    async with standing(tmp_path, feeds) as stage:
        assert on_call(stage) == ("alice",)
        feeds.data["secret-duty.ics"] = 404
        assert await looks(stage) == []
        feeds.data["secret-duty.ics"] = calendar(shift("Bob Jones", "20260503T000000Z", "20260511T000000Z"))
        assert await looks(stage) == ["Kidoku reads the calendar duty again."]
        assert on_call(stage) == ("bob",)
        assert await looks(stage) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (calendar(), "duty: all its events are gone."),
        (b"<!doctype html><p>Sign in", "duty: it is a web page, not a calendar"),
    ],
)
async def test_what_is_broken_is_told_at_once(tmp_path: Path, feeds: Feeds, data: bytes, said: str) -> None:
    async with standing(tmp_path, feeds) as stage:
        await looks(stage)
        feeds.data["secret-duty.ics"] = data
        (told,) = await looks(stage)
        assert said in told
        assert "secret" not in told
        assert on_call(stage) == ("alice",)


async def test_one_that_was_never_read_is_told_at_once(tmp_path: Path, feeds: Feeds) -> None:
    feeds.data["secret-duty.ics"] = 500
    async with standing(tmp_path, feeds) as stage:
        (said,) = await looks(stage)
        assert "duty: the server answers 500." in said
        assert on_call(stage) == ()


async def test_a_calendar_that_is_still_the_same_is_not_sent_again(tmp_path: Path, feeds: Feeds) -> None:
    async with standing(tmp_path, feeds) as stage:
        await looks(stage)
        await looks(stage)
        etags = [etag for path, etag in feeds.asked if path == "secret-duty.ics"]
        assert etags[0] == ""
        assert etags[1] != ""
        await stage.passes(timedelta(days=2))
        await looks(stage)
        assert on_call(stage) == ("bob",)


async def test_an_event_of_a_stranger_is_told_once_in_its_words(tmp_path: Path, feeds: Feeds) -> None:
    feeds.data["secret-duty.ics"] = DUTY.replace(b"On call: Bob Jones", b"Carol")
    async with standing(tmp_path, feeds) as stage:
        (said,) = await looks(stage)
        assert "duty: nobody knows who is meant by “Carol”." in said
        assert await looks(stage) == []


async def test_whoever_a_calendar_has_on_leave_is_not_called(tmp_path: Path, feeds: Feeds) -> None:
    feeds.data["away.ics"] = calendar(shift("Bob Jones vacation", "20260501T000000Z", "20260506T000000Z"))
    async with standing(tmp_path, feeds) as stage:
        await looks(stage)
        assert on_call(stage, timedelta(days=1)) == ()
        assert on_call(stage, timedelta(days=4)) == ("bob",)


async def test_a_day_of_a_calendar_chooses_the_ladder(tmp_path: Path, feeds: Feeds) -> None:
    async with standing(tmp_path, feeds) as stage:
        assert policy(stage).ladders[0].window.dates == frozenset()
        await looks(stage)
        assert policy(stage).ladders[0].window.dates == {date(2026, 5, 5)}
        stage.clock.move_to(START + timedelta(days=1))
        await stage.arrives(mail("【緊急】closed", "b@x"))
        assert stage.told() == [BOB]
    async with standing(tmp_path, feeds) as stage:
        assert policy(stage).ladders[0].window.dates == {date(2026, 5, 5)}


async def test_an_hour_is_no_day(tmp_path: Path, feeds: Feeds) -> None:
    feeds.data["closing.ics"] = calendar(shift("half a day", "20260505T000000Z", "20260505T030000Z"))
    async with standing(tmp_path, feeds) as stage:
        (said,) = await looks(stage)
        assert "closing: these are no whole days: “half a day”." in said


async def test_nothing_is_followed_out_of_the_machine_or_for_ever(tmp_path: Path, feeds: Feeds) -> None:
    feeds.data["secret-duty.ics"] = "http://calendar.example/duty.ics"
    feeds.data["away.ics"] = feeds.url("away.ics")
    async with standing(tmp_path, feeds) as stage:
        said = "\n".join(await looks(stage))
        assert "duty: it leads elsewhere, where Kidoku does not follow." in said
        assert "away: it leads from one address to the next without end." in said
    assert len([path for path, _ in feeds.asked if path == "away.ics"]) == 6


async def test_a_calendar_that_could_not_be_taken_up_is_taken_up_at_the_next_look(
    tmp_path: Path, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the store and no newer one comes: what failed for want of memory must not be taken for done."""
    async with standing(tmp_path, feeds) as stage:
        await looks(stage)
        feeds.data["secret-duty.ics"] = calendar(shift("Bob Jones", "20260503T000000Z", "20260511T000000Z"))
        with monkeypatch.context() as patched:
            patched.setattr(Imported, "of", starved)
            await looks(stage)
        assert on_call(stage) == ("alice",)
        await looks(stage)
        assert on_call(stage) == ("bob",)


def starved(*_: object) -> Imported:
    raise MemoryError


async def test_pages_do_not_wait_for_what_a_calendar_means(
    tmp_path: Path, feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, has_begun, may_go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def slow(*args: Any) -> Meaning:
        loop.call_soon_threadsafe(has_begun.set)
        may_go_on.wait(60)
        return meaning_of(*args)

    async with standing(tmp_path, feeds) as stage:
        monkeypatch.setattr(known, "meaning_of", slow)
        looking = asyncio.create_task(stage.app.upkeep.calendars.look())
        try:
            async with asyncio.timeout(30):
                await has_begun.wait()
                await stage.arrives(mail("【緊急】 down", "a@x"))
            assert not looking.done()
        finally:
            may_go_on.set()
            await looking


async def test_a_calendar_that_the_settings_have_no_more_is_forgotten(tmp_path: Path, feeds: Feeds) -> None:
    async with standing(tmp_path, feeds) as stage:
        await looks(stage)
        async with stage.app.store.transaction() as tx:
            assert set(await tx.feed_versions()) == {"duty", "away", "closing"}
            await tx.drop_feeds({"duty", "away"})
            assert set(await tx.feed_versions()) == {"duty", "away"}
