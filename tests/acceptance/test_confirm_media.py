"""Numbers proved end to end: a code by SMS and by voice, through Twilio's own client and routes; and for how long."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import confirm
from bot.known import known_of
from bot.store.checks import How
from channels.inbox import Actor
from channels.message import Verb
from tests.acceptance.phone_stage import PhoneStage, on_the_phone
from tests.acceptance.stage import on_stage
from tests.acceptance.test_confirm import asks, proofs, types

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ALICE, BOB = "+81312345678", "+819087654321"
"""A landline, and a mobile phone."""
WRONG = (False, "That is not the code, or it is no longer valid.")


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    async with on_the_phone(tmp_path, "phone.yaml", sms={"messages_per_second": 100.0}) as one:
        yield one


async def texted(told: PhoneStage) -> str:
    """Bob asks for a code by SMS; what the message says."""
    await asks(told.stage, "sms", "bob")
    text = told.twilio.texts[-1]
    assert text.order["To"] == BOB
    return code_in(text.body)


def code_in(text: str) -> str:
    """The one code that it brings, however often it says it."""
    [found] = set(re.findall(r"(?<!\d)\d{6}(?!\d)", text))
    return str(found)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_a_code_by_sms_is_sent_typed_and_confirms_the_number(told: PhoneStage) -> None:
    code = await texted(told)
    assert await types(told.stage, other_than(code), "bob") == WRONG
    assert await proofs(told.stage, "bob") == []
    assert await types(told.stage, code, "bob") == (True, f"Thank you. SMS {BOB} reaches you.")
    assert await proofs(told.stage, "bob") == [("sms", BOB, How.CODE)]
    assert (await types(told.stage, code, "bob"))[0] is False, "once"
    assert (len(told.twilio.texts), told.twilio.phones) == (1, [])


async def test_a_code_by_sms_that_came_too_late_confirms_nothing(told: PhoneStage) -> None:
    code = await texted(told)
    told.stage.clock.move_to(told.stage.clock.now() + confirm.VALID_FOR)
    is_right, said = await types(told.stage, code, "bob")
    assert (is_right, said) == (False, "No code is awaited. Ask for one: kidoku confirm")
    assert await proofs(told.stage, "bob") == []


async def test_after_too_many_tries_the_right_code_confirms_nothing_and_a_new_one_does(told: PhoneStage) -> None:
    code = await texted(told)
    for _ in range(confirm.MOST_TRIES):
        assert await types(told.stage, other_than(code), "bob") == WRONG
    assert await types(told.stage, code, "bob") == WRONG
    assert await proofs(told.stage, "bob") == []
    assert (await types(told.stage, await texted(told), "bob"))[0] is True


async def test_a_code_by_voice_is_said_by_twiml_and_confirms_a_landline(told: PhoneStage) -> None:
    await asks(told.stage, "phone", "alice")
    numbers = [one.order["To"] for one in told.twilio.phones]
    assert ALICE in numbers
    call = told.twilio.phones[numbers.index(ALICE)]
    await call.ring()
    said = " ".join(await call.answer())
    assert "This is no alert, only a check that this number reaches you." in said
    code = re.search(r"Your code is: (\d(?:, \d){5})\.", said)
    assert code is not None, said
    assert "To take it" not in said, "there is nothing to take"
    assert await types(told.stage, code[1].replace(", ", "")) == (True, f"Thank you. Phone {ALICE} reaches you.")
    assert ("phone", ALICE, How.CODE) in await proofs(told.stage)


async def test_by_default_a_confirmation_holds_for_a_year(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await asks(stage, "slack")
        await stage.presses(Verb.CONFIRM, 1, "slack", "U0ALICE000")
        stage.told()

        async def page() -> str:
            home = await stage.app.inbox.home(Actor("slack", "U0ALICE000"))
            return "\n".join(line.text for part in home.parts for line in part.lines)

        assert "✓ confirmed until Tue, 4 May 2027 02:00 JST" in await page()
        async with stage.app.store.reading() as tx:
            known = await known_of(tx, ["alice"], stage.app.settings.contact_checks.valid_for, stage.clock.now())
        assert set(known.confirmed_until.values()) == {stage.clock.now() + 365 * DAY}
        stage.clock.move_to(stage.clock.now() + 365 * DAY - MINUTE)
        assert "✓ confirmed until" in await page()
        stage.clock.move_to(stage.clock.now() + 2 * MINUTE)
        assert "✓ confirmed until" not in await page()
        assert "its confirmation has ended, Tue 4 May 02:00 JST: please test it" in await page()
