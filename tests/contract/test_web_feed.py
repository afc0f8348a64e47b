"""The published calendars, over HTTP: who gets what, what a stranger learns, and that a link taken back is dead."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import icalendar
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from bot import duty
from bot.calendars import link
from bot.calendars.link import Subject
from bot.language import Words
from bot.post import open_tokens
from bot.tokens import Tokens
from bot.web.feed import Feeds
from bot.web.server import Server
from escalation.schedule import Leave, Override
from tests.acceptance.stage import START, Stage, on_stage

DAY = timedelta(days=1)
WORDS = Words("en", "UTC")
ALICE, BOB, NOC = Subject("p", "alice"), Subject("p", "bob"), Subject("s", "noc")


@dataclass
class Site:
    stage: Stage
    tokens: Tokens
    base: str

    async def url(self, subject: Subject) -> str:
        async with self.stage.app.store.transaction() as tx:
            return f"{self.base}/f/{await link.token_of(tx, subject, self.tokens)}.ics"


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[Site]:
    tokens = await open_tokens(stage.app.store)
    app = Starlette(routes=Feeds(stage.app.engine, tokens, Words("en", "Asia/Tokyo")).routes)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Site(stage, tokens, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            await task


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with on_stage(tmp_path) as stage, serving(stage) as site:
        yield site


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"Connection": "close"}) as web:
        yield web


async def summaries(site: Site, web: aiohttp.ClientSession, subject: Subject) -> list[str]:
    async with web.get(await site.url(subject)) as answer:
        assert (answer.status, answer.content_type) == (200, "text/calendar")
        calendar = icalendar.Calendar.from_ical(await answer.read())
    return [str(one["SUMMARY"]) for one in calendar.walk("VEVENT")]


async def test_a_schedule_and_a_person_each_in_their_language(site: Site, web: aiohttp.ClientSession) -> None:
    assert set(await summaries(site, web, NOC)) == {"Alice – noc", "Bob – noc"}
    assert set(await summaries(site, web, ALICE)) == {"On call: noc"}


async def test_overrides_and_leave_are_in_it(site: Site, web: aiohttp.ClientSession) -> None:
    override = Override("noc", "admin", START + DAY, START + 2 * DAY, by="bob")
    await site.stage.app.engine.submit(lambda desk: duty.take_over(desk, override, WORDS))
    away = Leave("alice", START + 3 * DAY, START + 9 * DAY, "alice")
    await site.stage.app.engine.submit(lambda desk: duty.go_on_leave(desk, away, WORDS))
    assert await summaries(site, web, Subject("p", "admin")) == ["On call: noc"]
    assert "On leave: Alice" in await summaries(site, web, ALICE)
    assert {"Admin – noc", "On leave: Alice"} <= set(await summaries(site, web, NOC))
    assert "On leave: Alice" not in await summaries(site, web, BOB)


async def test_the_same_schedule_is_the_same_bytes_and_is_not_sent_twice(
    site: Site, web: aiohttp.ClientSession
) -> None:
    url = await site.url(NOC)
    async with web.get(url) as answer:
        first, etag = await answer.read(), answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Robots-Tag"] == "noindex"
    async with web.get(url, headers={"If-None-Match": etag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    await site.stage.app.engine.refresh()
    async with web.get(url) as answer:
        assert await answer.read() == first
    assert b"\r\n" in first
    assert max(map(len, first.split(b"\r\n"))) <= 75
    site.stage.clock.move_to(START + 40 * DAY)
    async with web.get(url, headers={"If-None-Match": etag}) as answer:
        later = await answer.read()
    uids = [{str(one["UID"]) for one in icalendar.Calendar.from_ical(data).walk("VEVENT")} for data in (first, later)]
    assert len(uids[0] & uids[1]) > 300


async def test_what_leads_nowhere_looks_the_same_whatever_is_wrong(site: Site, web: aiohttp.ClientSession) -> None:
    url = await site.url(ALICE)
    assert await summaries(site, web, BOB)
    async with site.stage.app.store.transaction() as tx:
        nobody = await link.token_of(tx, Subject("p", "nobody"), site.tokens)
    stranger = Tokens(SecretStr("another secret"))
    forged = [
        url.replace(".ics", "x.ics"),
        url[:-5] + ".ics",
        f"{site.base}/f/.ics",
        f"{site.base}/f/é.ics",
        f"{site.base}/f/{nobody}.ics",
        f"{site.base}/f/{stranger.feed_token('p:alice:0')}.ics",
        f"{site.base}/f/{site.tokens.feed_token('p:alice:0')}.ics",
        f"{site.base}/f/{site.tokens.feed_token('p:bob:')}.ics",
        f"{site.base}/f/{site.tokens.feed_token('p:bob:0')}.ics",
        f"{site.base}/f/{site.tokens.confirm_token('p:alice:0')}.ics",
    ]
    async with site.stage.app.store.transaction() as tx:
        assert await link.revoke(tx, ALICE)
        assert not await link.revoke(tx, ALICE)
    answers = set()
    for one in [*forged, url]:
        async with web.get(one) as answer:
            headers = {key: value for key, value in answer.headers.items() if key != "Date"}
            answers.add((answer.status, await answer.read(), str(sorted(headers.items()))))
    assert [status for status, _, _ in answers] == [404]


async def test_a_link_taken_back_stays_dead_over_a_restart_and_another_lives(
    tmp_path: Path, web: aiohttp.ClientSession
) -> None:
    async with on_stage(tmp_path) as stage, serving(stage) as site:
        url = await site.url(NOC)
        assert await site.url(NOC) == url
        old = url.removeprefix(site.base)
    async with on_stage(tmp_path) as stage, serving(stage) as site:
        async with web.get(site.base + old) as answer:
            assert answer.status == 200
        async with stage.app.store.transaction() as tx:
            await link.revoke(tx, NOC)
    async with on_stage(tmp_path) as stage, serving(stage) as site:
        new = await site.url(NOC)
        for one, status in ((site.base + old, 404), (new, 200)):
            async with web.get(one) as answer:
                assert answer.status == status


async def test_names_are_escaped(tmp_path: Path, web: aiohttp.ClientSession) -> None:
    async with on_stage(tmp_path) as stage, serving(stage) as site:
        roster = stage.app.engine.rules.roster
        people = dict(roster.people)
        people["alice"] = replace(people["alice"], name="A;l,i\\ce\r\nEND:VCALENDAR")
        stage.app.engine.rules = replace(stage.app.engine.rules, roster=replace(roster, people=people))
        found = await summaries(site, web, NOC)
    assert any("A;l,i\\ce" in one for one in found)
    assert len(found) > 300
