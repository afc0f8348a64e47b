"""Nothing can be saved for a while: whoever was alarmed is told once that it works again, and what was late by it."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from bot.lifeline import STEADY
from bot.store.record import StoreError
from channels.base import Rejected
from channels.message import Message, Tone
from tests.acceptance.stage import START, Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
NOC = ("slack", "C0NOC00000")
ADMIN = ("console", "admin")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def fails(stage: Stage) -> None:
    """A commit meets a full disk."""

    async def job(desk: object) -> None:
        raise StoreError("the disk is full")

    with pytest.raises(StoreError):
        await stage.app.engine.submit(job)
    await asyncio.gather(*(task for task in asyncio.all_tasks() if "Lifeline" in repr(task.get_coro())))


@contextlib.contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """SQLite refuses to write, and only that."""

    def answer(_: Any, statement: str, *__: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    writer = stage.app.store.engines.writer.sync_engine
    for called in ("do_execute", "do_executemany"):
        event.listen(writer, called, answer)
    try:
        yield
    finally:
        for called in ("do_execute", "do_executemany"):
            event.remove(writer, called, answer)


async def looks(stage: Stage) -> Message | None:
    """What the administrators are told when it is looked at."""
    before = len(stage.console.sent)
    await stage.app.upkeep.lifeline.look()
    await stage.work()
    told = stage.console.sent[before:]
    assert len(told) <= 1
    return told[0] if told else None


async def test_who_was_alarmed_is_told_once_how_long_and_what_was_late(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(4 * MINUTE)
    await fails(stage)
    assert stage.told() == [ADMIN]
    stage.clock.move_to(START + 8 * MINUTE)
    await fails(stage)
    await stage.passes(MINUTE)
    assert stage.told() == [NOC]
    assert await looks(stage) is None
    await stage.passes(STEADY)
    told = await looks(stage)
    assert told is not None and told.tone is Tone.CLOSED
    assert "for 4 min" in told.title
    assert [(one.label, one.value) for one in told.facts] == [("Late because of it", "#1")]
    assert await looks(stage) is None


async def test_a_mail_that_could_not_be_kept_was_late_too(stage: Stage) -> None:
    await fails(stage)
    stage.clock.move_to(START + 5 * MINUTE)
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(STEADY)
    told = await looks(stage)
    assert told is not None and told.facts[0].value == "#1"


async def test_what_left_between_two_failures_was_not_late(stage: Stage) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(4 * MINUTE)
    await fails(stage)
    await stage.passes(MINUTE)
    assert stage.told() == [NOC, ADMIN]
    stage.clock.move_to(START + 6 * MINUTE)
    await fails(stage)
    await stage.passes(STEADY)
    told = await looks(stage)
    assert told is not None and told.facts[0].value == "no alert, as far as is known"


async def test_what_fails_now_and_then_is_one_outage(stage: Stage) -> None:
    for number in range(5):
        stage.clock.move_to(START + number * MINUTE)
        await fails(stage)
        await stage.arrives(mail("nothing", f"{number}@x"))
        assert await looks(stage) is None
    await stage.passes(STEADY)
    told = await looks(stage)
    assert told is not None and "for 4 min" in told.title


async def test_a_failure_after_it_was_over_is_an_outage_of_its_own(stage: Stage) -> None:
    await fails(stage)
    await stage.passes(STEADY)
    assert await looks(stage) is not None
    stage.told()
    await fails(stage)
    assert stage.told() == [ADMIN]


async def test_it_is_not_over_because_what_has_nothing_to_write_succeeds(stage: Stage) -> None:
    with full_disk(stage), capture_logs() as logs:
        with pytest.raises(StoreError):
            await stage.arrives(mail("nothing", "a@x"))
        stage.clock.move_to(START + STEADY)
        assert await stage.app.timers.tick() == 0
        await stage.app.upkeep.lifeline.look()
    assert "Saving works again" not in [one["event"] for one in logs]
    assert await looks(stage) is None
    await stage.passes(STEADY)
    assert await looks(stage) is not None


async def test_who_was_not_reached_by_the_alarm_hears_of_it_in_the_end(stage: Stage) -> None:
    stage.console.answers.append(Rejected("gone"))
    await fails(stage)
    stage.told()
    await stage.passes(STEADY)
    assert await looks(stage) is not None
