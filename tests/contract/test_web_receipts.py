"""The confirm page and the picture, over HTTP: what counts, what does not, and what a stranger learns."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
import time_machine
from pydantic import SecretStr

from bot.tokens import Tokens
from bot.web.limiter import Rate
from bot.web.pixel import GIF
from bot.web.receipts import Terms
from escalation.receipt import ReceiptKind
from tests.fakes.web_desk import KEY, LETTER, SENT_AT, TOKENS, MemoryDesk, Site, serving

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as site:
        yield site


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"User-Agent": BROWSER}, cookie_jar=aiohttp.CookieJar()) as web:
        yield web


async def test_the_page_shows_who_sent_what_and_when(site: Site, web: aiohttp.ClientSession) -> None:
    async with web.get(site.confirm()) as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "NOC &lt;noc@carrier.example&gt;" in text
    assert "【緊急】回線障害のお知らせ" in text
    assert "Tue 24 Nov 01:30 GMT" in text
    assert "Alice" in text


async def test_the_button_confirms_once(site: Site, web: aiohttp.ClientSession) -> None:
    for _ in range(2):
        async with web.post(site.confirm(), data={}) as answer:
            assert answer.status == 200
            assert "Thank you" in await answer.text()
    [report] = site.desk.reports
    assert (report.key, report.kind, report.at) == (KEY, ReceiptKind.CONFIRMED, site.now)
    assert (report.program, report.network) == ("", "")
    async with web.get(site.confirm()) as answer:
        assert "<form" not in await answer.text()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
async def test_nothing_but_a_post_counts(site: Site, web: aiohttp.ClientSession, method: str) -> None:
    async with web.request(method, site.confirm()) as answer:
        assert answer.status in (200, 405)
    assert site.desk.reports == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
    ],
)
async def test_a_post_that_is_no_press_does_not_count(
    site: Site, web: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with web.post(site.confirm(), headers=headers) as answer:
        assert "<form" in await answer.text()
    assert site.desk.reports == []


def others_tokens() -> dict[str, str]:
    stranger = Tokens(SecretStr("another secret"))
    with time_machine.travel(SENT_AT - timedelta(days=400), tick=False):
        expired = TOKENS.confirm_token(KEY), TOKENS.pixel_token(KEY)
    return {
        "forged /c": f"/c/{stranger.confirm_token(KEY)}",
        "forged /p": f"/p/{stranger.pixel_token(KEY)}.gif",
        "expired /c": f"/c/{expired[0]}",
        "expired /p": f"/p/{expired[1]}.gif",
        "revoked /c": f"/c/{TOKENS.confirm_token('42.m9')}",
        "revoked /p": f"/p/{TOKENS.pixel_token('42.m9')}.gif",
        "other purpose /c": f"/c/{TOKENS.pixel_token(KEY)}",
        "other purpose /p": f"/p/{TOKENS.confirm_token(KEY)}.gif",
        "nonsense /c": "/c/..%2f..%2fetc",
        "nonsense /p": "/p/%00%ff.gif",
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_every_link_that_leads_nowhere_looks_the_same(
    site: Site, web: aiohttp.ClientSession, method: str
) -> None:
    seen = set()
    for path in [path for path in others_tokens().values() if path.startswith("/c/")]:
        async with web.request(method, site.url + path) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
            seen.add((answer.status, await answer.text(), tuple(sorted(kept.items()))))
    assert len(seen) == 1
    assert site.desk.reports == []
    assert next(iter(seen))[0] == 404


async def test_every_picture_is_the_same(site: Site, web: aiohttp.ClientSession) -> None:
    seen = set()
    paths = [path for path in others_tokens().values() if path.startswith("/p/")]
    for url in [site.pixel(), *(site.url + path for path in paths)]:
        async with web.get(url) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
            seen.add((answer.status, await answer.read(), tuple(sorted(kept.items()))))
    assert len(seen) == 1
    assert next(iter(seen))[:2] == (200, GIF)
    assert {report.key for report in site.desk.reports} == {KEY}


async def test_a_picture_is_classified(site: Site, web: aiohttp.ClientSession) -> None:
    for agent in (BROWSER, "Mozilla/5.0"):
        async with web.get(site.pixel(), headers={"User-Agent": agent}) as answer:
            assert answer.headers["Cache-Control"].startswith("no-store")
    person, machine = site.desk.reports
    assert (person.kind, person.opener, person.program) == (ReceiptKind.OPENED, "person", "Thunderbird")
    assert (machine.kind, machine.opener) == (ReceiptKind.OPENED_BY_MACHINE, "apple_mpp")
    assert BROWSER not in repr(site.desk.reports)


async def test_a_head_of_the_picture_is_no_opening(site: Site, web: aiohttp.ClientSession) -> None:
    async with web.head(site.pixel()) as answer:
        assert answer.status == 200
    assert site.desk.reports == []


async def test_the_page_gives_nothing_away(site: Site, web: aiohttp.ClientSession) -> None:
    async with web.get(site.confirm()) as answer:
        headers, text = answer.headers, await answer.text()
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "Set-Cookie" not in headers
    assert not re.search(r"<script|https?://|src=|style=", text)


async def test_hostile_words_stay_words(web: aiohttp.ClientSession) -> None:
    hostile = replace(
        LETTER, sender="<script>alert(1)</script>\u202e", subject='"><img src=x onerror=alert(1)>\r\nX: 1'
    )
    async with serving(MemoryDesk(**{"7.m1": hostile})) as site, web.get(site.confirm("7.m1")) as answer:
        text = await answer.text()
    assert "<script" not in text
    assert "<img" not in text
    assert "\u202e" not in text


async def test_a_great_body_is_refused(site: Site, web: aiohttp.ClientSession) -> None:
    async with web.post(site.confirm(), data=b"x" * 2_000) as answer:
        assert answer.status == 413
    assert site.desk.reports == []


async def test_it_answers_after_the_commit_and_commits_together(site: Site, web: aiohttp.ClientSession) -> None:
    site.desk.gate = asyncio.Event()
    keys = [f"{number}.m1" for number in range(30)]
    site.desk.letters |= dict.fromkeys(keys, LETTER)
    asked = [asyncio.ensure_future(web.get(site.pixel(key))) for key in keys]
    async with asyncio.timeout(10):
        await site.desk.entered.wait()
    assert not any(one.done() for one in asked)
    site.desk.gate.set()
    for answer in await asyncio.gather(*asked):
        assert answer.status == 200
        answer.release()
    assert {report.key for report in site.desk.reports} == set(keys)
    assert len(site.desk.commits) < len(keys)


async def test_what_could_not_be_committed_is_said(site: Site, web: aiohttp.ClientSession) -> None:
    site.desk.failure = OSError("database or disk is full")
    async with web.post(site.confirm()) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert "disk" not in await answer.text()
    async with web.get(site.pixel()) as answer:
        assert (answer.status, await answer.read()) == (503, GIF)


async def test_when_too_many_wait_it_says_so(web: aiohttp.ClientSession) -> None:
    async with serving(terms=Terms(most_waiting=1)) as site:
        site.desk.gate = asyncio.Event()
        first = asyncio.ensure_future(web.get(site.pixel()))
        async with asyncio.timeout(10):
            await site.desk.entered.wait()
        second = asyncio.ensure_future(web.get(site.pixel("43.m1")))
        third = asyncio.ensure_future(web.get(site.pixel("44.m1")))
        done, _ = await asyncio.wait([second, third], return_when=asyncio.FIRST_COMPLETED, timeout=10)
        answer = done.pop().result()
        assert (answer.status, answer.headers["Retry-After"], await answer.read()) == (503, "5", GIF)
        site.desk.gate.set()
        for one in await asyncio.gather(first, second, third):
            one.release()


async def test_one_client_is_limited_and_others_are_not(web: aiohttp.ClientSession) -> None:
    terms = Terms(pages=Rate(0.001, 3), pixels=Rate(0.001, 3))
    async with serving(terms=terms) as site:
        for url, refused in ((site.confirm(), 429), (site.pixel(), 429)):
            statuses = []
            for address in ["203.0.113.7"] * 5 + ["203.0.113.8"]:
                async with web.get(url, headers={"X-Forwarded-For": address}) as answer:
                    statuses.append(answer.status)
            assert statuses == [200, 200, 200, refused, refused, 200]


async def test_the_strangers_language_is_the_browsers(site: Site, web: aiohttp.ClientSession) -> None:
    async with web.get(f"{site.url}/c/x", headers={"Accept-Language": "de, zh-CN;q=0.9"}) as answer:
        assert '<html lang="zh-Hans">' in await answer.text()


async def test_a_burst_takes_back_what_it_seemed(site: Site, web: aiohttp.ClientSession) -> None:
    site.desk.letters |= {f"42.m{number}": LETTER for number in range(3)}
    for number in range(3):
        async with web.get(site.pixel(f"42.m{number}"), headers={"X-Forwarded-For": "203.0.113.7"}):
            pass
    said = [(report.key, report.kind, report.is_withdrawn) for report in site.desk.reports]
    assert said == [
        ("42.m0", ReceiptKind.OPENED, False),
        ("42.m1", ReceiptKind.OPENED, False),
        ("42.m2", ReceiptKind.OPENED_BY_MACHINE, False),
        ("42.m0", ReceiptKind.OPENED, True),
        ("42.m1", ReceiptKind.OPENED, True),
    ]
    assert site.desk.reports[0].network == "203.0.113.0/24"
