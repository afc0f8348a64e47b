"""One channel's trouble is its own: lateness of phone calls with Slack at 429 for half an hour and Discord's gateway
dead, against the same run without. The whole bot, its real client libraries, Twilio in a process of its own, and the
others in another.

Beside the calls as many alerts go to Slack, and over to Discord where Slack is out of order: once each when it comes,
at its own random time; and once, at its worst, each in the very instant of a call. Runs with and without take turns.

Of 800 calls the p99 is that of the eighth latest: chance has its part in it. So beside each ratio stands what the runs
without any trouble give against each other.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import chain, combinations

from bot.app import App, Parts, configured_channels
from bot.clock import SystemClock
from bot.logs import LogFormat, set_up
from bot.run import collect_seldom
from bot.settings.load import load_bytes
from channels.imap.mailbox import Arrived, Cursor, MailboxBatch
from channels.slack.health import SOCKET
from escalation.mail import Mail
from tests.bench.providers import Providers
from tests.bench.setting import quantile, row
from tests.fakes import discord as fake_discord
from tests.fakes import slack_world
from tests.fakes import twilio as fake_twilio
from tests.fakes.patience import PATIENCE
from tests.fakes.twilio import OWNED
from tests.fakes.twilio_phone import ACCOUNT

MANY = 200
WITHIN = 30.0
"""Seconds in which all of them come."""
SEED = 11
TURNS = (False, True, True, False, False, True, True, False)
TARGET = 1.1
SECRETS = {
    "KIDOKU_SLACK__BOT_TOKEN": slack_world.BOT_TOKEN,
    "KIDOKU_SLACK__APP_TOKEN": slack_world.APP_TOKEN,
    "KIDOKU_DISCORD__BOT_TOKEN": fake_discord.TOKEN,
    "KIDOKU_TWILIO__AUTH_TOKEN": fake_twilio.TOKEN,
} | {f"KIDOKU_IMAP__P{n}__PASSWORD": "unused" for n in range(MANY)}
SETTINGS = """
database: "{folder}/bench.sqlite3"
alarms: [{{via: console, to: p0}}]
rooms: {{"#ops": {{slack: "#ops", discord: "{room}"}}}}
policies:
  chat:
    steps: [{{after: 1s, via: slack, to: "#ops"}}, {{after: 1h, via: discord, to: "#ops"}}]
    last_resort: [{{via: discord, to: "#ops"}}]
  phone:
    steps: [{{after: 1s, via: phone, to: unread}}]
    wait: 1h
    last_resort: [{{via: console, to: p0}}]
rules:
  - {{name: chat, when: {{subject: CHAT}}, policy: chat}}
  - {{name: phone, when: {{subject: PHONE}}, policy: phone}}
failover: {{down: 6s}}
slack: {{api_url: "{slack}"}}
discord: {{api_url: "{discord}"}}
twilio: {{account_sid: {account}, from_number: "{owned}", api_url: "{twilio}", calls_per_second: 100}}
people:
{people}
imap:
{accounts}
"""


def number(n: int) -> str:
    return f"+81312345{n:03d}"


def settings_of(urls: Mapping[str, str]) -> str:
    people = [f'  p{n}: {{name: P{n}, email: p{n}@bench.example, phone: "{number(n)}"}}' for n in range(MANY)]
    people[0] = people[0].replace("phone:", "console: p0, phone:")
    account = "{host: 127.0.0.1, port: 1, security: plain, username: u, owner: "
    accounts = [f"  p{n}: {account}p{n}}}" for n in range(MANY)]
    values = {"room": fake_discord.ROOM, "account": ACCOUNT, "owned": OWNED, "folder": tempfile.mkdtemp()}
    return SETTINGS.format(**values, **urls, people="\n".join(people), accounts="\n".join(accounts))


@asynccontextmanager
async def running(urls: Mapping[str, str]) -> AsyncIterator[App]:
    clock = SystemClock()
    loaded = load_bytes(settings_of(urls).encode(), "bench.yaml", SECRETS, clock.now().date())
    assert loaded.settings is not None, [str(one) for one in loaded.problems]
    parts = Parts(partial(configured_channels, loaded.settings, clock), watches_mail=False, serves_web=False)
    app = await App.build(loaded.settings, clock, parts)
    collect_seldom()
    await app.start()
    try:
        yield app
    finally:
        await app.close()


async def run(*, is_broken: bool, is_at_once: bool) -> list[float]:
    """Seconds from the instant at which each call was due until Twilio had the request."""
    async with Providers.running(is_broken=is_broken) as providers, running(providers.urls) as app:
        await _connected(app, {"slack", SOCKET} if is_broken else {"slack", SOCKET, "discord"})
        async with asyncio.TaskGroup() as group:
            loop = asyncio.get_running_loop()
            start = loop.time()
            # By the clock, however long the bot takes: one that is slow must not slow what comes.
            for n, (chat, phone) in enumerate(_times(is_at_once=is_at_once)):
                loop.call_at(start + chat, partial(_let_arrive, group, app, n, f"CHAT {n}"))
                loop.call_at(start + phone, partial(_let_arrive, group, app, n, f"PHONE {n}"))
            await providers.until(MANY)
        _check(app, is_broken=is_broken)
        async with app.store.reading() as tx:
            query = "SELECT address, due_at FROM notification WHERE channel = 'phone'"
            due = {address: at / 1e6 for address, at in (await tx.connection.exec_driver_sql(query)).all()}
    return [providers.called_at[address] - at for address, at in due.items()]


def _times(*, is_at_once: bool) -> list[tuple[float, float]]:
    """When each pair comes, in seconds from the start: the mail for Slack, and the one for the phone."""
    if is_at_once:
        return [(n * WITHIN / MANY, n * WITHIN / MANY) for n in range(MANY)]
    one = random.Random(SEED)
    return [(one.uniform(0, WITHIN), one.uniform(0, WITHIN)) for _ in range(MANY)]


async def _connected(app: App, names: set[str]) -> None:
    """Until all of these are up."""
    is_changed = asyncio.Event()
    app.board.listeners.append(lambda name, state: is_changed.set())
    async with asyncio.timeout(PATIENCE):
        while not all(name in app.board.states and app.board.states[name].is_up for name in names):
            is_changed.clear()
            await is_changed.wait()


def _let_arrive(group: asyncio.TaskGroup, app: App, n: int, subject: str) -> None:
    group.create_task(_arrive(app, n, subject))


async def _arrive(app: App, n: int, subject: str) -> None:
    """Each kind in a folder of its own: they come in any order."""
    account, folder, now = f"p{n}", subject.split()[0], app.clock.now()
    mail = Mail(
        message_id=f"{subject.replace(' ', '.')}@bench.example",
        account=account,
        folder=folder,
        received_at=now,
        subject=subject,
        sender="noc@bench.example",
    )
    await app.intake.commit(MailboxBatch(account, folder, (Arrived(1, mail),), Cursor(1, 2, None, now)))


def _check(app: App, *, is_broken: bool) -> None:
    """The trouble is there, and is known, or it is not."""
    assert (app.failover.watches["slack"].told is not None) is is_broken
    assert (app.failover.answers["discord"].told is not None) is is_broken
    assert app.failover.watches["phone"].told is None


def _by_chance(without: list[list[float]], part: float) -> str:
    """Between which ratios half of the runs without trouble is to the other half."""
    numbers = set(range(len(without)))

    def late(which: set[int]) -> float:
        return quantile([one for number in which for one in without[number]], part)

    halves = [set(half) for half in combinations(numbers, len(numbers) // 2)]
    ratios = [late(half) / late(numbers - half) for half in halves]
    return f"by chance {min(ratios):.2f} to {max(ratios):.2f}"


async def main() -> None:
    for is_at_once in (False, True):
        runs: dict[bool, list[list[float]]] = {False: [], True: []}
        for is_broken in TURNS:
            runs[is_broken].append(await run(is_broken=is_broken, is_at_once=is_at_once))
        what = "phone, due → Twilio has it; Slack 429 for 30 min, Discord's gateway dead"
        what += ", each call with an alert for Slack in the same instant" if is_at_once else ""
        for name, part in (("p50", 0.5), ("p99", 0.99)):
            broken, whole = (quantile(list(chain(*runs[is_broken])), part) for is_broken in (True, False))
            ratio = broken / whole
            figures = f"{broken * 1000:.0f} ms, without {whole * 1000:.0f} ms; {_by_chance(runs[False], part)}"
            row(f"{what}, {name}", f"ratio {ratio:.2f}", figures, "< 1.1", ratio < TARGET)


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    asyncio.run(main())
