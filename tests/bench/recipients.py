"""1,300 recipients: each gets a mail, nobody reads, each is reminded. Beside it a bare client at the same server: one
that takes 50 ms for each mail, as across a network, and Postfix on this machine."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from typing import Any

import aiosmtplib
from sqlalchemy import func, select

from bot.app import App, Parts, configured_channels
from bot.clock import SystemClock
from bot.logs import LogFormat, set_up
from bot.outgoing.addressing import addressed
from bot.outgoing.send import Draft, send
from bot.settings.load import load_bytes
from bot.store.record import NotificationState, OutgoingMail
from bot.store.tables import notification
from escalation.command import Purpose
from tests.bench.pixels import server
from tests.bench.setting import row
from tests.fakes import postfix

MANY = 1_300
CONNECTIONS = 4
"""As many as the mail channel opens if the settings say nothing."""
AFTER = 30
"""Seconds to the reminder: longer than it takes to send."""
PACE = 0.05
TARGET = 0.9
WHO = "user0+{number}@example.jp"
ENDED = (NotificationState.SENT, NotificationState.ENDED)

SETTINGS = """
language: en
zone: Asia/Tokyo
database: {folder}/kidoku.sqlite3
alarms: [{{via: console, to: hanako}}]
people: {{hanako: {{name: Hanako, email: hanako@example.jp}}}}
policies:
  notice:
    read_by: all
    wait: 1h
    steps: [{{after: {after}s, via: mail, to: unread}}]
    last_resort: [{{via: console, to: hanako}}]
rules: [{{name: none, ignore: true}}]
imap: {{hanako: {{host: localhost, port: 1, security: plain, username: hanako, owner: hanako}}}}
smtp: {{host: localhost, port: {smtp}, security: plain, sender: NOC <bounces@example.jp>, verp: true}}
"""


async def main() -> None:
    with server("tests.bench.smtp_paced", str(PACE)) as port:
        bare = await _bare(port)
        for what, rate in (await _ours(port)).items():
            beside = f"bare client at the same server: {bare:,.0f}/s; ratio {rate / bare:.0%}"
            target = f"≥ {TARGET * 100:.0f} %"
            row(
                f"{MANY:,} recipients {what}, {PACE * 1000:.0f} ms a mail",
                _rate(rate),
                beside,
                target,
                rate >= bare * TARGET,
            )
    if reason := postfix.why_not():
        row(f"{MANY:,} recipients, Postfix on this machine", "not measured", reason)
        return
    with postfix.running() as real:
        bare = await _bare(real.smtp)
        # It still delivers what it took: that would be time of the next one.
        await asyncio.to_thread(real.wait_for, "user0", b"Subject: ", MANY)
        for what, rate in (await _ours(real.smtp)).items():
            beside = f"bare client at the same Postfix: {bare:,.0f}/s; ratio {rate / bare:.0%}"
            row(f"{MANY:,} recipients {what}, Postfix on this machine", _rate(rate), beside)


def _rate(rate: float) -> str:
    return f"{rate:,.0f}/s"


async def _bare(port: int) -> float:
    """Mails a second of aiosmtplib alone, each of the size of ours."""
    numbers = iter(range(MANY))
    began = time.perf_counter()
    await asyncio.gather(*(_carry(port, numbers) for _ in range(CONNECTIONS)))
    return MANY / (time.perf_counter() - began)


async def _carry(port: int, numbers: Any) -> None:
    body = "x" * 70 + "\r\n"
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as client:
        for number in numbers:
            text = f"From: bounces@example.jp\r\nSubject: {number}\r\n\r\n{body * 40}".encode()
            await client.sendmail("bounces@example.jp", [WHO.format(number=number)], text)


async def _ours(port: int) -> dict[str, float]:
    """Mails a second of the whole bot: sent, and reminded."""
    with tempfile.TemporaryDirectory(prefix="kidoku-bench-") as folder:
        return await _bot(SETTINGS.format(folder=folder, smtp=port, after=AFTER))


async def _bot(text: str) -> dict[str, float]:
    settings = load_bytes(text.encode(), "bench.yaml", {"KIDOKU_IMAP__HANAKO__PASSWORD": "x"}, _today()).settings
    assert settings is not None
    clock = SystemClock()
    parts = Parts(
        lambda inbox, board: configured_channels(settings, clock, inbox, board), watches_mail=False, serves_web=False
    )
    app = await App.build(settings, clock, parts)
    stop = asyncio.Event()
    running = asyncio.create_task(app.run(stop))
    to = addressed([WHO.format(number=number) for number in range(MANY)], settings.roster())
    assert app.post is not None
    post = app.post
    draft = Draft(
        OutgoingMail(sender=post.sender, subject="Works tonight", text="Line A-1 will be down.\n" * 40),
        tuple(to),
        settings.escalation_policies()["notice"],
        "hanako",
    )
    began = time.time()
    await app.engine.submit(lambda desk: send(desk, draft, post))
    sent = MANY / (await _last(app, Purpose.MAIL) - began)
    due_at = await _due(app)
    reminded = MANY / (await _last(app, Purpose.STEP) - due_at)
    stop.set()
    await running
    return {"sent": sent, "reminded": reminded}


async def _last(app: App, purpose: Purpose) -> float:
    """When the last of these mails left, as a time stamp; waits for it."""
    changed = asyncio.Event()
    app.engine.listeners.append(lambda committed: changed.set())
    left = [notification.c.purpose == purpose, notification.c.state.in_(ENDED)]
    while True:
        changed.clear()
        async with app.store.reading() as tx:
            query = select(func.count(), func.max(notification.c.sent_at)).where(*left)
            count, last = (await tx.connection.execute(query)).one()
        if count >= MANY:
            return float(last) / 1e6
        await changed.wait()


async def _due(app: App) -> float:
    async with app.store.reading() as tx:
        [alert] = (await tx.alerts([1])).values()
    assert alert.due_at is not None
    return alert.due_at.timestamp()


def _today() -> Any:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    asyncio.run(main())
