"""The gateway for real: a client over TLS, Kidoku, the real Postfix as the smart host, and the mailboxes behind it."""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from bot.app import App, Parts, configured_channels
from bot.clock import SystemClock
from bot.settings.load import load_bytes
from channels.gateway.password import line_for
from channels.gateway.server import Gateway
from channels.receipts.understand import understand
from tests.fakes import postfix
from tests.fakes.dovecot import make_certificate
from tests.fakes.postfix import Postfix

pytestmark = [
    pytest.mark.real,
    pytest.mark.usefixtures("can_run_postfix"),
]

SETTINGS = """
zone: Asia/Tokyo
database: {folder}/kidoku.sqlite3
alarms: [{{via: console, to: hanako}}]
people: {{hanako: {{name: Hanako, email: hanako@example.jp}}}}
policies:
  notice: {{steps: [{{after: 1h, via: mail, to: unread}}], last_resort: [{{via: console, to: hanako}}]}}
rules: [{{name: urgent, when: {{prefix: true}}, policy: notice}}]
smtp: {{host: localhost, port: {smtp}, security: plain, sender: NOC <bounces@example.jp>, verp: true}}
gateway: {{port: 0, security: {security}, cert_file: {folder}/cert.pem, key_file: {folder}/key.pem}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    with postfix.running() as one:
        yield one


@asynccontextmanager
async def bot(folder: Path, server: Postfix, security: str) -> AsyncIterator[tuple[App, Gateway]]:
    await asyncio.to_thread(make_certificate, folder)
    text = SETTINGS.format(folder=folder, smtp=server.smtp, security=security)
    environ = {"KIDOKU_GATEWAY__PASSWORDS": line_for("taro", "secret")}
    loaded = load_bytes(text.encode(), "real.yaml", environ, datetime.now(UTC).date())
    settings = loaded.settings
    assert settings is not None, [str(one) for one in loaded.problems]
    clock = SystemClock()
    parts = Parts(lambda inbox, board: configured_channels(settings, clock, inbox, board), serves_web=False)
    app = await App.build(settings, clock, parts)
    stop = asyncio.Event()
    running = asyncio.create_task(app.run(stop))
    door = app.gateways["gateway"]
    assert isinstance(door, Gateway)
    await asyncio.wait_for(door.started.wait(), 10)
    try:
        yield app, door
    finally:
        stop.set()
        await running


def hand_in(port: int, folder: Path, security: str, data: bytes, *to: str) -> None:
    trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    if security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL("localhost", port, timeout=20, context=trust)
    else:
        client = smtplib.SMTP("localhost", port, timeout=20)
        client.starttls(context=trust)
    with client:
        client.login("taro", "secret")
        assert client.sendmail("taro@example.jp", to, data, ["BODY=8BITMIME"]) == {}


def mail(subject: str, id: str) -> bytes:
    head = "Date: Sun, 3 May 2026 17:00:00 +0000\r\nFrom: taro@example.jp\r\nTo: all@example.jp\r\n"
    head += f"Message-ID: <{id}@example.jp>\r\n"
    body = "..two dots\r\n.\r\n  trailing  \r\n漢字 in UTF-8\r\n" + "x" * 900 + "\r\n"
    return f"{head}Subject: {subject}\r\nX-Odd:\tfolded\r\n \tline\r\n\r\n{body}".encode()


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_each_gets_the_mail_as_it_was_handed_in(tmp_path: Path, server: Postfix, security: str) -> None:
    raw = mail("a report", f"report-{security}")
    async with bot(tmp_path, server, security) as (_, door):
        port = door.port
        await asyncio.to_thread(hand_in, port, tmp_path, security, raw, "hanako@example.jp", "noc@example.jp")
        for user in ("hanako", "noc"):
            [got] = await asyncio.to_thread(server.wait_for, user, f"<report-{security}@".encode())
            # Before it stand the trace headers, and a Maildir's lines end with LF alone.
            assert got.endswith(raw.replace(b"\r\n", b"\n"))
            assert b"Return-Path: <taro@example.jp>" in got


async def test_the_urgent_one_is_an_alert_and_what_fails_comes_back(tmp_path: Path, server: Postfix) -> None:
    urgent = mail("[URGENT] disk", "urgent")
    async with bot(tmp_path, server, "starttls") as (app, door):
        to = ("hanako@example.jp", "refused@example.jp")
        await asyncio.to_thread(hand_in, door.port, tmp_path, "starttls", urgent, *to)
        [got] = await asyncio.to_thread(server.wait_for, "hanako", b"[URGENT] disk")
        assert b"Reply-To: taro@example.jp" in got
        text = message_from_bytes(got).get_payload(decode=True)
        assert isinstance(text, bytes)
        assert "漢字 in UTF-8" in text.decode()
        await asyncio.to_thread(
            hand_in, door.port, tmp_path, "starttls", mail("a report", "lost"), "refused@example.jp"
        )
        [report] = await asyncio.to_thread(server.wait_for, "taro", b"Undelivered mail")
        found = understand(report)
        assert [(one.address, str(one.action), one.status) for one in found.recipients] == [
            ("refused@example.jp", "failed", "5.1.1")
        ]
        assert found.original_message_id.strip("<>") == "lost@example.jp"
        assert b"Return-Path: <>" in report
        async with app.store.reading() as tx:
            [alert] = await tx.list_alerts(statuses=None, limit=10)
        assert [one.id for one in alert.recipients] == ["hanako", "refused@example.jp"]
        assert alert.sent_by == "taro@example.jp"
