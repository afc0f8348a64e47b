"""Stories of mail that is handed in at the gateway: the urgent one becomes an alert, the other goes on untouched."""

import asyncio
import smtplib
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from bot.app import App, Parts, configured_channels
from bot.clock import SystemClock
from bot.outgoing.gateway import GatewaySubmissions
from bot.settings.load import load_bytes
from channels.base import Rejected, RetryLater
from channels.gateway.password import line_for
from channels.gateway.server import Door
from channels.gateway.submission import Refusal, Submitted
from escalation.receipt import ReceiptKind
from tests.acceptance.stage import Stage, on_stage
from tests.fakes.smtp_scripted import ScriptedSmtp

RAW = (
    b"From: Zabbix <zabbix@team.example>\r\nTo: alice@team.example\r\nSubject: weekly report\r\n"
    b"Message-ID: <1@zabbix.team.example>\r\nX-8bit: \xff\xfe\r\n\r\n.dot\r\n..two\r\n\x00 \xe3\x81\x82\r\n"
)
URGENT = (
    "From: Bob <bob@team.example>\r\nTo: alice@team.example\r\nSubject: =?utf-8?b?44CQ57eK5oCl44CRZGlzaw==?=\r\n"
    "Message-ID: <2@zabbix.team.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe disk is full: 満杯\r\n"
    "--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>The disk is <b>full</b></p>\r\n--a--\r\n"
    '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="=?utf-8?b?5Zuz?=.pdf"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
).encode()
GUEST = "guest@partner.example"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path, "sent.yaml") as one:
        yield one


def submitted(data: bytes, *to: str, user: str = "zabbix", sender: str = "zabbix@team.example") -> Submitted:
    return Submitted(user, sender, to or ("alice@team.example",), data)


async def hands_in(stage: Stage, one: Submitted) -> str | Refusal:
    post = stage.app.post
    assert post is not None
    answer = await GatewaySubmissions(stage.app.engine, post, stage.app.intake.routes).accept(one)
    await stage.work()
    return answer


async def relayed(stage: Stage) -> int:
    """How many mails are still kept."""
    async with stage.app.store.reading() as tx:
        from sqlalchemy import func, select

        from bot.store.tables import relayed_mail

        return int((await tx.connection.execute(select(func.count()).select_from(relayed_mail))).scalar_one())


async def test_an_urgent_one_becomes_an_alert_with_one_recipient_for_each_rcpt(stage: Stage) -> None:
    to = ("Alice@team.example", "bob@team.example", GUEST)
    assert await hands_in(stage, submitted(URGENT, *to)) == "Urgent: #1"
    alert = await stage.alert()
    assert [(one.id, one.address) for one in alert.recipients] == [
        ("alice", "alice@team.example"),
        ("bob", "bob@team.example"),
        (GUEST, GUEST),
    ]
    assert (alert.sent_by, alert.mail.subject) == ("bob", "【緊急】disk")
    assert all(one.has(ReceiptKind.ACCEPTED) for one in alert.recipients)
    letter = next(one.letter for one in stage.mail.sent if one.address == GUEST)
    assert letter is not None
    assert letter.raw == b""
    assert (letter.sender, letter.reply_to) == ("NOC <noc@team.example>", "Bob <bob@team.example>")
    assert "The disk is full: 満杯" in letter.text
    assert "<b>full</b>" in letter.html
    assert [(one.name, one.type, one.data) for one in letter.attachments] == [("図.pdf", "application/pdf", b"%PDF")]
    stage.told()
    await stage.passes(timedelta(minutes=31))
    assert len(stage.told()) == 3


async def test_another_goes_on_untouched_and_is_forgotten(stage: Stage) -> None:
    answer = await hands_in(stage, submitted(RAW, "alice@team.example", GUEST))
    assert isinstance(answer, str)
    assert answer.startswith("Relayed: r")
    letters = {one.address: one.letter for one in stage.mail.sent}
    assert letters.keys() == {"alice@team.example", GUEST}
    for letter in letters.values():
        assert letter is not None
        assert (letter.raw, letter.envelope_sender) == (RAW, "zabbix@team.example")
    async with stage.app.store.reading() as tx:
        assert await tx.list_alerts(statuses=None, limit=10) == []
    assert await relayed(stage) == 0


async def test_it_is_kept_until_it_has_left_to_the_last(stage: Stage) -> None:
    stage.mail.answers += [RetryLater("450 4.2.0 greylisted", timedelta(minutes=5))]
    await hands_in(stage, submitted(RAW, "alice@team.example", GUEST))
    assert await relayed(stage) == 1
    await stage.passes(timedelta(minutes=6))
    assert len(stage.mail.sent) == 3
    assert {one.address for one in stage.mail.sent} == {"alice@team.example", GUEST}
    assert {one.letter.raw for one in stage.mail.sent if one.letter} == {RAW}
    assert await relayed(stage) == 0


async def test_nothing_that_still_waits_is_too_old_to_be_kept(stage: Stage) -> None:
    stage.mail.answers += [RetryLater("450 4.2.0 greylisted", timedelta(hours=60))]
    await hands_in(stage, submitted(RAW, GUEST))
    for now_there in (1, 1):
        await stage.app.engine.submit(lambda desk: desk.tx.purge(stage.clock.now() + timedelta(hours=1)))
        assert await relayed(stage) == now_there
    await stage.passes(timedelta(hours=61))
    assert len(stage.told()) == 2


async def test_a_person_with_two_addresses_gets_it_at_both(stage: Stage) -> None:
    await hands_in(stage, submitted(URGENT, "bob@team.example", "bob@home.example", "BOB@team.example"))
    recipients = (await stage.alert()).recipients
    assert [(one.id, one.address) for one in recipients] == [
        ("bob", "bob@team.example"),
        ("bob@home.example", "bob@home.example"),
    ]


@pytest.mark.parametrize("data", [RAW, URGENT])
async def test_the_same_mail_handed_in_again_goes_once(stage: Stage, data: bytes) -> None:
    await hands_in(stage, submitted(data))
    await stage.passes(timedelta(hours=20))
    stage.told()
    assert await hands_in(stage, submitted(data)) == "Taken already"
    assert stage.told() == []


async def test_what_differs_is_another_mail(stage: Stage) -> None:
    await hands_in(stage, submitted(RAW))
    stage.told()
    for other in (
        submitted(RAW, GUEST),
        submitted(RAW, user="nagios"),
        submitted(RAW + b"more\r\n"),
        submitted(RAW.replace(b"Message-ID", b"X-ID")),
        submitted(RAW.replace(b"Message-ID", b"X-ID")),
    ):
        await hands_in(stage, other)
        assert len(stage.told()) == 1
    await stage.passes(timedelta(days=2))
    await hands_in(stage, submitted(RAW))
    assert len(stage.told()) == 1


async def test_what_is_refused_for_ever_goes_back_to_its_sender(stage: Stage) -> None:
    stage.mail.answers.append(Rejected("the mail server refuses the recipient: 550 5.1.1 no such user"))
    await hands_in(stage, submitted(RAW, GUEST))
    _, report = stage.mail.sent
    assert report.address == "zabbix@team.example"
    assert report.letter is not None
    assert report.letter.envelope_sender == ""
    mail = message_from_bytes(report.letter.raw)
    assert mail.get_content_type() == "multipart/report"
    _, words, status, _, group, header = mail.walk()
    assert status.get_content_type() == "message/delivery-status"
    assert GUEST in str(words.get_payload())
    assert (group["Action"], group["Status"]) == ("failed", "5.1.1")
    assert group["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert "<1@zabbix.team.example>" in str(header.get_payload())
    assert await relayed(stage) == 0


async def test_a_report_that_is_refused_itself_is_the_end_of_it(stage: Stage) -> None:
    stage.mail.answers += [Rejected("550 5.1.1 no such user")] * 2
    await hands_in(stage, submitted(RAW, GUEST))
    stage.told()
    stage.mail.answers.append(Rejected("550 5.1.1 no such user"))
    await hands_in(stage, submitted(RAW.replace(b"<1@", b"<9@"), GUEST, sender=""))
    assert stage.told() == [("mail", GUEST)]
    assert await relayed(stage) == 0


async def test_a_busy_server_is_tried_for_five_days_and_then_it_is_said(stage: Stage) -> None:
    stage.mail.answers += [RetryLater("451 4.3.0 busy")] * 6
    stage.mail.answers += [RetryLater("451 4.3.0 busy", timedelta(hours=23, minutes=50))] * 6
    await hands_in(stage, submitted(RAW, GUEST))
    await stage.passes(timedelta(days=5))
    assert 8 <= len(stage.mail.sent) <= 12
    assert {address for _, address in stage.told()} == {GUEST}
    assert await relayed(stage) == 1
    stage.mail.answers = deque([RetryLater("451 4.3.0 busy")])
    await stage.passes(timedelta(days=1))
    last, report = stage.mail.sent
    assert (last.address, report.address) == (GUEST, "zabbix@team.example")
    assert report.letter is not None
    assert b"Status: 4.4.7" in report.letter.raw
    assert await relayed(stage) == 0


async def test_a_bounce_and_an_own_mail_are_never_urgent(stage: Stage) -> None:
    for number, header in enumerate((b"Auto-Submitted: auto-replied\r\n", b"X-Kidoku: mail\r\n")):
        data = header + URGENT.replace(b"<2@", b"<%d-x@" % number)
        answer = await hands_in(stage, submitted(data))
        assert isinstance(answer, str)
        assert answer.startswith("Relayed")


async def test_an_envelope_that_no_server_would_take_is_refused(stage: Stage) -> None:
    answer = await hands_in(stage, replace(submitted(RAW), recipients=("a@-",)))
    assert isinstance(answer, Refusal)
    assert answer.code == 553
    assert stage.told() == []


# With everything real but the world ----------------------------------------------------------------------------------

SETTINGS = """
zone: Asia/Tokyo
database: {folder}/kidoku.sqlite3
alarms: [{{via: console, to: hanako}}]
people: {{hanako: {{name: Hanako, email: hanako@example.jp}}}}
policies:
  notice: {{steps: [{{after: 1h, via: mail, to: unread}}], last_resort: [{{via: console, to: hanako}}]}}
rules: [{{name: urgent, when: {{account: gateway, prefix: true}}, policy: notice}}]
smtp: {{host: 127.0.0.1, port: {smtp}, security: plain, sender: NOC <bounces@example.jp>, verp: true}}
gateway: {{port: 0, security: plain, receipts: {{port: 0}}}}
"""


@asynccontextmanager
async def bot(folder: Path, smtp: int) -> AsyncIterator[App]:
    environ = {"KIDOKU_GATEWAY__PASSWORDS": line_for("zabbix", "secret")}
    text = SETTINGS.format(folder=folder, smtp=smtp).encode()
    loaded = load_bytes(text, "gateway.yaml", environ, datetime.now(UTC).date())
    settings = loaded.settings
    assert settings is not None, [str(one) for one in loaded.problems]
    clock = SystemClock()
    parts = Parts(lambda inbox, board: configured_channels(settings, clock, inbox, board), serves_web=False)
    app = await App.build(settings, clock, parts)
    stop = asyncio.Event()
    running = asyncio.create_task(app.run(stop))
    for door in app.gateways.values():
        assert isinstance(door, Door)
        await asyncio.wait_for(door.started.wait(), 10)
    try:
        yield app
    finally:
        stop.set()
        await running


def port_of(app: App, name: str) -> int:
    door = app.gateways[name]
    assert isinstance(door, Door)
    return door.port


def send_as_a_program(port: int, data: bytes, *to: str) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        client.login("zabbix", "secret")
        return client.sendmail("zabbix@example.jp", to, data, ["BODY=8BITMIME"])


async def test_from_a_mail_program_through_to_the_smart_host(tmp_path: Path) -> None:
    async with ScriptedSmtp() as server, bot(tmp_path, server.port) as app:
        port = port_of(app, "gateway")
        server.answer("MAIL", "550 5.7.1 not this sender")
        assert await asyncio.to_thread(send_as_a_program, port, RAW, "hanako@example.jp") == {}
        await until(server, 1)
        [report] = server.mails
        assert report.sender.startswith("MAIL FROM:<>")
        assert b"Status: 5.7.1" in report.data
        other = RAW.replace(b"<1@", b"<3@")
        assert await asyncio.to_thread(send_as_a_program, port, other, "hanako@example.jp", GUEST) == {}
        await until(server, 3)
        for mail in server.mails[1:]:
            assert mail.data == other
            assert mail.sender == f"MAIL FROM:<zabbix@example.jp> SIZE={len(other)} BODY=8BITMIME"
            assert "NOTIFY" not in mail.recipient
        await asyncio.to_thread(send_as_a_program, port, URGENT, "hanako@example.jp", GUEST)
        await until(server, 5)
        assert all(b"X-Kidoku: mail" in mail.data and "NOTIFY=" in mail.recipient for mail in server.mails[3:])
        async with app.store.reading() as tx:
            [alert] = await tx.list_alerts(statuses=None, limit=10)
        assert [one.id for one in alert.recipients] == ["hanako", GUEST]


BOUNCE = """\
From: MAILER-DAEMON@mx.partner.example
Subject: Undelivered Mail Returned to Sender

<guest@partner.example>: host mx.partner.example said: 550 5.1.1 No such user
"""


def bounces(port: int, to: str) -> dict[str, tuple[int, bytes]] | int:
    """As a mail server does: no login, a null sender. Returns the code of a refusal."""
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        try:
            return client.sendmail("", [to], BOUNCE.replace("\n", "\r\n").encode())
        except smtplib.SMTPRecipientsRefused as refused:
            return next(iter(refused.recipients.values()))[0]


async def test_a_bounce_comes_straight_from_the_mail_server(tmp_path: Path) -> None:
    async with ScriptedSmtp() as server, bot(tmp_path, server.port) as app:
        await asyncio.to_thread(send_as_a_program, port_of(app, "gateway"), URGENT, GUEST)
        await until(server, 1)
        bounce = server.mails[0].sender.partition("<")[2].partition(">")[0]
        door = port_of(app, "gateway receipts")
        for stranger in ("guest@partner.example", "bounces+x@example.jp", bounce.replace("@", "x@"), f"x{bounce}"):
            assert await asyncio.to_thread(bounces, door, stranger) == 550
        assert await asyncio.to_thread(bounces, door, "bounces@example.jp") == {}
        async with app.store.reading() as tx:
            [alert] = await tx.list_alerts(statuses=None, limit=10)
        assert not any(one.has(ReceiptKind.FAILED) for one in alert.recipients)
        assert await asyncio.to_thread(bounces, door, bounce.upper()) == {}
        async with app.store.reading() as tx:
            [alert] = await tx.list_alerts(statuses=None, limit=10)
        assert [one.has(ReceiptKind.FAILED) for one in alert.recipients] == [True]


async def until(server: ScriptedSmtp, count: int) -> None:
    async with asyncio.timeout(20), server.changed:
        await server.changed.wait_for(lambda: len(server.mails) >= count)
