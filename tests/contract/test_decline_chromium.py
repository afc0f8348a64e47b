"""The page to decline in a real Chromium: on a narrow phone, without scripts, in three languages."""

import socket
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext

from bot.web.decline import DeclinePage
from tests.acceptance.stage import on_stage
from tests.acceptance.test_sent import GUEST
from tests.contract.test_web_chromium import PHONE, overflow
from tests.fakes.twilio_line import serving

LANGUAGES = {
    "en": ("No pictures and no read receipts", "You have declined pictures"),
    "ja": ("画像も開封確認の依頼も不要", "画像を辞退済みです"),
    "zh": ("不要图片，也不要索取已读回执", "您已拒绝图片"),
}

pytestmark = pytest.mark.real


@pytest.fixture
async def phone(browser: Browser) -> BrowserContext:
    return await browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_press_declines_everything(tmp_path: Path, phone: BrowserContext, language: str) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        post = stage.app.post
        assert post is not None
        web = DeclinePage(post.tokens, stage.app.engine, language, "Asia/Tokyo")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with serving(listener, list(web.routes)):
                path = post.decline_url(GUEST).removeprefix(post.public_url)
                page = await phone.new_page()
                await page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}{path}")
                assert await overflow(page) == []
                await page.get_by_role("button", name=LANGUAGES[language][0]).tap()
                await page.get_by_text(LANGUAGES[language][1]).wait_for()
                assert await page.get_by_role("button").count() == 0
        async with stage.app.store.reading() as tx:
            (kept,) = await tx.all_consents()
        assert (kept.subject, kept.has_declined_receipts) == (GUEST, True)
