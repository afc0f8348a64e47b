"""The mail channel through a real Postfix: what arrives, and which delivery reports come back."""

import asyncio
import email
import email.policy
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from channels.base import Rejected, RetryLater, Sent
from channels.message import Attachment, Message
from tests.fakes import postfix
from tests.fakes.dovecot import PASSWORD, Dovecot, free_port
from tests.fakes.postfix import Postfix
from tests.fakes.smtp_desk import LETTER, desk, to
from tests.fakes.smtp_scripted import ScriptedSmtp

pytestmark = [
    pytest.mark.real,
    pytest.mark.usefixtures("can_run_postfix"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    with postfix.running() as started:
        yield started


def letter(address: str, envelope_id: str, **more: Any) -> Message:
    """A letter of a test's own: its bounces come to bounces+ENVELOPE_ID."""
    message_id = f"<{envelope_id}@kidoku.example.jp>"
    bounces = f"bounces+{envelope_id}@example.jp"
    return to(address, envelope_id=envelope_id, message_id=message_id, envelope_sender=bounces, **more)


async def arrived(server: Postfix, user: str, text: str) -> EmailMessage:
    """The one mail of this user that holds ``text``."""
    found = await asyncio.to_thread(server.wait_for, user, text.encode())
    assert len(found) == 1
    mail = email.message_from_bytes(found[0], policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


async def report(server: Postfix, envelope_id: str) -> dict[str, str]:
    """The fields of the delivery report on this envelope: of the message, then of its one recipient."""
    mail = await arrived(server, "bounces", f"Original-Envelope-Id: {envelope_id}")
    assert mail.get_content_type() == "multipart/report"
    (status,) = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    assert mail["To"] == f"bounces+{envelope_id}@example.jp"
    return {name: str(value) for block in status.iter_parts() for name, value in block.items()}


# What arrives --------------------------------------------------------------------------------------------------------


async def test_a_letter_arrives_as_it_was_written(server: Postfix) -> None:
    attachment = Attachment("障害報告書 第一版.pdf", "application/pdf", bytes(range(256)))
    async with desk(server.smtp) as post:
        result = await post.notifier.send(letter("hanako@company.example", "whole", attachments=(attachment,)))
    assert isinstance(result, Sent) and result.ref["dsn"] == "yes"
    assert re.match(r"250 2\.0\.0 Ok: queued as \w+$", result.ref["server"])
    mail = await arrived(server, "hanako", "<whole@kidoku.example.jp>")
    assert (mail["Subject"], mail["From"]) == (LETTER.subject, LETTER.sender)
    assert mail["To"] == "田中 花子 <hanako@company.example>"
    assert mail["Return-Path"] == "<bounces+whole@example.jp>"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and plain.get_content().replace("\r\n", "\n") == LETTER.text
    assert html is not None and html.get_content().strip() == LETTER.html
    (file,) = mail.iter_attachments()
    assert file.get_filename() == attachment.name and file.get_content() == attachment.data


async def test_an_address_beyond_ascii_arrives(server: Postfix) -> None:
    async with desk(server.smtp) as post:
        assert isinstance(await post.notifier.send(letter("花子@company.example", "utf8")), Sent)
    mail = await arrived(server, "花子", "<utf8@kidoku.example.jp>")
    assert mail["To"] == "田中 花子 <花子@company.example>"
    # RFC 6533: a report that holds such an address has types of its own.
    told = await arrived(server, "bounces", "Original-Envelope-Id: utf8")
    (status,) = [part for part in told.walk() if part.get_content_type() == "message/global-delivery-status"]
    assert b"Action: delivered" in status.as_bytes() and "utf-8; 花子@company.example".encode() in status.as_bytes()


async def test_an_odd_address_of_a_telephone_company_arrives(server: Postfix) -> None:
    async with desk(server.smtp) as post:
        assert isinstance(await post.notifier.send(letter("a..b.@company.example", "odd")), Sent)
    assert (await arrived(server, "a..b.", "<odd@kidoku.example.jp>"))["Subject"] == LETTER.subject


async def test_one_connection_carries_several_mails(server: Postfix) -> None:
    async with desk(server.smtp, concurrency=1) as post:
        sent = [await post.notifier.send(letter(f"user{n}@company.example", f"row{n}")) for n in range(4)]
        assert all(isinstance(one, Sent) for one in sent)
        unknown = await post.notifier.send(letter("refused@company.example", "row4"))
        assert isinstance(unknown, Rejected)
        assert isinstance(await post.notifier.send(letter("user5@company.example", "row5")), Sent)
    for number in (0, 1, 2, 3, 5):
        assert await arrived(server, f"user{number}", f"<row{number}@kidoku.example.jp>")


async def test_a_refused_recipient_is_told_in_the_servers_words(server: Postfix) -> None:
    async with desk(server.smtp) as post:
        result = await post.notifier.send(letter("refused@company.example", "no"))
    assert isinstance(result, Rejected)
    assert "550 5.1.1" in result.reason and "no such mailbox here" in result.reason


async def test_what_is_too_large_is_rejected(server: Postfix) -> None:
    large = Attachment("log.bin", "application/octet-stream", b"x" * 1_000_000)
    async with desk(server.smtp) as post:
        result = await post.notifier.send(letter("hanako@company.example", "large", attachments=(large,)))
    assert isinstance(result, Rejected) and "takes 1000000" in result.reason


# What comes back -----------------------------------------------------------------------------------------------------


async def test_a_report_of_success(server: Postfix) -> None:
    async with desk(server.smtp) as post:
        await post.notifier.send(letter("taro+noc@company.example", "12.1+0=3"))
    told = await report(server, "12.1+0=3")
    assert (told["Action"], told["Status"]) == ("delivered", "2.0.0")
    assert told["Original-Recipient"] == "rfc822;taro+noc@company.example"


async def test_a_report_of_failure(server: Postfix) -> None:
    async with desk(server.smtp) as post:
        assert isinstance(await post.notifier.send(letter("unknown@company.example", "gone")), Sent)
    told = await report(server, "gone")
    assert (told["Action"], told["Status"]) == ("failed", "5.1.1")
    assert "unknown user" in told["Diagnostic-Code"]


async def test_a_report_of_delay(server: Postfix) -> None:
    async with desk(server.smtp) as post:
        assert isinstance(await post.notifier.send(letter("hanako@dead.example", "slow")), Sent)
    told = await report(server, "slow")
    assert (told["Action"], told["Status"]) == ("delayed", "4.4.1")


async def test_a_report_of_a_relay_that_gives_none_itself() -> None:
    async with ScriptedSmtp(extensions=()) as next_hop:
        with postfix.running(relay_port=next_hop.port) as server:
            async with desk(server.smtp) as post:
                assert isinstance(await post.notifier.send(letter("hanako@relayed.example", "far")), Sent)
            told = await report(server, "far")
            assert told["Action"] == "relayed"
            assert next_hop.mails[0].sender.startswith("MAIL FROM:<bounces+far@example.jp>")


async def test_a_server_without_dsn_reports_failure_only() -> None:
    with postfix.running(has_dsn=False) as server:
        async with desk(server.smtp) as post:
            result = await post.notifier.send(letter("unknown@company.example", "bare"))
            assert isinstance(result, Sent) and result.ref["dsn"] == "no"
            assert isinstance(await post.notifier.send(letter("hanako@company.example", "bare2")), Sent)
        await arrived(server, "hanako", "<bare2@kidoku.example.jp>")
        bounce = await arrived(server, "bounces", "<bare@kidoku.example.jp>")
        assert "Original-Envelope-Id" not in bounce.as_string()
        assert bounce["To"] == "bounces+bare@example.jp"
        assert len(server.mails("bounces")) == 1


# TLS and login -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_over_tls(server: Postfix, security: str) -> None:
    port = server.smtps if security == "tls" else server.smtp
    user = "user6" if security == "tls" else "user7"
    message = letter(f"{user}@company.example", security)
    async with desk(port, security=security, ca_file=server.certificate) as post:
        assert isinstance(await post.notifier.send(message), Sent)
        assert isinstance(await post.notifier.send(letter(f"{user}@company.example", f"{security}2")), Sent)
    mail = await arrived(server, user, f"<{security}@kidoku.example.jp>")
    assert "with ESMTPS" in mail["Received"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_stranger_at_the_servers_port_gets_nothing(server: Postfix, security: str) -> None:
    port = server.smtps if security == "tls" else server.smtp
    async with desk(port, security=security) as post:
        result = await post.notifier.send(letter("user8@company.example", "mitm"))
        assert isinstance(result, RetryLater) and result.is_channel_wide and not result.maybe_sent
        assert "TLS can't be trusted" in result.reason and "self-signed certificate" in result.reason
        assert post.is_up is False
    assert server.mails("user8") == []


async def test_a_ca_file_that_is_none(server: Postfix, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no certificate")
    for path in (tmp_path / "missing", tmp_path / "text", tmp_path):
        async with desk(server.smtp, security="starttls", ca_file=path) as post:
            result = await post.notifier.send(letter("hanako@company.example", "ca"))
        assert isinstance(result, RetryLater) and "ca_file can't be read" in result.reason
        assert str(path) in result.reason


@contextmanager
def with_logins() -> Iterator[Postfix]:
    """A Postfix that takes mail only from who logs in; a Dovecot checks the passwords, as at most sites."""
    home, port = Path(tempfile.mkdtemp(prefix="kd")), free_port()
    checker = Dovecot(home)
    listener = f"service auth {{\n inet_listener {{\n address = 127.0.0.1\n port = {port}\n }}\n}}\n"
    (home / "dovecot.conf").write_text((home / "dovecot.conf").read_text() + listener)
    try:
        checker.start()
        with postfix.running(auth=port) as server:
            yield server
    finally:
        checker.stop()
        shutil.rmtree(home, ignore_errors=True)


async def test_logins() -> None:
    with with_logins() as server:
        trusted = {"security": "starttls", "ca_file": server.certificate}
        async with desk(server.smtp, **trusted) as post:
            result = await post.notifier.send(letter("hanako@company.example", "anonymous"))
            assert isinstance(result, RetryLater) and not result.is_channel_wide
            assert "look at smtp.username" in result.reason and "Access denied" in result.reason
        async with desk(server.smtp, **trusted, username="kidoku", password="wrong-password") as post:
            result = await post.notifier.send(letter("hanako@company.example", "wrong"))
            assert isinstance(result, RetryLater) and result.is_channel_wide
            assert "535 5.7.8" in result.reason and "KIDOKU_SMTP__PASSWORD" in result.reason
            assert "wrong-password" not in repr((result, post.told))
            assert post.is_up is False
        async with desk(server.smtp, **trusted, username="kidoku", password=PASSWORD) as post:
            assert isinstance(await post.notifier.send(letter("hanako@company.example", "login")), Sent)
        assert "ESMTPSA" in (await arrived(server, "hanako", "<login@kidoku.example.jp>"))["Received"]
