"""Stories of confidential mail, over a real server: a link in the mail, a code to its recipient, then the content."""

import re
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.expiry import delete_expired
from bot.language import Words
from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.store.record import Enclosure, OutgoingMail
from bot.web.limiter import Rate
from bot.web.secure_view import SecureView
from bot.web.view_desk import ViewDesk
from bot.wording import why_lines
from channels.imap.mailbox import FlagsChanged
from channels.message import Letter, Verb
from escalation.alert import AlertStatus
from escalation.policy import Action, EscalationPolicy, Target
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import START, Stage, mail, on_stage
from tests.acceptance.test_sent import carry, kinds
from tests.fakes.twilio_line import serving

GUEST = "guest@partner.example"
SECRET = "The merger is on Friday"
SUBJECT = "Merger: the date"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
TABLET = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Reader:
    """Somebody with a browser, and with what came to their mailbox."""

    stage: Stage
    session: aiohttp.ClientSession
    base: str
    agent: str = PHONE

    def letters(self, address: str = GUEST) -> list[Letter]:
        return [one.letter for one in self.stage.mail.sent if one.address == address and one.letter is not None]

    def link(self, address: str = GUEST) -> str:
        found = re.search(r"https://kidoku\.team\.example(/v/\S+)", self.letters(address)[0].text)
        assert found is not None
        return f"{self.base}{found.group(1)}"

    def code(self, address: str = GUEST) -> str:
        """The newest one."""
        found = re.search(r"\b\d{6}\b", self.letters(address)[-1].text)
        assert found is not None
        return found.group()

    async def gets(self, link: str) -> tuple[int, str]:
        async with self.session.get(link, headers={"User-Agent": self.agent}) as answer:
            return answer.status, await answer.text()

    async def posts(self, link: str, **form: str) -> tuple[int, str, Mapping[str, str]]:
        async with self.session.post(link, data=form, headers={"User-Agent": self.agent}) as answer:
            text = await answer.text()
            await self.stage.work()
            return answer.status, text, answer.headers

    async def asks(self, address: str = GUEST, way: str = "mail") -> str:
        return (await self.posts(self.link(address), do="send", way=way))[1]

    async def types(self, code: str, address: str = GUEST) -> str:
        return (await self.posts(self.link(address), do="open", code=code))[1]

    async def reads(self, address: str = GUEST) -> str:
        await self.asks(address)
        return await self.types(self.code(address), address)


def session_in(page: str) -> str:
    found = re.search(r'name="session" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    async with on_stage(tmp_path, "sent.yaml") as stage:
        app = stage.app
        assert app.post is not None
        desk = ViewDesk(app.engine, app.post.tokens, app.outbox.lanes, "en", "Asia/Tokyo")
        view = SecureView(app.post.tokens, desk, stage.clock.now)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with serving(listener, list(view.routes)), aiohttp.ClientSession() as session:
                yield Reader(stage, session, base)
        await view.close()


async def sends(
    reader: Reader,
    *to: str,
    expires_at: datetime | None = None,
    html: str = "",
    files: tuple[Enclosure, ...] = (),
    policy: EscalationPolicy | None = None,
    deadline: datetime | None = None,
) -> int:
    app = reader.stage.app
    post = app.post
    assert post is not None
    said = OutgoingMail(
        sender=post.sender,
        subject=SUBJECT,
        text=f"{SECRET}.\n",
        html=html,
        enclosures=files,
        is_confidential=True,
        expires_at=expires_at,
    )
    policy = policy or app.settings.escalation_policies()["notice"]
    draft = Draft(said, tuple(addressed(to or (GUEST,), app.settings.roster())), policy, "bob", deadline=deadline)
    id = await app.engine.submit(lambda desk: send(desk, draft, post))
    await reader.stage.work()
    return id


async def test_the_mail_says_who_sent_it_and_nothing_else(reader: Reader) -> None:
    await sends(reader, GUEST, "bob", files=(Enclosure("merger.pdf", "application/pdf", b"%PDF"),))
    letter = reader.letters()[0]
    assert letter.subject == "Confidential mail"
    assert "NOC <noc@team.example> has sent you a confidential mail." in letter.text
    assert not letter.attachments
    assert letter.html == ""
    assert "/c/" not in letter.text
    assert reader.letters("bob@team.example")[0].subject != "Confidential mail"
    await reader.stage.passes(timedelta(minutes=95))
    told = [repr(message) for one in reader.stage.channels for message in one.sent]
    assert {"slack", "phone"} <= {one.name for one in reader.stage.channels if one.sent}
    assert not [text for text in told if "erger" in text]


async def test_the_mail_says_by_when_it_should_be_read(reader: Reader) -> None:
    await sends(reader, deadline=START + timedelta(hours=5))
    assert "Please read it by " in reader.letters()[0].text


async def test_a_get_sends_no_code_and_shows_nothing(reader: Reader) -> None:
    await sends(reader)
    status, page = await reader.gets(reader.link())
    assert status == 200
    assert "NOC &lt;noc@team.example&gt;" in page
    assert page.count("<button") == 1
    assert "erger" not in page
    assert len(reader.letters()) == 1
    assert await kinds(reader.stage, GUEST) == {ReceiptKind.ACCEPTED}


async def test_the_code_shows_the_content_and_that_is_a_receipt(reader: Reader) -> None:
    await sends(reader)
    assert "erger" not in await reader.asks()
    assert ReceiptKind.DISPLAYED not in await kinds(reader.stage, GUEST)
    assert reader.code() not in reader.letters()[-1].subject
    page = await reader.types(reader.code())
    assert SECRET in page
    assert SUBJECT in page
    alert = await reader.stage.alert()
    found = alert.recipient(GUEST)
    assert found is not None
    evidence = next(one for one in found.evidence if one.kind is ReceiptKind.DISPLAYED)
    assert (evidence.via, evidence.detail) == ("view", "Chrome, 127.0.0.0/24")
    assert alert.status is AlertStatus.ACKNOWLEDGED


async def test_seeing_the_link_is_not_reading_the_mail(reader: Reader) -> None:
    await sends(reader, "alice")
    letter = reader.letters("alice@team.example")[0]
    assert letter.receipt_to == ""
    uid = await reader.stage.arrives(
        mail("Confidential mail", letter.message_id.strip("<>"), sender="noc@team.example")
    )
    seen = FlagsChanged(uid, letter.message_id.strip("<>"), is_seen=True, is_answered=False)
    await reader.stage.happens("alice", seen)
    assert ReceiptKind.SEEN in await kinds(reader.stage, "alice")
    await reader.asks("alice@team.example")
    assert (await reader.stage.alert()).status is AlertStatus.TRIGGERED
    await reader.types(reader.code("alice@team.example"), "alice@team.example")
    assert (await reader.stage.alert()).status is AlertStatus.ACKNOWLEDGED


async def test_the_button_below_the_content_confirms(reader: Reader) -> None:
    await sends(reader)
    page = await reader.reads()
    assert ReceiptKind.CONFIRMED not in await kinds(reader.stage, GUEST)
    await reader.posts(reader.link(), do="confirm", session="forged")
    assert ReceiptKind.CONFIRMED not in await kinds(reader.stage, GUEST)
    _, thanks, _ = await reader.posts(reader.link(), do="confirm", session=session_in(page))
    assert "Thank you" in thanks
    assert ReceiptKind.CONFIRMED in await kinds(reader.stage, GUEST)


async def test_five_wrong_tries_end_a_code(reader: Reader) -> None:
    await sends(reader)
    await reader.asks()
    code = reader.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2):
        assert f"{left} tries are left" in await reader.types(wrong)
    assert "1 try is left" in await reader.types(wrong)
    assert "wrong too often" in await reader.types(wrong)
    assert "wrong too often" in await reader.types(code)
    assert SECRET in await reader.reads()


async def test_a_code_is_good_once_for_ten_minutes_and_until_the_next(reader: Reader) -> None:
    await sends(reader)
    await reader.asks()
    first = reader.code()
    await reader.asks()
    second = reader.code()
    assert first == second or "not the code" in await reader.types(first)
    reader.stage.clock.move_to(START + timedelta(minutes=9))
    assert SECRET in await reader.types(
        f" {second[:3]} {second[3:]}".translate({48 + n: 0xFF10 + n for n in range(10)})
    )
    assert "has been used" in await reader.types(second)
    await reader.asks()
    reader.stage.clock.move_to(START + timedelta(minutes=20))
    assert "too old" in await reader.types(reader.code())


async def test_three_codes_an_hour(reader: Reader) -> None:
    await sends(reader)
    for _ in range(3):
        await reader.asks()
    assert "3 codes within the hour" in await reader.asks()
    assert len(reader.letters()) == 4
    reader.stage.clock.move_to(START + timedelta(minutes=61))
    await reader.asks()
    assert SECRET in await reader.types(reader.code())


async def test_the_code_of_another_recipient_opens_nothing(reader: Reader) -> None:
    await sends(reader, GUEST, "alice")
    await reader.asks()
    await reader.asks("alice@team.example")
    other = reader.code("alice@team.example")
    assert other == reader.code() or SECRET not in await reader.types(other)
    page = await reader.types(reader.code())
    _, answer, _ = await reader.posts(reader.link("alice@team.example"), do="confirm", session=session_in(page))
    assert "Thank you" not in answer
    assert ReceiptKind.CONFIRMED not in await kinds(reader.stage, "alice")


async def test_who_has_a_chat_gets_the_code_there(reader: Reader) -> None:
    await sends(reader, "alice")
    address = "alice@team.example"
    _, page = await reader.gets(reader.link(address))
    assert 'name="way" value="slack"' in page
    await reader.asks(address, way="slack")
    assert [one.address for one in reader.stage.slack.sent] == ["U0ALICE000"]
    found = re.search(r"\b\d{6}\b", reader.stage.slack.sent[0].title)
    assert found is not None
    assert reader.stage.slack.sent[0].is_direct
    assert SECRET in await reader.types(found.group(), address)


async def test_files_are_downloads_for_whoever_typed_the_code(reader: Reader) -> None:
    await sends(reader, files=(Enclosure("報告 <1>.html", "text/html", b"<script>alert(1)</script>"),))
    page = await reader.reads()
    _, refused, _ = await reader.posts(reader.link(), do="file", file="0", session="forged")
    assert "script>alert" not in refused
    for number in ("1", "-1", "x", "٣"):
        status, _, headers = await reader.posts(reader.link(), do="file", file=number, session=session_in(page))
        assert headers["Content-Type"].startswith("text/html")
        assert "Content-Disposition" not in headers
    status, body, headers = await reader.posts(reader.link(), do="file", file="0", session=session_in(page))
    assert (status, body) == (200, "<script>alert(1)</script>")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%A0%B1")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


async def test_a_session_ends(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    await sends(reader)
    page = await reader.reads()
    monkeypatch.setattr("bot.web.secure_view.SESSION_LIFE", timedelta(seconds=-1))
    _, answer, _ = await reader.posts(reader.link(), do="confirm", session=session_in(page))
    assert "open for too long" in answer


async def test_a_second_client_soon_after_was_perhaps_forwarded(reader: Reader) -> None:
    id = await sends(reader)
    await reader.reads()
    assert not any("forwarded" in line for line in await why(reader, id))
    reader.stage.clock.move_to(START + timedelta(minutes=12))
    reader.agent = LAPTOP
    await reader.asks()
    flagged = [line for line in await why(reader, id) if "forwarded" in line]
    assert len(flagged) == 1
    assert "Firefox, 127.0.0.0/24" in flagged[0]
    assert "another client (Chrome, 127.0.0.0/24) was there 12 min before" in flagged[0]
    reader.stage.clock.move_to(START + timedelta(hours=3))
    reader.agent = TABLET
    await reader.asks()
    assert len([line for line in await why(reader, id) if "forwarded" in line]) == 1


async def why(reader: Reader, id: int) -> list[str]:
    async with reader.stage.app.store.reading() as tx:
        alert = (await tx.alerts([id]))[id]
        events = await tx.events(id)
    told = why_lines(
        alert, [(one.event, one.at) for one in events], reader.stage.app.settings.roster(), Words("en", "UTC")
    )
    return [text for _, text in told]


async def test_what_has_expired_is_deleted_and_the_record_remains(reader: Reader, tmp_path: Path) -> None:
    expires_at = START + timedelta(hours=2)
    id = await sends(reader, expires_at=expires_at, files=(Enclosure("a.txt", "text/plain", SECRET.encode()),))
    page = await reader.reads()
    reader.stage.clock.move_to(expires_at - timedelta(seconds=1))
    assert await delete_expired(reader.stage.app.engine) == 0
    await reader.asks()
    reader.stage.clock.move_to(expires_at)
    assert "This mail has expired" in await reader.types(reader.code())
    assert on_disk(tmp_path)
    assert await delete_expired(reader.stage.app.engine) == 1
    assert not on_disk(tmp_path)
    assert await delete_expired(reader.stage.app.engine) == 0
    for answer in (
        (await reader.gets(reader.link()))[1],
        (await reader.posts(reader.link(), do="file", file="0", session=session_in(page)))[1],
        await reader.asks(),
    ):
        assert "This mail has expired" in answer
        assert "erger" not in answer
    assert any("one-time code" in line for line in await why(reader, id))
    async with reader.stage.app.store.reading() as tx:
        kept = await tx.outgoing(id)
    assert kept is not None
    assert (kept.subject, kept.text, kept.html, kept.enclosures) == ("", "", "", ())


def on_disk(folder: Path) -> list[str]:
    """The files of the database that hold what was said."""
    return [one.name for one in folder.iterdir() if SECRET.encode() in one.read_bytes()]


async def test_a_recalled_mail_has_no_page(reader: Reader) -> None:
    await sends(reader)
    await reader.asks()
    link, code = reader.link(), reader.code()
    await carry(reader.stage, Verb.RECALL, "bob")
    status, page, _ = await reader.posts(link, do="open", code=code)
    assert (status, SECRET in page) == (404, False)


async def test_links_that_lead_nowhere_look_the_same(reader: Reader) -> None:
    await sends(reader)
    post = reader.stage.app.post
    assert post is not None
    ordinary = f"{reader.base}/v/{post.tokens.view_token('7.m0')}"
    other = f"{reader.base}/v/{post.tokens.confirm_token('1.m0')}"
    forged = f"{reader.link()[:-3]}abc"
    pages = {await reader.gets(link) for link in (ordinary, other, forged, f"{reader.base}/v/x")}
    assert len(pages) == 1
    assert next(iter(pages))[0] == 404
    posted = {(await reader.posts(link, do="send"))[:2] for link in (ordinary, other, forged)}
    assert posted == pages


async def test_a_form_of_another_site_sends_no_code(reader: Reader) -> None:
    await sends(reader)
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with reader.session.post(reader.link(), data={"do": "send"}, headers=headers) as answer:
        assert answer.status == 200
    await reader.stage.work()
    assert len(reader.letters()) == 1


async def test_an_ordinary_mail_has_no_secure_view(reader: Reader) -> None:
    post = reader.stage.app.post
    assert post is not None
    said = OutgoingMail(sender=post.sender, subject="Works", text="x")
    to = tuple(addressed([GUEST], reader.stage.app.settings.roster()))
    draft = Draft(said, to, reader.stage.app.settings.escalation_policies()["notice"], "bob")
    await reader.stage.app.engine.submit(lambda desk: send(desk, draft, post))
    assert (await reader.gets(f"{reader.base}/v/{post.tokens.view_token('1.m0')}"))[0] == 404


async def test_a_step_that_mails_somebody_else_gives_them_no_link(reader: Reader) -> None:
    app = reader.stage.app
    policy = app.settings.escalation_policies()["notice"]
    to_bob = Action("mail", (Target.parse("bob"),))
    ladder = replace(policy.ladders[0], steps=(replace(policy.ladders[0].steps[0], action=to_bob),))
    await sends(reader, policy=replace(policy, ladders=(ladder,)))
    await reader.stage.passes(timedelta(minutes=31))
    told = reader.letters("bob@team.example")
    assert told
    assert not [one for one in told if "/v/" in one.text or "erger" in repr(one)]


async def test_too_much_is_refused(reader: Reader) -> None:
    await sends(reader)
    status, page, _ = await reader.posts(reader.link(), do="open", code="1" * 3_000)
    assert (status, GUEST in page) == (413, False)
    for form in ({}, {"do": "nothing"}, {"do": "open"}, {"do": "file"}, {"do": "confirm"}):
        status, page, _ = await reader.posts(reader.link(), **form)
        assert (status, "erger" in page) == (200, False)


async def test_one_client_is_limited(reader: Reader) -> None:
    post = reader.stage.app.post
    assert post is not None
    desk = ViewDesk(reader.stage.app.engine, post.tokens, ("mail",), "en", "UTC")
    view = SecureView(post.tokens, desk, reader.stage.clock.now, Rate(per_second=0.001, at_once=2))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v/x"
        async with serving(listener, list(view.routes)):
            statuses = []
            for address in ("203.0.113.7",) * 3 + ("203.0.113.8",):
                async with reader.session.get(url, headers={"X-Forwarded-For": address}) as answer:
                    statuses.append(answer.status)
    await view.close()
    assert statuses == [404, 404, 429, 404]
