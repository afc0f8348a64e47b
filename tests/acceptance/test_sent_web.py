"""The links in a mail that was sent, over a real server: only the button of the page counts."""

import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.web.mail_desk import MailDesk
from bot.web.receipts import WebReceipts
from channels.message import Verb
from escalation.alert import AlertStatus
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_sent import carry, kinds, letters, sends
from tests.fakes.twilio_line import serving


@dataclass
class Recipient:
    """Somebody with a browser."""

    stage: Stage
    session: aiohttp.ClientSession
    base: str

    def link(self, number: int = 0) -> str:
        found = re.search(r"https://kidoku\.team\.example(/c/\S+)", letters(self.stage)[number].text)
        assert found is not None
        return f"{self.base}{found.group(1)}"

    async def opens(self, link: str) -> tuple[int, str]:
        async with self.session.get(link) as answer:
            return answer.status, await answer.text()

    async def presses(self, link: str) -> int:
        async with self.session.post(link) as answer:
            await self.stage.work()
            return answer.status


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Recipient]:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        app = stage.app
        assert app.post is not None
        desk = MailDesk(app.engine, app.settings.roster(), "en", "Asia/Tokyo")
        web = WebReceipts(app.post.tokens, desk, stage.clock.now)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with serving(listener, list(web.routes)), aiohttp.ClientSession() as session:
                yield Recipient(stage, session, base)
        await web.close()


async def test_opening_the_page_is_nothing_and_the_button_is_a_confirmation(guest: Recipient) -> None:
    await sends(guest.stage, "guest@partner.example")
    status, page = await guest.opens(guest.link())
    assert status == 200
    assert "Works tonight" in page
    assert "NOC &lt;noc@team.example&gt;" in page
    assert ReceiptKind.CONFIRMED not in await kinds(guest.stage, "guest@partner.example")
    assert await guest.presses(guest.link()) == 200
    assert ReceiptKind.CONFIRMED in await kinds(guest.stage, "guest@partner.example")
    assert (await guest.stage.alert()).status is AlertStatus.ACKNOWLEDGED


async def test_each_link_is_its_recipients_and_in_their_language(guest: Recipient) -> None:
    await sends(guest.stage, "alice", "bob")
    assert await guest.presses(guest.link(1)) == 200
    assert ReceiptKind.CONFIRMED in await kinds(guest.stage, "bob")
    assert ReceiptKind.CONFIRMED not in await kinds(guest.stage, "alice")
    assert 'lang="ja"' in (await guest.opens(guest.link(1)))[1]


async def test_a_recalled_mail_has_no_page_any_more(guest: Recipient) -> None:
    await sends(guest.stage, "alice")
    link = guest.link()
    await carry(guest.stage, Verb.RECALL, "bob")
    assert (await guest.opens(link))[0] == 404
    assert await guest.presses(link) == 404


async def test_a_reminder_leads_to_the_same_page(guest: Recipient) -> None:
    await sends(guest.stage, "guest@partner.example")
    await guest.stage.passes(timedelta(minutes=31))
    assert await guest.presses(guest.link(-1)) == 200
    assert ReceiptKind.CONFIRMED in await kinds(guest.stage, "guest@partner.example")
