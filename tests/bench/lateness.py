"""Lateness: 10,000 alerts fall due within the same 10 seconds; asyncio's own timers are the baseline."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import SystemClock
from bot.engine import Engine, Job, T
from bot.logs import LogFormat, set_up
from bot.store import codec
from bot.timers import Timers
from tests.bench.setting import Bench, quantile, row

MANY = 10_000
WITHIN = 10.0
TARGET = 0.250


class TimedEngine(Engine):
    """Notes when the commit of each alert's step returned."""

    saved_at: ClassVar[dict[int, float]] = {}
    all_saved: ClassVar[asyncio.Event] = asyncio.Event()

    async def submit(self, job: Job[T]) -> T:
        result = await super().submit(job)
        now = time.time()
        if isinstance(result, list):
            self.saved_at.update(dict.fromkeys(result, now))
            if len(self.saved_at) >= MANY:
                self.all_saved.set()
        return result


async def main() -> None:
    bench = await Bench.open(timedelta(minutes=5), TimedEngine)
    serving = asyncio.create_task(bench.engine.run())
    await bench.burst(MANY)
    due_at = await _spread(bench)
    scheduler = AsyncIOScheduler()
    timers = Timers(bench.engine, SystemClock(), scheduler)
    scheduler.start()
    ticking = asyncio.create_task(timers.run())
    await TimedEngine.all_saved.wait()
    scheduler.shutdown(wait=False)
    ticking.cancel()
    late = [TimedEngine.saved_at[id] - at for id, at in due_at.items()]
    bare = await _bare()
    p50, p99 = quantile(late, 0.5), quantile(late, 0.99)
    beside = f"asyncio's own timers p99 {quantile(bare, 0.99) * 1000:.0f} ms"
    what = f"lateness, {MANY:,} alerts due in {WITHIN:.0f} s"
    row(f"{what}, p50", f"{p50 * 1000:.0f} ms", "due → committed")
    row(f"{what}, p99", f"{p99 * 1000:.0f} ms", beside, "< 250 ms", p99 < TARGET)
    await bench.engine.stop()
    await serving
    await bench.store.close()


async def _spread(bench: Bench) -> dict[int, float]:
    """Give the alerts due times spread evenly over the ten seconds that begin in two; returns them by id."""
    async with bench.store.reading() as tx:
        alerts = await tx.alerts(range(1, MANY + 1))
    start = datetime.now(UTC) + timedelta(seconds=2)
    dues = {id: start + timedelta(seconds=number * WITHIN / MANY) for number, id in enumerate(alerts)}
    with closing(sqlite3.connect(bench.folder / "bench.sqlite3")) as connection, connection:
        digest = connection.execute("SELECT policy_digest FROM alert LIMIT 1").fetchone()[0]
        for id, alert in alerts.items():
            values = (codec.micros(dues[id]), codec.encode_alert(alert._replace(due_at=dues[id]), digest), id)
            connection.execute("UPDATE alert SET due_at = ?, state = ? WHERE id = ?", values)
    return {id: at.timestamp() for id, at in dues.items()}


async def _bare() -> list[float]:
    """How late asyncio's own timers are, as many, in memory."""
    loop = asyncio.get_running_loop()
    late: list[float] = []
    is_over = asyncio.Event()

    def fire(due: float) -> None:
        late.append(loop.time() - due)
        if len(late) == MANY:
            is_over.set()

    start = loop.time() + 0.5
    for number in range(MANY):
        due = start + number * 2.0 / MANY
        loop.call_at(due, fire, due)
    await is_over.wait()
    return late


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    asyncio.run(main())
