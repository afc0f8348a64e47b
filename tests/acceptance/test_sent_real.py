"""Mail that the team sends, for real: out through Postfix, its delivery reports and the recipient's mailbox watched on
Dovecot. Only the way from Postfix's Maildirs into Dovecot's mailboxes is the test's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App, Parts, configured_channels
from bot.clock import SystemClock
from bot.finding import Finding, Signal
from bot.language import Words
from bot.outgoing.addressing import addressed
from bot.outgoing.probe import result_of, start
from bot.outgoing.send import Draft, send
from bot.settings.load import load_bytes
from bot.store.record import OutgoingMail
from escalation.alert import Alert
from escalation.receipt import ReceiptKind
from tests.fakes import dovecot, postfix
from tests.fakes.dovecot import PASSWORD, Dovecot
from tests.fakes.postfix import Postfix

pytestmark = [
    pytest.mark.real,
    pytest.mark.usefixtures("can_run_postfix"),
]

SETTINGS = """
language: en
zone: Asia/Tokyo
database: {folder}/kidoku.sqlite3
alarms: [{{via: console, to: hanako}}]
people: {{hanako: {{name: Hanako, email: hanako@example.jp}}}}
policies:
  notice:
    read_by: all
    steps: [{{after: 1h, via: mail, to: unread}}]
    last_resort: [{{via: console, to: hanako}}]
rules: [{{name: none, ignore: true}}]
imap:
  hanako: {{host: localhost, port: {imaps}, ca_file: {ca}, username: hanako, owner: hanako}}
  receipts: {{host: localhost, port: {imaps}, ca_file: {ca}, username: bounces, receipts: true}}
smtp:
  {{host: localhost, port: {smtp}, security: plain, sender: NOC <bounces@example.jp>, receipts_to: bounces@example.jp,
   verp: true}}
"""
SECRETS = {"KIDOKU_IMAP__HANAKO__PASSWORD": PASSWORD, "KIDOKU_IMAP__RECEIPTS__PASSWORD": PASSWORD}


@dataclass
class Outside:
    """The two servers, and the postman between them."""

    smtp: Postfix
    imap: Dovecot

    async def carries(self, user: str, text: str) -> None:
        """A mail that Postfix delivered comes into the mailbox that Dovecot shows."""
        for raw in await asyncio.to_thread(self.smtp.wait_for, user, text.encode()):
            await asyncio.to_thread(self.imap.append, user, raw)


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with postfix.running() as smtp, dovecot.running() as imap:
        yield Outside(smtp, imap)


@asynccontextmanager
async def bot(folder: Path, outside: Outside) -> AsyncIterator[App]:
    text = SETTINGS.format(folder=folder, imaps=outside.imap.imaps, ca=outside.imap.certificate, smtp=outside.smtp.smtp)
    loaded = load_bytes(text.encode(), "real.yaml", SECRETS, datetime.now(UTC).date())
    settings = loaded.settings
    assert settings is not None, loaded.problems
    clock = SystemClock()
    parts = Parts(lambda inbox, board: configured_channels(settings, clock, inbox, board), serves_web=False)
    app = await App.build(settings, clock, parts)
    stop = asyncio.Event()
    running = asyncio.create_task(app.run(stop))
    try:
        yield app
    finally:
        stop.set()
        await running


async def until(app: App, recipient: str, kind: ReceiptKind) -> str:
    """What is said with this receipt; waits for it."""
    changed = asyncio.Event()
    app.engine.listeners.append(lambda committed: changed.set())
    async with asyncio.timeout(40):
        while True:
            changed.clear()
            found = (await alert_of(app)).recipient(recipient)
            detail = (
                next((one.detail for one in found.evidence if one.kind is kind and one.stands), None) if found else None
            )
            if detail is not None:
                return detail
            await changed.wait()


async def alert_of(app: App) -> Alert:
    async with app.store.reading() as tx:
        return (await tx.alerts([1]))[1]


async def test_delivered_read_refused_and_delayed_each_for_its_recipient(tmp_path: Path, outside: Outside) -> None:
    async with bot(tmp_path, outside) as app:
        post = app.post
        assert post is not None
        draft = Draft(
            OutgoingMail(sender=post.sender, subject="工事のお知らせ", text="Line A-1.\n"),
            tuple(addressed(["hanako", "nobody@example.jp", "guest@dead.example"], app.settings.roster())),
            app.settings.escalation_policies()["notice"],
            "hanako",
        )
        await app.engine.submit(lambda desk: send(desk, draft, post))
        for recipient in ("hanako", "nobody@example.jp", "guest@dead.example"):
            await until(app, recipient, ReceiptKind.ACCEPTED)
        await outside.carries("hanako", f"<{post.tokens.stamp('1.m0')}@example.jp>")
        await outside.carries("bounces", f"Original-Envelope-Id: {post.tokens.stamp('1.m0')}")
        await until(app, "hanako", ReceiptKind.DELIVERED)
        await outside.carries("bounces", f"Original-Envelope-Id: {post.tokens.stamp('1.m1')}")
        assert (await until(app, "nobody@example.jp", ReceiptKind.FAILED)).startswith("5.")
        await outside.carries("bounces", f"Original-Envelope-Id: {post.tokens.stamp('1.m2')}")
        await until(app, "guest@dead.example", ReceiptKind.DELAYED)
        await asyncio.to_thread(outside.imap.set_seen, "hanako")
        await until(app, "hanako", ReceiptKind.SEEN)
        assert len((await alert_of(app)).recipients) == 3


async def test_a_probe_learns_what_postfix_gives(tmp_path: Path, outside: Outside) -> None:
    async with bot(tmp_path, outside) as app:
        post = app.post
        assert post is not None
        (to,) = addressed(["nobody@example.jp"], app.settings.roster())
        words = Words("en", "Asia/Tokyo")
        probe = await app.engine.submit(lambda desk: start(desk, to, "hanako", timedelta(days=1), post, words))
        await outside.carries("bounces", f"Original-Envelope-Id: {post.tokens.stamp('1.m0')}")
        assert (await until(app, "nobody@example.jp", ReceiptKind.FAILED)).startswith("5.")
        async with app.store.reading() as tx:
            result = await result_of(tx, probe, has_page=False)
            rows = await tx.notifications_of(1)
        assert result is not None
        assert result.findings[:2] == (Finding(Signal.DSN, True, "failed"), Finding(Signal.MDN, True))
        assert [row.address for row in rows] == ["nobody@example.jp"]
