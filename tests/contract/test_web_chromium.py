"""The confirm page in a real Chromium: on a narrow phone, without scripts, in three languages."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from escalation.receipt import ReceiptKind
from tests.fakes.web_desk import LETTER, MemoryDesk, Site, serving

PHONE = ViewportSize(width=360, height=640)
LANGUAGES = {
    "en": ("Europe/London", "I have read it", "Thank you", "01:30"),
    "ja": ("Asia/Tokyo", "読みました", "ありがとうございます", "10:30"),
    "zh": ("Asia/Shanghai", "我已阅读", "谢谢", "09:30"),
}
LONG = "https://status.carrier.example/" + "incident-" * 25 + " 【重要】" + "回線" * 60

pytestmark = pytest.mark.real


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    letters = {
        language: replace(
            LETTER, language=language, zone=zone, subject=LONG, sender=f"NOC <{'n' * 64}@carrier.example>"
        )
        for language, (zone, *_) in LANGUAGES.items()
    }
    async with serving(MemoryDesk(**letters)) as site:
        yield site


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
async def phone(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2, java_script_enabled=request.param
    )
    yield context
    await context.close()


async def overflow(page: Page) -> list[str]:
    """What sticks out of the screen, measured by the browser itself, scripts or not."""
    session = await page.context.new_cdp_session(page)
    metrics = await session.send("Page.getLayoutMetrics")
    width = metrics["cssContentSize"]["width"]
    out = [] if width <= PHONE["width"] else [f"the page is {width} px wide"]
    for element in await page.locator("h1, p, dl, dt, dd, button").all():
        box = await element.bounding_box()
        assert box is not None
        if box["x"] < 0 or box["x"] + box["width"] > PHONE["width"]:
            out.append(f"{await element.text_content()}: {box}")
    return out


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_works_on_a_phone(site: Site, phone: BrowserContext, language: str) -> None:
    _, button, thanks, clock = LANGUAGES[language]
    page = await phone.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("requestfailed", lambda request: errors.append(request.url))
    await page.goto(site.confirm(language))
    assert clock in await page.locator("dl").inner_text()
    assert await overflow(page) == []
    box = await page.get_by_role("button", name=button).bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert site.desk.reports == []
    await page.get_by_role("button", name=button).tap()
    await page.get_by_role("heading", name=thanks).wait_for()
    assert await overflow(page) == []
    assert [(report.key, report.kind) for report in site.desk.reports] == [(language, ReceiptKind.CONFIRMED)]
    assert errors == []
    assert await phone.cookies() == []


async def test_a_reload_of_the_thanks_confirms_nothing_new(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(site.confirm("en"))
    await page.get_by_role("button").click()
    await page.get_by_role("heading", name="Thank you").wait_for()
    await page.reload()
    await page.get_by_role("heading", name="Thank you").wait_for()
    assert len(site.desk.reports) == 1


async def test_a_form_of_another_site_confirms_nothing(site: Site, browser: Browser) -> None:
    """As a mail program would show it that renders the form of a forwarded or hostile mail."""
    page = await browser.new_page()
    form = f'<form method="post" action="{site.confirm("en")}"><button>Win a prize</button></form>'
    await page.route("http://elsewhere.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
    await page.goto("http://elsewhere.example/")
    await page.get_by_role("button").click()
    await page.get_by_role("button", name="I have read it").wait_for()
    assert site.desk.reports == []


async def test_a_script_that_follows_the_link_confirms_nothing(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(site.confirm("en"))
    async with asyncio.timeout(10):
        status = await page.evaluate("fetch(location.href, {method: 'POST'}).then(r => r.status, () => 'blocked')")
    assert status == "blocked"
    assert site.desk.reports == []


async def test_styles_are_applied_under_the_policy(site: Site, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(site.confirm("en"))
    color = await page.get_by_role("button").evaluate("one => getComputedStyle(one).backgroundColor")
    assert color == "rgb(10, 88, 184)"
