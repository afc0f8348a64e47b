"""Stories with several urgent mails at once: one call tells of all, and each keeps its own outcome."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import priority_of
from channels.message import Verb
from escalation.alert import AlertStatus
from escalation.command import Purpose
from tests.acceptance.phone_stage import PhoneStage, on_the_phone
from tests.acceptance.stage import mail
from tests.fakes.twilio_phone import SILENCE, Phone

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    """Three urgent mails, and Alice's phone rings once."""
    async with on_the_phone(tmp_path) as one:
        for number in range(1, 4):
            await one.stage.arrives(mail(f"【緊急】 mail {number}", f"{number}@x"))
        await one.stage.passes(15 * MINUTE)
        one.stage.told()
        yield one


async def answering(call: Phone) -> asyncio.Task[None]:
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    return talk


def take(call: Phone) -> None:
    """Press the digit that the newest menu names."""
    call.press(call.ack_digit)


async def statuses(told: PhoneStage) -> list[AlertStatus]:
    await told.settles()
    return [(await told.stage.alert(id)).status for id in (1, 2, 3)]


async def test_one_by_one_in_one_call(three: PhoneStage) -> None:
    call = await three.rings(1)
    talk = await answering(call)
    assert call.said[0] == "3 urgent mails are waiting for you. Here is the first."
    assert "mail 1" in call.said[1]
    take(call)
    await call.listening()
    assert call.said[-1].startswith("Done. 2 more urgent mails are waiting for you. To take all of them, press")
    call.press(SILENCE)
    await call.listening()
    assert any("mail 2" in text for text in call.said)
    take(call)
    await call.listening()
    assert call.said[-1] == "Done. One more urgent mail is waiting for you."
    call.press(SILENCE)
    await call.listening()
    take(call)
    await talk
    assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED] * 3
    await three.stage.passes(timedelta(hours=1))
    assert len(three.twilio.phones) == 1


async def test_one_digit_for_all(three: PhoneStage) -> None:
    call = await three.rings(1)
    talk = await answering(call)
    take(call)
    await call.listening()
    call.press(call.said[-1].split("press ")[1][0])
    await talk
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED] * 3


async def test_each_keeps_its_own_outcome(three: PhoneStage) -> None:
    call = await three.rings(1)
    talk = await answering(call)
    take(call)
    await call.listening()
    call.press("hang up")
    await talk
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED, AlertStatus.TRIGGERED, AlertStatus.TRIGGERED]
    await three.stage.passes(timedelta(seconds=30))
    timelines = {message.alert_id: "\n".join(message.timeline) for message in three.stage.slack.updated}
    assert "hung up without pressing" not in timelines[1]
    assert "hung up without pressing" in timelines[2] and "hung up without pressing" in timelines[3]
    await three.stage.passes(3 * MINUTE)
    assert len(three.twilio.phones) == 2


async def test_nobody_answers_and_all_of_them_know(three: PhoneStage) -> None:
    await (await three.rings(1)).no_answer()
    await three.stage.passes(timedelta(seconds=30))
    timelines = {message.alert_id: "\n".join(message.timeline) for message in three.stage.slack.updated}
    assert all("no answer" in timelines[id] for id in (1, 2, 3))


async def test_the_call_goes_on_ringing_for_the_others_when_one_is_taken(three: PhoneStage) -> None:
    call = await three.rings(1)
    await three.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert call.status == "ringing"
    talk = await answering(call)
    assert any("Bob has taken the urgent mail" in text for text in call.said)
    assert any("mail 2" in text for text in call.said)
    call.press("hang up")
    await talk


async def test_the_call_ends_when_all_are_taken(three: PhoneStage) -> None:
    call = await three.rings(1)
    for id in (1, 2, 3):
        assert call.status == "ringing"
        await three.stage.presses(Verb.ACK, id, "slack", "U0BOB00000")
    assert call.status == "canceled"


async def test_what_comes_while_somebody_listens_rings_when_they_have_hung_up(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path) as told:
        await told.stage.arrives(mail("【緊急】 mail 1", "1@x"))
        await told.stage.passes(timedelta(seconds=20))
        await told.stage.arrives(mail("【緊急】 mail 2", "2@x"))
        await told.stage.passes(15 * MINUTE - timedelta(seconds=20))
        call = await told.rings(1)
        talk = await answering(call)
        await told.stage.passes(timedelta(seconds=20))
        assert len(told.twilio.phones) == 1
        take(call)
        await talk
        await told.stage.passes(timedelta(seconds=10))
        assert len(told.twilio.phones) == 2


async def test_the_account_holds_only_so_many_calls(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, concurrent_calls=1) as told:
        await told.stage.arrives(mail("DUTY 1", "1@x"))
        await told.stage.arrives(mail("EVERYBODY 2", "2@x"), "bob")
        await told.stage.passes(10 * MINUTE)
        first = await told.rings(1)
        await first.no_answer()
        await told.stage.passes(timedelta(seconds=10))
        assert len(told.twilio.phones) == 2


def test_what_is_more_severe_leaves_first() -> None:
    order = [
        (Purpose.CODE, "info"),
        (Purpose.LAST_RESORT, "critical"),
        (Purpose.STEP, "critical"),
        (Purpose.LAST_RESORT, "error"),
        (Purpose.STEP, "error"),
        (Purpose.STEP, "warning"),
        (Purpose.STEP, "info"),
    ]
    found = [priority_of(*one) for one in order]
    assert found == sorted(found)
    assert priority_of(Purpose.STEP, "whatever a rule calls it") == priority_of(Purpose.STEP, "critical")


async def test_what_is_only_announced_is_joined_by_nothing(tmp_path: Path) -> None:
    """The ladder is exhausted: the alarm's call leads, for the mail is less than critical, and asks for no digit. The
    last resort to the same person has a call of its own after it."""
    async with on_the_phone(tmp_path, "alarm_by_phone.yaml") as told:
        await told.stage.arrives(mail("【緊急】 core router down", "1@x"))
        await told.stage.passes(5 * MINUTE)
        await (await told.rings(1)).no_answer()
        await told.stage.passes(10 * MINUTE)
        announced = await told.rings(2)
        await announced.pick_up(is_patient=False)
        assert "NOBODY came" in announced.said[0]
        await told.settles()
        await told.stage.passes(MINUTE)
        call = await told.rings(3)
        talk = await answering(call)
        take(call)
        await talk
        await told.settles()
        assert (await told.stage.alert()).taken_by == ("boss",)
