"""The clock of the machine is set back while alerts are open: nobody hears later by it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import timers
from bot.clock import monotonic
from bot.store.record import StoreError
from channels.base import Ongoing, RetryLater
from channels.message import Verb
from escalation.alert import AlertStatus
from tests.acceptance.stage import Stage, mail, on_stage
from tests.acceptance.test_story import ADMIN, ALICE, DISCORD, MINUTE, NOC

NINE_HOURS = timedelta(hours=9)
"""A clock of a machine in Tokyo that was taken to show UTC."""

Corrects = Callable[[timedelta], None]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as one:
        yield one


@pytest.fixture
def corrects(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Corrects:
    """Somebody sets the clock back; or forward, by less than nothing."""
    behind = timedelta(0)
    began = monotonic()
    monkeypatch.setattr(timers, "monotonic", lambda: began)
    start = datetime.now(UTC)
    monkeypatch.setattr(timers, "wall", lambda: start - behind)
    stage.app.upkeep._watch.jump()

    def correct(by: timedelta) -> None:
        nonlocal behind
        behind += by
        stage.clock.set_back(by)

    return correct


async def look(stage: Stage) -> None:
    await stage.app.upkeep.look_at_clock()
    await stage.work()


async def test_the_next_step_comes_after_its_wait(stage: Stage, corrects: Corrects) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(6 * MINUTE)
    assert stage.told() == [NOC]
    corrects(NINE_HOURS)
    await look(stage)
    assert stage.told() == [ADMIN]
    await stage.passes(4 * MINUTE)
    assert stage.told() == [DISCORD]
    await stage.passes(5 * MINUTE)
    assert stage.told() == [ALICE]
    assert any("was set back by 9 h" in line for line in stage.slack.updated[-1].timeline)
    await stage.presses(Verb.ACK, 1, "phone", ALICE[1])
    assert (await stage.alert()).status is AlertStatus.ACKNOWLEDGED


async def test_what_was_to_be_tried_again_is_tried_again_after_its_wait(stage: Stage, corrects: Corrects) -> None:
    stage.slack.answers.append(RetryLater("busy", timedelta(seconds=40)))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]
    corrects(NINE_HOURS)
    await look(stage)
    assert stage.told() == [ADMIN]
    await stage.passes(timedelta(seconds=40))
    assert stage.told() == [NOC]


async def test_what_became_of_a_call_is_asked_after_its_wait(stage: Stage, corrects: Corrects) -> None:
    stage.phone.ends.append(Ongoing(after=MINUTE))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(15 * MINUTE)
    corrects(NINE_HOURS)
    await look(stage)
    assert len(stage.phone.ends) == 1
    await stage.passes(timedelta(seconds=10))
    assert len(stage.phone.ends) == 0


async def test_a_small_step_is_mended_without_an_alarm(stage: Stage, corrects: Corrects) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    corrects(timedelta(seconds=30))
    await look(stage)
    await stage.passes(5 * MINUTE - timedelta(seconds=1))
    assert stage.told() == []
    await stage.passes(timedelta(seconds=1))
    assert stage.told() == [NOC]


async def test_a_clock_that_is_set_forward_puts_nothing_off(stage: Stage, corrects: Corrects) -> None:
    await stage.arrives(mail("【緊急】 down", "a@x"))
    corrects(-timedelta(hours=2))
    await look(stage)
    assert stage.told() == [ADMIN]
    await stage.app.timers.tick()
    await stage.work()
    assert NOC in stage.told()


@pytest.mark.parametrize("saved", [1, 2])
async def test_what_can_not_be_saved_now_is_done_as_soon_as_it_can_and_once(
    stage: Stage, corrects: Corrects, monkeypatch: pytest.MonkeyPatch, saved: int
) -> None:
    """Of three transactions only so many: the outbox, the alerts, and that there are no more."""
    stage.slack.answers.append(RetryLater("busy", timedelta(seconds=50)))
    await stage.arrives(mail("【緊急】 down", "a@x"))
    await stage.passes(5 * MINUTE)
    assert stage.told() == [NOC]
    corrects(NINE_HOURS)
    engine = stage.app.engine
    submit, left = engine.submit, saved

    async def full(job: object) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise StoreError("the disk is full")
        return await submit(job)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "submit", full)
    with pytest.raises(StoreError):
        await look(stage)
    monkeypatch.setattr(engine, "submit", submit)
    await look(stage)
    await look(stage)
    assert stage.told() == [ADMIN]
    await stage.passes(timedelta(seconds=49))
    assert stage.told() == []
    await stage.passes(timedelta(seconds=1))
    assert stage.told() == [NOC]
    await stage.passes(5 * MINUTE - timedelta(seconds=51))
    assert stage.told() == []
    await stage.passes(timedelta(seconds=1))
    assert stage.told() == [DISCORD]
