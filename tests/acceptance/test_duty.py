"""Whoever is on call when the step fires is called, whatever changed in the meantime, and by whichever process."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import duty
from bot.desk import Desk
from bot.language import Words
from escalation.schedule import Leave, Override
from tests.acceptance.stage import START, Stage, mail, on_stage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ALICE = ("phone", "+81312345678")
BOB = ("phone", "+81387654321")
WORDS = Words("en", "UTC", lambda: START)
TAKEN = Override("noc", "bob", START, START + HOUR, by="bob")
AWAY = Leave("alice", START, START + HOUR, "alice")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


async def called(stage: Stage) -> list[tuple[str, str]]:
    """Who is called five minutes after a mail."""
    await stage.arrives(mail("DUTY down", "a@x"))
    await stage.passes(5 * MINUTE)
    return stage.told()


async def test_whoever_has_the_turn_is_called(stage: Stage) -> None:
    assert await called(stage) == [ALICE]


async def test_an_override_counts_from_its_commit_on(stage: Stage) -> None:
    await stage.app.engine.submit(lambda desk: duty.take_over(desk, TAKEN, WORDS))
    assert await called(stage) == [BOB]


async def test_an_override_that_another_process_wrote_counts_at_the_next_look(stage: Stage) -> None:
    await stage.app.upkeep.beside.look()
    async with stage.beside() as engine:
        await engine.run_now(lambda desk: duty.take_over(desk, TAKEN, WORDS))
    await stage.app.upkeep.beside.look()
    assert await called(stage) == [BOB]


async def test_an_override_that_is_removed_counts_no_longer(stage: Stage) -> None:
    await stage.app.engine.submit(lambda desk: duty.take_over(desk, TAKEN, WORDS))
    async with stage.beside() as engine:
        await engine.run_now(lambda desk: duty.remove_override(desk, 1, "bob", WORDS))
    await stage.app.upkeep.beside.look()
    assert await called(stage) == [ALICE]


async def test_whoever_is_on_leave_is_not_called(stage: Stage) -> None:
    await stage.app.engine.submit(lambda desk: duty.go_on_leave(desk, AWAY, WORDS))
    assert await called(stage) == [BOB]


async def test_an_override_outlives_a_restart(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.app.engine.submit(lambda desk: duty.take_over(desk, TAKEN, WORDS))
    async with on_stage(tmp_path) as stage:
        assert await called(stage) == [BOB]


async def test_what_comes_next_names_who_took_the_duty(stage: Stage) -> None:
    await stage.arrives(mail("DUTY down", "a@x"))
    await stage.app.engine.submit(lambda desk: duty.take_over(desk, TAKEN, WORDS))
    assert stage.app.scribe.roster().on_call("noc", START) == ("bob",)


async def test_an_override_that_failed_changes_nothing(stage: Stage) -> None:
    async def job(desk: Desk) -> str:
        await duty.take_over(desk, TAKEN, WORDS)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await stage.app.engine.submit(job)
    assert await called(stage) == [ALICE]
