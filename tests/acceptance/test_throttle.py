"""A person's phone does not ring too often, and no page is lost by it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.language import Words
from bot.wording import standing_of
from bot.wording.timeline import timeline_of
from bot.wording.why import why_lines
from escalation.alert import AlertStatus
from escalation.event import Acknowledged
from tests.acceptance.phone_stage import ALICE, PhoneStage, on_the_phone
from tests.acceptance.stage import mail

MINUTE = timedelta(minutes=1)
CONFIGS = Path(__file__).parent.parent / "configs"
WORDS = Words("en", "Asia/Tokyo")
SAID = "phone → Alice: not rung, because this phone has rung as often as it may of late."


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    """Alice's phone has rung for a first mail, and nobody answered."""
    async with on_the_phone(tmp_path, "throttle.yaml") as one:
        await one.stage.arrives(mail("【緊急】 down", "1@x"))
        await (await one.rings(1)).no_answer()
        await one.settles()
        yield one


def rung(told: PhoneStage) -> list[str]:
    return [one.order["To"] for one in told.twilio.phones]


def consoled(told: PhoneStage) -> list[str]:
    """Who was told over the console, and for what."""
    return [one.address for one in told.stage.console.sent]


async def test_what_is_beyond_goes_to_the_next_step_at_once_and_is_told(told: PhoneStage) -> None:
    await told.stage.passes(MINUTE)
    await told.stage.arrives(mail("【緊急】 another", "2@x"))
    await told.settles()
    assert rung(told) == [ALICE]
    assert consoled(told) == ["bob"]
    alert, roster = await told.stage.alert(2), told.stage.app.scribe.roster()
    async with told.stage.app.store.reading() as tx:
        events = [(row.event, row.at) for row in await tx.events(2)]
        rows = await tx.notifications_of(2)
    assert f"02:01 {SAID}" in timeline_of(alert, events, roster, WORDS)
    assert SAID in [text for _, text in why_lines(alert, events, roster, WORDS)]
    assert standing_of(rows[0], WORDS) == "not rung: this phone has rung as often as it may of late"
    assert alert.status is AlertStatus.TRIGGERED


async def test_a_restart_forgets_no_call(told: PhoneStage) -> None:
    await told.restarts()
    await told.stage.arrives(mail("【緊急】 another", "2@x"))
    await told.settles()
    assert rung(told) == [ALICE]
    assert consoled(told) == ["bob"]


async def test_it_rings_again_when_the_time_is_over(told: PhoneStage) -> None:
    await told.stage.app.engine.submit(lambda desk: desk.feed(1, Acknowledged("alice", "web")))
    await told.stage.passes(61 * MINUTE)
    await told.stage.arrives(mail("【緊急】 another", "2@x"))
    await told.rings(2)
    assert consoled(told) == []


async def test_the_only_way_that_is_left_rings(told: PhoneStage) -> None:
    await told.stage.arrives(mail("【緊急】 ONLY", "2@x"))
    await told.rings(2)
    assert rung(told) == [ALICE, ALICE]


async def test_the_last_resort_rings_however_often_it_has_rung(told: PhoneStage) -> None:
    await told.stage.arrives(mail("【緊急】 another", "2@x"))
    await told.settles()
    await told.stage.passes(20 * MINUTE)
    assert {(await told.stage.alert(id)).status for id in (1, 2)} == {AlertStatus.EXHAUSTED}
    async with told.stage.app.store.reading() as tx:
        last = [one for id in (1, 2) for one in await tx.notifications_of(id) if one.purpose == "last_resort"]
    assert [(one.address, "sid" in one.ref) for one in last] == [(ALICE, True), (ALICE, True)]


async def test_what_can_join_a_call_that_rings_does(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "throttle.yaml") as told:
        await told.stage.arrives(mail("【緊急】 down", "1@x"))
        call = await told.rings(1)
        await told.stage.arrives(mail("【緊急】 another", "2@x"))
        await told.settles()
        async with told.stage.app.store.reading() as tx:
            [one] = await tx.notifications_of(2)
        assert (one.ref["sid"], consoled(told)) == (call.sid, [])
        await call.no_answer()
        await told.settles()


async def test_whoever_talks_is_not_waited_for(tmp_path: Path) -> None:
    """What may only join a call goes elsewhere at once where it can't."""
    async with on_the_phone(tmp_path, "throttle.yaml") as told:
        await told.stage.arrives(mail("【緊急】 down", "1@x"))
        call = await told.rings(1)
        answering = asyncio.create_task(call.pick_up())
        await call.listening()
        await told.stage.arrives(mail("【緊急】 another", "2@x"))
        await told.settles()
        assert consoled(told) == ["bob"]
        call.press(call.ack_digit)
        await answering


async def test_several_in_one_call_are_one_call(tmp_path: Path) -> None:
    text = (CONFIGS / "throttle.yaml").read_text("utf-8").replace("calls: 1,", "calls: 2,")
    (tmp_path / "twice.yaml").write_text(text, "utf-8")
    async with on_the_phone(tmp_path, str(tmp_path / "twice.yaml")) as told:
        await told.stage.arrives(mail("【緊急】 down", "1@x"))
        call = await told.rings(1)
        await told.stage.arrives(mail("【緊急】 another", "2@x"))
        await told.settles()
        await call.no_answer()
        await told.settles()
        await told.stage.arrives(mail("【緊急】 a third", "3@x"))
        await told.rings(2)
        assert rung(told) == [ALICE, ALICE]
