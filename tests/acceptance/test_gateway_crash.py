"""The process is killed between a mail's commit and its departure, and started again; the client tries as mail programs
do, until it hears a 250. The mail leaves: once where it can be known, twice only where SMTP can't tell."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.gateway.password import line_for
from tests.acceptance.process import Process
from tests.acceptance.test_gateway_story import RAW, URGENT
from tests.fakes.dovecot import free_port
from tests.fakes.smtp_scripted import Received, ScriptedSmtp

TO = ("hanako@example.jp", "guest@partner.example")
SETTINGS = """
zone: Asia/Tokyo
database: "{folder}/kidoku.sqlite3"
web: {{port: 0}}
alarms: [{{via: console, to: hanako}}]
people: {{hanako: {{name: Hanako, email: hanako@example.jp}}}}
policies:
  notice: {{steps: [{{after: 1h, via: mail, to: unread}}], last_resort: [{{via: console, to: hanako}}]}}
rules: [{{name: urgent, when: {{prefix: true}}, policy: notice}}]
smtp: {{host: 127.0.0.1, port: {smtp}, security: plain, sender: NOC <noc@example.jp>, concurrency: 1}}
gateway: {{port: {gateway}, security: plain}}
"""
BEFORE = ["gateway.committed", "outbox.claimed", "outbox.claimed:2", "outbox.before.mail"]
AFTER = ["outbox.after.mail", "outbox.settling.mail", "outbox.after.mail:2"]


@pytest.fixture
async def server() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp() as one:
        yield one


def hand_in(port: int, data: bytes) -> bool:
    """Whether the client heard a 250."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            client.login("zabbix", "secret")
            return client.sendmail("zabbix@example.jp", TO, data, ["BODY=8BITMIME"]) == {}
    except (smtplib.SMTPException, OSError):
        return False


async def left(server: ScriptedSmtp, count: int) -> list[Received]:
    async with asyncio.timeout(20), server.changed:
        await server.changed.wait_for(lambda: len({mail.recipient for mail in server.mails}) >= count)
    return server.mails


@pytest.mark.parametrize("data", [RAW, URGENT], ids=["relayed", "urgent"])
@pytest.mark.parametrize("failpoint", [*BEFORE, *AFTER])
async def test_killed_at_a_failpoint(
    tmp_path: Path, server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch, failpoint: str, data: bytes
) -> None:
    monkeypatch.setenv("KIDOKU_GATEWAY__PASSWORDS", line_for("zabbix", "secret"))
    port, config = free_port(), tmp_path / "kidoku.yaml"
    config.write_text(SETTINGS.format(folder=tmp_path, smtp=server.port, gateway=port))
    async with Process(config, "", failpoint) as first, Process(config, "", is_on_hold=True) as second:
        await first.says("The gateway takes mail")
        heard = await asyncio.to_thread(hand_in, port, data)
        assert await first.dies() == -9
        second.go()
        await second.says("The gateway takes mail")
        if not heard:
            assert await asyncio.to_thread(hand_in, port, data)
        await left(server, len(TO))
        last = RAW.replace(b"<1@", b"<last@")
        assert await asyncio.to_thread(hand_in, port, last)
        # Relayed mail leaves after all that was there before it, and one at a time.
        async with asyncio.timeout(20), server.changed:
            await server.changed.wait_for(lambda: sum(mail.data == last for mail in server.mails) == len(TO))
        assert await second.stop() == 0
    mails = [mail for mail in server.mails if mail.data != last]
    if data is RAW:
        assert {mail.data for mail in mails} == {RAW}
    ids = {(mail.recipient, mail.data.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]) for mail in mails}
    assert len(ids) == len(TO)
    assert len(mails) == len(TO) + (failpoint in AFTER)
