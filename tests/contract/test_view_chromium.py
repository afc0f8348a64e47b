"""The secure view in a real Chromium: on a narrow phone, in three languages, nothing of another's is ever loaded."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from markupsafe import Markup
from playwright.async_api import Browser, BrowserContext, Page

from bot.store.record import Enclosure
from bot.web.secure_view import SecureView
from bot.web.view_desk import ViewDesk
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import on_stage
from tests.acceptance.test_confidential import GUEST, SECRET, Reader, sends
from tests.acceptance.test_sent import kinds
from tests.contract.test_web_chromium import PHONE, overflow
from tests.fakes.twilio_line import serving

LANGUAGES = {
    "en": ("Send me a code", "Show the mail", "I have read it", "Thank you"),
    "ja": ("コードを送ってもらう", "メールを表示する", "読みました", "ありがとうございます"),
    "zh": ("给我发送验证码", "显示邮件", "我已阅读", "谢谢"),
}
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
HOSTILE = """<!doctype html><html><head><base href="{there}/"><title>x</title>
<meta http-equiv="refresh" content="0;url={there}/refresh"><link rel="stylesheet" href="{there}/a.css">
<link rel="preconnect" href="{there}"><link rel="dns-prefetch" href="{there}">
<style>@import url({there}/b.css); body{{background:url({there}/c.png)}} .x{{position:fixed;inset:0}}</style>
<script src="{there}/d.js"></script><script>document.title = "ran"; fetch("{there}/e")</script></head>
<body background="{there}/f.png" onload="fetch('{there}/g')">
<p class="x" style="background:url({there}/h.png)">{secret}</p>
<img src="{there}/i.png" srcset="{there}/j.png 1x" onerror="document.title='ran'" alt="remote">
<img src="{pixel}" alt="own" width="3000"><img src="data:image/svg+xml,<svg onload='alert(1)'/>" alt="drawn">
<picture><source srcset="{there}/k.png"><img src="//{host}/l.png"></picture>
<svg><image href="{there}/m.png"/><script>document.title = "ran"</script></svg>
<video src="{there}/n.mp4" poster="{there}/o.png" autoplay></video><audio src="{there}/p.mp3" autoplay></audio>
<iframe src="{there}/q" srcdoc="<img src='{there}/r.png'>"></iframe><object data="{there}/s"></object>
<embed src="{there}/t"><input type="image" src="{there}/u.png"><form action="{there}/v"><button>I have read it</button>
</form><a href="javascript:document.title='ran'" ping="{there}/w">run</a><a href="https://status.example/">status</a>
<table background="{there}/y.png"><tr><td width="4000">{wide}</td></tr></table></body></html>"""

pytestmark = pytest.mark.real


@dataclass
class Elsewhere:
    """A server that nobody should ask."""

    url: str
    asked: int = 0


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    found = Elsewhere("")

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.asked += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()
    await server.wait_closed()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
async def phone(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=request.param, accept_downloads=True
    )
    yield context
    await context.close()


@asynccontextmanager
async def reading(folder: Path, language: str) -> AsyncIterator[Reader]:
    async with on_stage(folder, "sent.yaml") as stage:
        post = stage.app.post
        assert post is not None
        desk = ViewDesk(stage.app.engine, post.tokens, stage.app.outbox.lanes, language, "Asia/Tokyo")
        view = SecureView(post.tokens, desk, stage.clock.now)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with serving(listener, list(view.routes)), aiohttp.ClientSession() as session:
                yield Reader(stage, session, base)
        await view.close()


def hostile(there: str) -> str:
    wide = "unbroken" * 60
    return HOSTILE.format(there=there, host=there.removeprefix("http://"), secret=SECRET, pixel=PIXEL, wide=wide)


async def shown(reader: Reader, page: Page, language: str) -> None:
    """From the link in the mail to the content."""
    ask, show, _, _ = LANGUAGES[language]
    await page.goto(reader.link())
    assert await overflow(page) == []
    await page.get_by_role("button", name=ask).tap()
    await page.get_by_role("button", name=show).wait_for()
    assert await overflow(page) == []
    await reader.stage.work()
    await page.locator("input[name=code]").fill(reader.code())
    await page.get_by_role("button", name=show).tap()
    await page.get_by_text(SECRET).wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_from_the_link_to_the_button_on_a_phone(
    tmp_path: Path, phone: BrowserContext, elsewhere: Elsewhere, language: str
) -> None:
    async with reading(tmp_path, language) as reader:
        files = (Enclosure("報告.pdf", "application/pdf", b"%PDF-1.7"),)
        await sends(reader, html=hostile(elsewhere.url), files=files)
        page = await phone.new_page()
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text))
        await shown(reader, page, language)
        assert await overflow(page) == []
        button = page.get_by_role("button", name=LANGUAGES[language][2])
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        async with page.expect_download() as download:
            await page.get_by_role("button", name="報告.pdf").tap()
        assert (await download.value).suggested_filename == "報告.pdf"
        await button.tap()
        await page.get_by_role("heading", name=LANGUAGES[language][3]).wait_for()
        assert {ReceiptKind.DISPLAYED, ReceiptKind.CONFIRMED} <= await kinds(reader.stage, GUEST)
        assert errors == []
        assert await phone.cookies() == []
    assert elsewhere.asked == 0


async def test_the_policy_alone_keeps_everything_out(
    tmp_path: Path, browser: Browser, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the cleaning miss something: what the mail says as it came, under our headers."""
    monkeypatch.setattr("bot.web.view_page.clean_html", Markup)
    body = "".join(line for line in hostile(elsewhere.url).splitlines() if "refresh" not in line and "base" not in line)
    context = await browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    async with reading(tmp_path, "en") as reader:
        await sends(reader, html=body)
        page = await context.new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        await shown(reader, page, "en")
        await page.get_by_alt_text("remote").wait_for(state="attached")
        assert any("Content Security Policy" in text for text in refused)
        assert await page.title() != "ran"
    await context.close()
    assert elsewhere.asked == 0


async def test_a_picture_of_the_mails_own_is_shown(tmp_path: Path, browser: Browser, elsewhere: Elsewhere) -> None:
    context = await browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    async with reading(tmp_path, "en") as reader:
        await sends(reader, html=hostile(elsewhere.url))
        page = await context.new_page()
        await shown(reader, page, "en")
        own = await page.get_by_alt_text("own").evaluate("one => [one.complete, one.naturalWidth]")
        assert own == [True, 1]
        links = await page.locator("article a").evaluate_all(
            "all => all.map(one => [one.textContent, one.href, one.rel])"
        )
        assert links == [
            ["run", "", links[0][2]],
            ["status", "https://status.example/", "noopener noreferrer nofollow"],
        ]
    await context.close()


async def test_a_form_of_another_site_sends_no_code(tmp_path: Path, browser: Browser) -> None:
    async with reading(tmp_path, "en") as reader:
        await sends(reader)
        page = await browser.new_page()
        form = f'<form method="post" action="{reader.link()}"><input name="do" value="send"><button>Win</button></form>'
        await page.route("http://elsewhere.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
        await page.goto("http://elsewhere.example/")
        await page.get_by_role("button").click()
        await page.get_by_role("button", name="Send me a code").wait_for()
        await reader.stage.work()
        assert len(reader.letters()) == 1
