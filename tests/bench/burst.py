"""Alerts opened in a burst, steps decided and saved, and both beside bare batched commits of the same driver."""

import asyncio
import sqlite3
import sys
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import aiosqlite
from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import create_async_engine

from bot.desk import Desk
from bot.logs import LogFormat, set_up
from bot.run import collect_seldom
from bot.store.tables import alert, alert_event, notification
from bot.timers import AT_ONCE
from escalation.event import TimerFired
from tests.bench.setting import Bench, row

MANY = 5_000
ROUNDS = 12
ROWS_OF_A_STEP = 3
"""An event, the alert's projection, a notification."""
AIOSQLITE, SQLALCHEMY = "aiosqlite", "SQLAlchemy's async layer over it"
USUAL, OURS = 100, AT_ONCE * ROWS_OF_A_STEP
BARE = ((AIOSQLITE, USUAL), (SQLALCHEMY, USUAL), (AIOSQLITE, OURS), (SQLALCHEMY, OURS))
"""What is measured beside ours: the driver, and rows a commit. The store is written in the second of them."""

LOGGED = "--logged"

Rows = list[tuple[Any, ...]]


async def main() -> None:
    bench = await Bench.open(timedelta(0))
    serving = asyncio.create_task(bench.engine.run())
    began = time.perf_counter()
    await bench.burst(MANY)
    opened = MANY / (time.perf_counter() - began)
    row("alerts opened in a burst", f"{opened:,.0f}/s", "first step included", "> 500/s", opened > 500)
    await bench.engine.stop()
    await serving
    await bench.store.close()
    await steps("log off")
    # In a process of its own: how a logger is set up, it remembers. What it writes goes nowhere.
    again = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.burst", LOGGED, stderr=asyncio.subprocess.DEVNULL
    )
    if await again.wait():
        raise RuntimeError("the steps with the log on could not be measured")


async def steps(how: str) -> None:
    """The best of some rounds of each, taken in turn: what else the machine does slows each of them at times."""
    rounds = [await _round() for _ in range(ROUNDS)]
    ours, *bare = (max(rates) for rates in zip(*rounds, strict=True))
    row(f"steps decided and saved, {how}", f"{ours / ROWS_OF_A_STEP:,.0f}/s", f"{AT_ONCE} a commit")
    what, figure = f"rows saved by them, {how}", f"{ours:,.0f}/s"
    for (driver, rows), rate in zip(BARE, bare, strict=True):
        beside = (
            f"{driver} alone, {rows:,} of the same rows ready-made a commit: {rate:,.0f}/s; ratio {ours / rate:.0%}"
        )
        row(what, figure, beside, "≥ 50 %", ours >= rate / 2)
        what = figure = ""


async def _round() -> tuple[float, ...]:
    """Rows a second: decided and saved; and of each of ``BARE``."""
    bench = await Bench.open(timedelta(milliseconds=1))
    serving = asyncio.create_task(bench.engine.run())
    await bench.burst(MANY)
    count = 0
    began = time.perf_counter()
    while ids := await bench.engine.submit(_fire):
        count += len(ids)
    seconds = time.perf_counter() - began
    await bench.engine.stop()
    await serving
    await bench.store.close()
    rates = [await _DRIVERS[driver](bench, rows // ROWS_OF_A_STEP, *_take_rows(bench)) for driver, rows in BARE]
    return count * ROWS_OF_A_STEP / seconds, *rates


async def _fire(desk: Desk) -> list[int]:
    ids = await desk.due(AT_ONCE)
    for id in ids:
        await desk.feed(id, TimerFired())
    return ids


async def _bare(bench: Bench, steps_at_once: int, events: Rows, alerts: Rows, told: Rows) -> float:
    """Rows a second of aiosqlite alone: the same ready-made rows into the same tables, of so many steps a commit."""
    statements = [
        (f"INSERT INTO alert_event VALUES ({', '.join('?' * len(events[0]))})", events),
        ("UPDATE alert SET seq = ?, status = ?, due_at = ?, state = ? WHERE id = ?", alerts),
        (f"INSERT INTO notification VALUES ({', '.join('?' * len(told[0]))})", told),
    ]
    async with aiosqlite.connect(bench.folder / "bench.sqlite3", isolation_level=None) as connection:
        await connection.execute("PRAGMA synchronous=FULL")
        began = time.perf_counter()
        for start in range(0, len(events), steps_at_once):
            await connection.execute("BEGIN IMMEDIATE")
            for statement, rows in statements:
                await connection.executemany(statement, rows[start : start + steps_at_once])
            await connection.execute("COMMIT")
        seconds = time.perf_counter() - began
    return sum(len(rows) for _, rows in statements) / seconds


async def _core(bench: Bench, steps_at_once: int, events: Rows, alerts: Rows, told: Rows) -> float:
    """Rows a second of SQLAlchemy's async executemany, which the store is written in: the same ready-made rows."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{bench.folder}/bench.sqlite3")
    names = ("seq", "status", "due_at", "state", "b_id")
    change = update(alert).where(alert.c.id == bindparam("b_id")).values({name: bindparam(name) for name in names[:4]})
    statements = [
        (insert(alert_event), [dict(zip(alert_event.c.keys(), row, strict=True)) for row in events]),
        (change, [dict(zip(names, row, strict=True)) for row in alerts]),
        (insert(notification), [dict(zip(notification.c.keys(), row, strict=True)) for row in told]),
    ]
    began = time.perf_counter()
    for start in range(0, len(events), steps_at_once):
        async with engine.begin() as connection:
            await connection.exec_driver_sql("PRAGMA synchronous=FULL")
            for statement, rows in statements:
                await connection.execute(statement, rows[start : start + steps_at_once])
    seconds = time.perf_counter() - began
    await engine.dispose()
    return sum(len(rows) for _, rows in statements) / seconds


_DRIVERS = {AIOSQLITE: _bare, SQLALCHEMY: _core}


def _take_rows(bench: Bench) -> tuple[Rows, Rows, Rows]:
    """What the steps saved, taken out again so that it can be saved once more."""
    with closing(sqlite3.connect(bench.folder / "bench.sqlite3")) as connection:
        events = connection.execute("SELECT * FROM alert_event WHERE kind = 'rung_fired'").fetchall()
        alerts = connection.execute("SELECT seq, status, due_at, state, id FROM alert").fetchall()
        told = connection.execute("SELECT * FROM notification").fetchall()
        connection.execute("DELETE FROM alert_event WHERE kind = 'rung_fired'")
        connection.execute("DELETE FROM notification")
        connection.commit()
    return events, alerts, told


if __name__ == "__main__":
    is_logged = sys.argv[1:] == [LOGGED]
    set_up(LogFormat.TEXT if is_logged else LogFormat.QUIET)
    collect_seldom()
    asyncio.run(steps("log on") if is_logged else main())
