"""From the start of a bot with 100,000 open alerts to the first step that was due, in a process of its own."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta

import msgspec
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import SystemClock
from bot.desk import Rules
from bot.engine import Committed, Engine
from bot.logs import LogFormat, set_up
from bot.store import codec
from bot.store.store import Store
from bot.timers import Timers
from escalation.policy import EscalationPolicy
from tests.bench.setting import ROSTER, Bench, row

MANY = 100_000
TARGET = 3.0


async def fill() -> str:
    """A database with so many open alerts: one is overdue, the others are due in an hour."""
    bench = await Bench.open(timedelta(hours=1))
    serving = asyncio.create_task(bench.engine.run())
    await bench.burst(MANY, at_once=500)
    await bench.engine.stop()
    await serving
    await bench.store.close()
    _make_overdue(f"{bench.folder}/bench.sqlite3")
    return f"{bench.folder}/bench.sqlite3"


def _make_overdue(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        state, digest = connection.execute("SELECT state, policy_digest FROM alert WHERE id = 1").fetchone()
        [data] = connection.execute("SELECT data FROM policy_copy WHERE digest = ?", (digest,)).fetchone()
        alert = codec.decode_alert(state, msgspec.json.decode(data, type=EscalationPolicy))
        due_at = alert.opened_at
        overdue = codec.encode_alert(alert._replace(due_at=due_at), digest)
        connection.execute("UPDATE alert SET due_at = ?, state = ? WHERE id = 1", (codec.micros(due_at), overdue))


async def start(path: str) -> None:
    """Open it and decide what is due, as ``kidoku run`` does; prints when that was saved."""
    clock = SystemClock()
    store = await Store.open(f"sqlite+aiosqlite:///{path}", clock.now())
    engine = Engine(store, clock, Rules(ROSTER, (), frozenset({"slack"})))
    saved = asyncio.Event()

    def listen(committed: Committed) -> None:
        if committed.lane_wakes or committed.due_channels:
            saved.set()

    engine.listeners.append(listen)
    serving = asyncio.create_task(engine.run())
    scheduler = AsyncIOScheduler()
    scheduler.start()
    async with store.transaction() as tx:
        await tx.release_leases()
    ticking = asyncio.create_task(Timers(engine, clock, scheduler).run())
    await saved.wait()
    print(time.time(), flush=True)
    ticking.cancel()
    scheduler.shutdown(wait=False)
    await engine.stop()
    await serving
    await store.close()


def main() -> None:
    path = asyncio.run(fill())
    began = time.time()
    run = subprocess.run([sys.executable, "-m", "tests.bench.start", path], capture_output=True, text=True, check=True)
    ours = float(run.stdout.split()[-1]) - began
    began = time.time()
    subprocess.run([sys.executable, "-c", "import bot.app"], check=True)
    bare = time.time() - began
    beside = f"importing the bot alone {bare:.2f} s"
    row(f"start with {MANY:,} open alerts to first due step", f"{ours:.2f} s", beside, "< 3 s", ours < TARGET)


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    if len(sys.argv) > 1:
        asyncio.run(start(sys.argv[1]))
    else:
        main()
