"""300 idle mailboxes over TLS on a real Dovecot: memory, mail → Slack's request, \\Seen → Slack's message says so.

Slack is a server of its own process on loopback, reached by the real client. Dovecot gathers changes for about half a
second before it tells anybody: a bare IDLE beside ours hears each change too, and ours is measured from that moment.
"""

import asyncio
import contextlib
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.desk import Rules
from bot.engine import Engine
from bot.intake import Intake
from bot.logs import LogFormat, set_up
from bot.metrics import Metrics
from bot.outbox import Lane, Outbox
from bot.routes import Owner, Routes
from bot.scribe import Scribe
from bot.store.store import Store
from channels.imap.config import ImapAccount
from channels.imap.connection import Connection, dial
from channels.imap.reader import Idle
from channels.imap.watcher import MailWatcher
from channels.slack.channel import build
from channels.slack.config import SlackSettings
from escalation.routing import Rule
from tests.bench.setting import ROSTER, policy, quantile, resident, row
from tests.bench.slack_server import SlackServer
from tests.fakes.dovecot import PASSWORD, Dovecot, running
from tests.fakes.inbox import RecordingInbox
from tests.fakes.slack_world import APP_TOKEN, BOT_TOKEN

MANY = 300
ROUNDS = 40
TARGET = 0.250


def account(server: Dovecot, user: str) -> ImapAccount:
    return ImapAccount(
        name=user,
        host="localhost",
        port=server.imaps,
        username=user,
        password=SecretStr(PASSWORD),
        owner=user,
        ca_file=server.certificate,
        watch_junk=False,
        timeout=timedelta(seconds=30),
    )


class BareIdle:
    """A mail program that only listens: tells when the server said that something changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    async def of(cls, server: Dovecot, user: str) -> Self:
        connection = await dial(account(server, user))
        await asyncio.to_thread(connection.log_in)
        await asyncio.to_thread(connection.client.select_folder, "INBOX", readonly=True)
        return cls(connection)

    async def change(self) -> float:
        self._connection.client.wire.has_news = False
        idle = Idle(self._connection.client)
        await asyncio.to_thread(idle.begin)
        await idle.wait(30)
        heard_at = time.time()
        await idle.end()
        return heard_at

    def close(self) -> None:
        self._connection.close()


async def main() -> None:
    async with SlackServer.running() as slack:
        await _measure(slack)


async def _measure(slack: SlackServer) -> None:
    users = [f"user{number}" for number in range(MANY)]
    folder = Path(tempfile.mkdtemp(prefix="kidoku-bench-"))
    clock = SystemClock()
    store = await Store.open(f"sqlite+aiosqlite:///{folder}/bench.sqlite3", clock.now())
    engine = Engine(store, clock, Rules(ROSTER, (), frozenset({"slack"})))
    routes = Routes(
        (Rule(name="all", policy="urgent"),),
        {"urgent": policy(timedelta(0))},
        {user: Owner(user) for user in users},
    )
    intake = Intake(engine, lambda: routes)
    settings = SlackSettings(bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN), api_url=slack.url)
    notifier = build(settings, RecordingInbox(), clock.now, lambda name, is_up, why: None).notifier
    assert notifier is not None
    scribe = Scribe(store, clock, lambda: ROSTER, "en", "UTC")
    outbox = Outbox({"slack": Lane(Delivery(notifier, engine, clock, scribe.word, Metrics()))}, engine)
    up: set[str] = set()
    all_up = asyncio.Event()

    def heard(name: str, is_up: bool, detail: str) -> None:
        up.add(name) if is_up else up.discard(name)
        if len(up) == MANY:
            all_up.set()

    with running() as server, ThreadPoolExecutor(4) as pool:
        before = resident()
        tasks = [asyncio.create_task(engine.run()), asyncio.create_task(outbox.run())]
        for user in users:
            watcher = MailWatcher(account(server, user), intake, clock.now, heard, pool)
            tasks.append(asyncio.create_task(watcher.run()))
        began = time.perf_counter()
        async with asyncio.timeout(60):
            await all_up.wait()
        row(f"{MANY} mailboxes over TLS connected and read", f"{time.perf_counter() - began:.1f} s")
        each = (resident() - before) / MANY / 1024
        row("memory of an idle mailbox over TLS", f"{each:.0f} kB", "", "< 80 kB", each < 80)
        await _rounds(server, users, slack)
        for task in tasks[1:]:
            task.cancel()
        await engine.stop()
        await asyncio.gather(*tasks, return_exceptions=True)
    await notifier.close()
    await store.close()


async def _rounds(server: Dovecot, users: list[str], slack: SlackServer) -> None:
    arrivals, stops, waits = [], [], []
    async with AsyncExitStack() as stack:
        for number in range(ROUNDS):
            user = users[number * 7 % MANY]
            bare = await BareIdle.of(server, user)
            stack.callback(bare.close)
            subject = f"mail-{number}"
            raw = f"From: a@b.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x>\r\n\r\n.\r\n".encode()
            change = asyncio.create_task(bare.change())
            began = time.time()
            await asyncio.to_thread(server.append, user, raw)
            told_at = await change
            arrivals.append(await slack.until(slack.posted_at, subject) - told_at)
            waits.append(told_at - began)
            change = asyncio.create_task(bare.change())
            await asyncio.to_thread(server.set_seen, user)
            told_at = await change
            stops.append(await slack.until(slack.read_at, subject) - told_at)
    beside = f"the server's own wait p50 {quantile(waits, 0.5) * 1000:.0f} ms"
    for what, values in (("mail → Slack has the request", arrivals), ("\\Seen → Slack shows it, all stopped", stops)):
        p50, p99 = quantile(values, 0.5), quantile(values, 0.99)
        row(f"{what}, beyond the server, p50", f"{p50 * 1000:.0f} ms", beside)
        row(f"{what}, beyond the server, p99", f"{p99 * 1000:.0f} ms", "", "< 250 ms", p99 < TARGET)


def raise_limits() -> None:
    """More file descriptors; and inotify instances where root may: else Dovecot polls every second instead."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    with contextlib.suppress(OSError):
        Path("/proc/sys/fs/inotify/max_user_instances").write_text("2048")


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    raise_limits()
    asyncio.run(main())
