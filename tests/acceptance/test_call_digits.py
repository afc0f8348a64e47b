"""The digit that takes it differs from call to call: no voicemail that presses one key can take anything for long, and
what was heard in one call counts in no other."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from bot.desk import random_digits
from tests.acceptance.phone_stage import PhoneStage, on_the_phone
from tests.acceptance.stage import mail, on_stage
from tests.fakes.twilio_phone import Phone

MINUTE = timedelta(minutes=1)
CALLS = 12
DRAWS = 7_200


async def test_each_call_has_its_own_digits(tmp_path: Path) -> None:
    """Twelve calls with one digit among nine: once in 9^11."""
    async with on_stage(tmp_path) as stage:
        for number in range(CALLS):
            await stage.arrives(mail(f"DUTY {number}", f"{number}@x"))
            await stage.passes(5 * MINUTE)
            await stage.types(f"ack {number + 1}")
        speeches = [one.speech for one in stage.phone.sent if one.speech is not None]
        stage.told()
    assert len(speeches) == CALLS
    assert len({one.ack_digit for one in speeches}) > 1
    assert all(one.ack_digit != one.pass_digit for one in speeches)
    assert all(f"To take it, press {one.ack_digit}." in one.menu for one in speeches), "what is said is what counts"


def test_all_pairs_of_two_different_digits_are_drawn_about_as_often() -> None:
    """72 pairs, 100 times each on average; ten standard deviations are 100."""
    drawn = Counter(random_digits() for _ in range(DRAWS))
    assert set(drawn) == {f"{one}{other}" for one in range(1, 10) for other in range(1, 10) if one != other}
    assert max(drawn.values()) < 200


def test_nobody_who_knows_the_seed_knows_the_digits() -> None:
    """They come from the system's source (``secrets``), not from a generator that can be guessed on."""
    series = []
    for _ in range(2):
        random.seed(1)
        series.append([random_digits() for _ in range(50)])
    assert series[0] != series[1]


async def hears(call: Phone) -> str:
    await call.listening()
    return call.ack_digit


async def test_the_digit_of_another_call_takes_nothing(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path) as told:
        pairs = cycle(["12", "34", "56", "78", "91", "23", "45"])
        told.stage.app.engine.rules = replace(told.stage.app.engine.rules, digits=lambda: next(pairs))
        first = await _ringing(told, 1)
        talk = asyncio.create_task(first.pick_up())
        heard = await hears(first)
        first.press("hang up")
        await talk
        await told.settles()
        await told.stage.passes(3 * MINUTE)
        second = await told.rings(2)
        talk = asyncio.create_task(second.pick_up())
        own = await hears(second)
        assert own != heard
        second.press(heard)
        await second.listening()
        assert "That was not the right key." in second.said
        assert (await told.stage.alert()).taken_by == ()
        second.press(own)
        await talk
        await told.settles()
        assert (await told.stage.alert()).taken_by == ("alice",)


async def _ringing(told: PhoneStage, count: int) -> Phone:
    await told.stage.arrives(mail("【緊急】 down", "a@x"))
    await told.stage.passes(15 * MINUTE)
    return await told.rings(count)
