"""Pictures only for whoever has agreed, and a page on which everybody can decline: also of what has left."""

import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.consent import agree, decline, subjects_of
from bot.language import Words
from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.store.record import Consent, OutgoingMail
from bot.web.decline import DeclinePage
from bot.web.mail_desk import MailDesk
from bot.web.receipts import WebReceipts
from bot.wording import why_lines
from channels.message import Letter
from escalation.event import Resolved
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.acceptance.test_sent import GUEST, kinds, letters, sends
from tests.fakes.twilio_line import serving

ON = "\nsending: {pictures: true}\n"
BASE = "https://kidoku.team.example"
PICTURE = re.compile(rf'<img src="{BASE}(/p/[^"]+\.gif)"')
DECLINE = re.compile(rf"{BASE}(/d/\S+)")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml", ON) as one:
        yield one


async def agrees(stage: Stage, *who: str, is_anew: bool = False) -> list[str]:
    subjects = subjects_of(who, stage.app.settings.roster())
    return await stage.app.engine.submit(
        lambda desk: agree(desk, subjects, "alice", "signed on 2026-04-01", is_anew=is_anew, receipts=False)
    )


async def declines(stage: Stage, *who: str, receipts: bool = False) -> None:
    subjects = subjects_of(who, stage.app.settings.roster())
    await stage.app.engine.submit(lambda desk: decline(desk, subjects, "page", receipts=receipts))


def picture_of(letter: Letter) -> str:
    found = PICTURE.search(letter.html)
    assert found is None or letter.has_picture
    return found[1] if found else ""


async def sends_html(stage: Stage, html: str, *to: str, is_confidential: bool = False) -> None:
    post = stage.app.post
    assert post is not None
    mail = OutgoingMail(
        sender=post.sender, subject="Works", text="Tonight.\n", html=html, is_confidential=is_confidential
    )
    policy = stage.app.settings.escalation_policies()["notice"]
    draft = Draft(mail, tuple(addressed(to, stage.app.settings.roster())), policy, "bob")
    await stage.app.engine.submit(lambda desk: send(desk, draft, post))
    await stage.work()


async def test_only_the_mail_of_whoever_has_agreed_has_a_picture(stage: Stage) -> None:
    await agrees(stage, "alice")
    await sends_html(stage, "<html><body><p>Tonight.</p></body></html>", "alice", "bob", GUEST)
    first, *others = letters(stage)
    assert picture_of(first)
    assert first.html.index("<img") < first.html.index("</body>")
    assert "a picture in the mail also tells when it is opened" in first.text
    for letter in others:
        assert letter.html
        assert "<img" not in letter.html and "/p/" not in letter.html + letter.text
        assert not letter.has_picture
    assert "No pictures track you." in others[1].text
    assert all(DECLINE.search(letter.text) for letter in letters(stage))


async def test_a_mail_of_text_alone_gets_html_for_the_picture_and_only_then(stage: Stage) -> None:
    await agrees(stage, GUEST)
    await sends(stage, "alice", GUEST, subject="Works <b>")
    plain, rich = letters(stage)
    assert (plain.html, bool(picture_of(rich))) == ("", True)
    assert "Line A-1 will be down." in rich.html


async def test_without_the_setting_nobody_gets_a_picture(tmp_path: Path) -> None:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        await agrees(stage, "alice")
        await sends_html(stage, "<p>Tonight.</p>", "alice")
        assert "<img" not in letters(stage)[0].html
        assert "No pictures track you." in letters(stage)[0].text


async def test_a_confidential_mail_and_a_reminder_have_none(stage: Stage) -> None:
    await agrees(stage, "alice")
    await sends_html(stage, "<p>Tonight.</p>", "alice", is_confidential=True)
    (cover,) = letters(stage)
    assert (cover.html, cover.receipt_to, "/p/" in cover.text) == ("", "", False)
    await sends(stage, "alice")
    stage.mail.sent.clear()
    await stage.passes(timedelta(minutes=31))
    reminder = letters(stage)[-1]
    assert (reminder.subject, reminder.html, "/p/" in reminder.text) == ("Re: Works tonight", "", False)
    assert "a picture in the mail also tells" in reminder.text


async def test_a_domain_agrees_for_its_people_but_not_against_one_who_declined(stage: Stage) -> None:
    await agrees(stage, "@team.example")
    await declines(stage, "bob@team.example")
    await sends_html(stage, "<p>Tonight.</p>", "alice", "bob", GUEST)
    assert [bool(picture_of(letter)) for letter in letters(stage)] == [True, False, False]


async def test_declined_while_it_waits_is_declined(stage: Stage) -> None:
    await agrees(stage, "alice", GUEST)
    await sends(stage, "alice", GUEST, hold=10)
    await declines(stage, "alice", receipts=True)
    await stage.passes(timedelta(minutes=11))
    first, second = letters(stage)
    assert (picture_of(first), first.receipt_to) == ("", "")
    assert "whether your mail program sends a read receipt" not in first.text
    assert picture_of(second)
    assert second.receipt_to == "receipts@team.example"
    assert "whether your mail program sends a read receipt" in second.text


async def test_whoever_declined_is_not_agreed_for_unless_anew(stage: Stage) -> None:
    await declines(stage, "bob", receipts=True)
    assert await agrees(stage, "alice", "bob") == ["bob@team.example", "bob@home.example"]
    async with stage.app.store.reading() as tx:
        assert [one.subject for one in await tx.all_consents()] == ["bob@home.example", "bob@team.example"]
    assert await agrees(stage, "bob", is_anew=True) == []
    await sends(stage, "bob")
    (letter,) = letters(stage)
    assert picture_of(letter)
    assert letter.receipt_to == ""


# Over a real server ---------------------------------------------------------------------------------------------------


class Browser:
    """Somebody with the mail before them."""

    def __init__(self, session: aiohttp.ClientSession, base: str, stage: Stage) -> None:
        self.session, self.base, self.stage = session, base, stage

    async def loads(self, path: str, agent: str = THUNDERBIRD) -> int:
        async with self.session.get(f"{self.base}{path}", headers={"User-Agent": agent}) as answer:
            return answer.status

    async def shows(self, path: str) -> tuple[int, str]:
        async with self.session.get(f"{self.base}{path}") as answer:
            return answer.status, await answer.text()

    async def presses(self, path: str, wish: str, **headers: str) -> tuple[int, str]:
        async with self.session.post(f"{self.base}{path}", data={"do": wish}, headers=headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[Browser]:
    app = stage.app
    assert app.post is not None
    desk = MailDesk(app.engine, app.settings.roster(), "en", "Asia/Tokyo")
    # A token's instant is the real clock's: the picture is loaded two minutes after.
    web = WebReceipts(app.post.tokens, desk, lambda: datetime.now(UTC) + timedelta(minutes=2))
    page = DeclinePage(app.post.tokens, app.engine, "en", "Asia/Tokyo")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(listener, [*web.routes, *page.routes]), aiohttp.ClientSession() as session:
            yield Browser(session, base, stage)
    await web.close()


def link(letter: Letter) -> str:
    found = DECLINE.search(letter.text)
    assert found is not None
    return found[1]


async def test_a_picture_tells_until_its_recipient_declines(stage: Stage, browser: Browser) -> None:
    await agrees(stage, "alice", GUEST)
    await sends_html(stage, "<p>Tonight.</p>", "alice", GUEST)
    first, second = letters(stage)
    assert await browser.loads(picture_of(first)) == 200
    assert ReceiptKind.OPENED in await kinds(stage, "alice")
    status, page = await browser.shows(link(second))
    assert status == 200
    assert "mail to you has a picture" in page
    assert (await browser.presses(link(second), "pictures"))[0] == 200
    assert await browser.loads(picture_of(second)) == 200
    assert ReceiptKind.OPENED not in await kinds(stage, GUEST)


async def test_two_clients_soon_after_each_other_and_the_mail_was_perhaps_forwarded(
    stage: Stage, browser: Browser
) -> None:
    await agrees(stage, GUEST)
    await sends_html(stage, "<p>Tonight.</p>", GUEST)
    (letter,) = letters(stage)
    assert await browser.loads(picture_of(letter)) == 200
    assert await forwards(stage) == []
    assert await browser.loads(picture_of(letter), IPHONE) == 200
    [said] = await forwards(stage)
    assert said == (
        f"{GUEST}: opened. (Apple Mail, 127.0.0.0/24) Perhaps forwarded: another client (Thunderbird, 127.0.0.0/24) "
        "was there 0 min before."
    )


async def forwards(stage: Stage) -> list[str]:
    alert, words, roster = await stage.alert(), Words("en", "UTC"), stage.app.settings.roster()
    async with stage.app.store.reading() as tx:
        events = [(one.event, one.at) for one in await tx.events(alert.id)]
    return [line for _, line in why_lines(alert, events, roster, words) if "orwarded" in line]


async def test_a_get_or_another_sites_form_declines_nothing(stage: Stage, browser: Browser) -> None:
    await sends(stage, "alice")
    path = link(letters(stage)[0])
    await browser.shows(path)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Mode": "cors"}, {"Sec-Purpose": "prefetch"}):
        await browser.presses(path, "all", **headers)
    await browser.presses(path, "everything")
    async with stage.app.store.reading() as tx:
        assert await tx.all_consents() == []


async def test_declined_for_good_and_for_all_of_a_persons_addresses(stage: Stage, browser: Browser) -> None:
    await sends(stage, "bob")
    path = link(letters(stage)[0])
    status, page = await browser.presses(path, "all")
    assert (status, 'lang="ja"' in page, "<button" in page) == (200, True, False)
    again = await browser.presses(path, "pictures")
    assert again[0] == 200
    at = stage.clock.now()
    async with stage.app.store.reading() as tx:
        assert await tx.all_consents() == [
            Consent(subject=one, declined_at=at, declined_by="page", has_declined_receipts=True)
            for one in ("bob@home.example", "bob@team.example")
        ]
    await stage.app.engine.submit(lambda desk: desk.feed(1, Resolved("bob", "cli")))
    await stage.passes(timedelta(days=400))
    await stage.app.upkeep.purge()
    async with stage.app.store.reading() as tx:
        assert len(await tx.all_consents()) == 2
        assert await tx.alerts([1]) == {}
    assert (await browser.shows(path))[0] == 200


async def test_a_forged_link_leads_nowhere(stage: Stage, browser: Browser) -> None:
    await sends(stage, "alice")
    post = stage.app.post
    assert post is not None
    confirm = post.tokens.confirm_token("1.m0")
    for token in ("x", "alice@team.example", confirm, link(letters(stage)[0])[3:-1]):
        assert (await browser.shows(f"/d/{token}"))[0] == 404
        assert (await browser.presses(f"/d/{token}", "all"))[0] == 404
    async with stage.app.store.reading() as tx:
        assert await tx.all_consents() == []
