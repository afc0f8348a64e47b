"""Stories of people who ring Kidoku: the PIN, what is told then, and what strangers get."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.call_in import MOST_WRONG, MOST_WRONG_A_DAY, MOST_WRONG_OF_ALL, MOST_WRONG_OF_ALL_A_DAY
from channels.message import Verb
from escalation.alert import AlertStatus
from tests.acceptance.phone_stage import ALICE, BOB, PhoneStage, on_the_phone
from tests.acceptance.stage import mail
from tests.fakes.twilio_phone import HANG_UP, SILENCE, Phone

MINUTE = timedelta(minutes=1)
STRANGER = "+81399999999"
ALICES, BOBS, WRONG = "830517", "4428190673", "271828"
PINS = {"KIDOKU_TWILIO__CALL_IN__PINS": f"alice:{ALICES}\nbob:{BOBS}"}
ASKED = "This is Kidoku, which watches urgent mail. Please enter your PIN, and then press hash."


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    """Three urgent mails in Alice's mailbox, the second the most urgent, and nobody was called yet."""
    async with on_the_phone(tmp_path, secrets=PINS, call_in={}) as one:
        await arrive(one, 3)
        yield one


async def arrive(told: PhoneStage, count: int) -> None:
    for number in range(1, count + 1):
        await told.stage.arrives(mail(f"【緊急】 mail {number}", f"{number}@x"))
        told.stage.clock.move_to(told.stage.clock.now() + timedelta(seconds=1))


async def entering(told: PhoneStage, number: str, pin: str) -> tuple[Phone, asyncio.Task[None]]:
    """Somebody rings, hears the question, and enters a PIN."""
    call = told.dials(number)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    call.press(pin)
    return call, talk


async def hears(call: Phone, key: str) -> str:
    """What was said last, when the call waits for a key; then this key is pressed."""
    await call.listening()
    said = "\n".join(call.said)
    call.said.clear()
    call.press(key)
    return said


def take(said: str) -> str:
    """The digit that the newest menu says takes it."""
    return said.rpartition("To take it, press ")[2][0]


async def statuses(told: PhoneStage, count: int = 3) -> list[AlertStatus]:
    await told.settles()
    return [(await told.stage.alert(id)).status for id in range(1, count + 1)]


async def administrators_heard(told: PhoneStage) -> list[str]:
    await told.settles()
    return [one.title for one in told.stage.console.sent]


async def test_the_right_pin_hears_what_is_unread_and_takes_it(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    assert call.said == [ASKED]
    said = await hears(call, SILENCE)
    assert "Hello Alice. 3 urgent mails are unread for you." in said
    assert "To take all of them, press" in said
    first = await hears(call, SILENCE)
    assert "mail 1" in first and "Hello" not in first and "To go on, press hash." in first
    again = await hears(call, take(first))
    assert again == first, "who says nothing hears it again"
    second = await hears(call, "#")
    assert second.startswith("Thank you. It is yours now.\n") and "mail 2" in second
    third = await hears(call, HANG_UP)
    assert "mail 3" in third and "mail 2" not in third
    await talk
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED, AlertStatus.TRIGGERED, AlertStatus.TRIGGERED]
    alert = await three.stage.alert()
    assert (alert.taken_by, alert.taken_via) == (("alice",), "phone")
    kept = [(one.who, one.via, one.verb) for one in await three.stage.audits()]
    assert kept == [("alice", "phone", "call_in"), ("alice", "phone", "ack")]


async def test_the_same_keys_as_in_a_call_from_us(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await hears(call, SILENCE)
    first = await hears(call, "*")
    assert await hears(call, "0") == first
    assert "The mailbox can't be read now" in await hears(call, "9" if take(first) != "9" else "8")
    await hears(call, HANG_UP)
    await talk
    assert await statuses(three) == [AlertStatus.TRIGGERED] * 3


async def test_one_digit_for_all(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await call.listening()
    await hears(call, call.said[-1].rpartition("To take all of them, press ")[2][0])
    await talk
    assert call.said == ["Thank you. It is yours now.", "Goodbye."]
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED] * 3
    assert {(await three.stage.alert(id)).taken_by for id in (1, 2, 3)} == {("alice",)}
    await three.stage.passes(timedelta(hours=2))
    assert len(three.twilio.phones) == 1, "nobody is called any more"


async def test_whoever_has_read_everything_hears_what_is_open_the_most_urgent_first(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "call_in.yaml", secrets=PINS, call_in={}) as told:
        await told.stage.arrives(mail("calm", "1@x"))
        await told.stage.arrives(mail("grave", "2@x"))
        call, talk = await entering(told, BOB, BOBS)
        said = await hears(call, SILENCE)
        assert "Hello Bob. Nothing is unread for you. 2 urgent mails are open." in said
        assert "grave" in await hears(call, "#")
        assert "calm" in await hears(call, "#")
        await talk
        assert call.said == ["Goodbye."]


async def test_of_two_people_with_one_number_the_pin_says_who_it_was(tmp_path: Path) -> None:
    pins = {"KIDOKU_TWILIO__CALL_IN__PINS": f"alice:{ALICES} bob:{BOBS} carol:60271859"}
    async with on_the_phone(tmp_path, "call_in.yaml", secrets=pins, call_in={}) as told:
        await told.stage.arrives(mail("grave", "1@x"))
        call, talk = await entering(told, ALICE, "60271859")
        said = await hears(call, "*")
        assert "Hello Carol." in said
        await hears(call, take(said))
        await talk
        assert (await told.stage.alert()).taken_by == ("carol",)


async def test_nothing_is_open(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, secrets=PINS, call_in={}) as told:
        call, talk = await entering(told, ALICE, ALICES)
        await talk
        assert call.said[1:] == ["Hello Alice. No urgent mail is waiting.", "Goodbye."]


async def test_at_most_ten_are_told(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, secrets=PINS, call_in={}) as told:
        await arrive(told, 12)
        call, talk = await entering(told, ALICE, ALICES)
        said = await hears(call, SILENCE)
        assert "12 urgent mails are unread for you. You hear the 10 most urgent ones." in said
        for _ in range(10):
            await hears(call, "#")
        await talk
        assert call.said == ["Goodbye."]


async def test_a_strangers_number_with_the_right_pin_is_heard(three: PhoneStage) -> None:
    call, talk = await entering(three, STRANGER, BOBS)
    assert "Hello Bob." in await hears(call, call.said[-1][0])
    said = await hears(call, SILENCE)
    await hears(call, take(said))
    await hears(call, HANG_UP)
    await talk
    assert (await three.stage.alert()).taken_by == ("bob",)


async def test_three_wrong_pins_end_the_call_and_take_nothing(three: PhoneStage) -> None:
    with capture_logs() as logged:
        call, talk = await entering(three, ALICE, WRONG)
        assert (await hears(call, "1"))[-len(ASKED) :] == ASKED
        assert (await hears(call, "")) == f"That PIN is not right.\n{ASKED}", "silence is no try"
        assert await hears(call, BOBS + "1") == ASKED
        await talk
    assert call.said == ["That PIN is not right.", "Goodbye."]
    assert await statuses(three) == [AlertStatus.TRIGGERED] * 3
    assert not [one for one in logged if WRONG in str(one) or BOBS in str(one)]
    urls = [one.url for one in three.twilio.callbacks]
    assert not [url for url in urls if WRONG in url or BOBS in url or ALICES in url]
    assert await administrators_heard(three) == []


async def wrong_calls(told: PhoneStage, numbers: list[str]) -> None:
    for number in numbers:
        call = told.dials(number)
        await call.answer(WRONG, WRONG, WRONG)


async def test_a_number_with_too_many_wrong_pins_is_not_heard_and_the_administrators_are_told_once(
    three: PhoneStage,
) -> None:
    await wrong_calls(three, [STRANGER] * (MOST_WRONG // 3))
    assert len(await administrators_heard(three)) == 1
    await three.restarts()
    refused = three.dials(STRANGER)
    await refused.answer(ALICES)
    assert refused.said == ["Too many wrong PINs were entered. Please call again later.", "Goodbye."]
    await wrong_calls(three, [STRANGER])
    assert await administrators_heard(three) == []
    call, talk = await entering(three, ALICE, ALICES)
    assert "Hello Alice." in await hears(call, HANG_UP), "others are heard"
    await talk
    three.stage.clock.move_to(three.stage.clock.now() + timedelta(minutes=61))
    call, talk = await entering(three, STRANGER, ALICES)
    assert "Hello Alice." in await hears(call, HANG_UP)
    await talk


async def test_after_too_many_from_all_numbers_only_people_are_heard_each_with_their_own_pin(
    three: PhoneStage,
) -> None:
    numbers = [f"+8139000000{number}" for number in range(1, MOST_WRONG_OF_ALL // 3 + 2)]
    await wrong_calls(three, numbers)
    assert len(await administrators_heard(three)) == 1
    stranger = three.dials(STRANGER)
    await stranger.answer(ALICES)
    assert stranger.said[0].startswith("Too many wrong PINs")
    forged = three.dials(BOB)
    await forged.answer(ALICES, ALICES, ALICES)
    assert not [text for text in forged.said if "Hello" in text]
    call, talk = await entering(three, ALICE, ALICES)
    assert "Hello Alice." in await hears(call, HANG_UP)
    await talk


async def test_whoever_guesses_slowly_from_ever_other_numbers_is_found_out(three: PhoneStage) -> None:
    for hour in range(MOST_WRONG_OF_ALL_A_DAY // 18 + 1):
        await wrong_calls(three, [f"+81390000{hour}{number:02d}" for number in range(6)])
        three.stage.clock.move_to(three.stage.clock.now() + timedelta(minutes=61))
    told = [one for one in await administrators_heard(three) if "wrong PINs" in one]
    assert len(told) == 1
    stranger = three.dials(STRANGER)
    await stranger.answer(ALICES)
    assert stranger.said[0].startswith("Too many wrong PINs")


async def test_a_number_that_guesses_slowly_is_not_heard_for_a_day(three: PhoneStage) -> None:
    for _ in range(MOST_WRONG_A_DAY // 3):
        again = three.dials(STRANGER)
        await again.answer(WRONG, WRONG, WRONG)
        assert again.said[-2] == "That PIN is not right.", "never too many within an hour"
        three.stage.clock.move_to(three.stage.clock.now() + timedelta(minutes=61))
    assert len([one for one in await administrators_heard(three) if "wrong PINs" in one]) == 1
    refused = three.dials(STRANGER)
    await refused.answer(ALICES)
    assert refused.said[0].startswith("Too many wrong PINs")
    call, talk = await entering(three, ALICE, ALICES)
    assert "Hello Alice." in await hears(call, HANG_UP), "others are heard"
    await talk
    three.stage.clock.move_to(three.stage.clock.now() + timedelta(hours=18))
    call, talk = await entering(three, STRANGER, ALICES)
    assert "Hello Alice." in await hears(call, HANG_UP)
    await talk


async def test_a_restart_in_the_middle_of_a_call(three: PhoneStage) -> None:
    call, talk = await entering(three, STRANGER, ALICES)
    await hears(call, SILENCE)
    first = await hears(call, "*")
    await call.listening()
    await three.restarts()
    await hears(call, take(first))
    second = await hears(call, "*")
    assert "mail 2" in second
    await call.listening()
    await three.restarts()
    assert second.endswith(await hears(call, take(second))), "the digits are the same ones"
    assert "mail 3" in await hears(call, HANG_UP)
    await talk
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED, AlertStatus.ACKNOWLEDGED, AlertStatus.TRIGGERED]


async def test_a_restart_while_the_pin_is_entered(three: PhoneStage) -> None:
    call = three.dials(ALICE)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    await three.restarts()
    call.press(ALICES)
    assert "Hello Alice." in await hears(call, HANG_UP)
    await talk


async def test_callbacks_that_come_twice_count_once(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, WRONG)
    await hears(call, ALICES)
    await hears(call, SILENCE)
    first = await hears(call, take(await said_by(call)))
    assert "mail 1" in first
    await hears(call, HANG_UP)
    await talk
    before = list(three.twilio.callbacks)
    for _ in range(10):
        for one in before:
            again = await three.twilio.post(one.url, one.form)
            assert again.status == 200
            assert offered(again.body) == offered(one.body), "the same digit takes all"
    kept = [(one.verb, one.outcome) for one in await three.stage.audits()]
    assert [verb for verb, _ in kept] == ["call_in", "call_in", "ack"]
    assert await administrators_heard(three) == []
    assert await statuses(three) == [AlertStatus.ACKNOWLEDGED, AlertStatus.TRIGGERED, AlertStatus.TRIGGERED]


def offered(document: str) -> str:
    """The offer to take all, with its digit; "" if there is none."""
    return document.partition("To take all of them, press ")[2][:1]


async def said_by(call: Phone) -> str:
    await call.listening()
    return "\n".join(call.said)


async def test_what_twilio_did_not_sign_and_what_is_another_calls_gets_nothing(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await hears(call, SILENCE)
    await hears(call, HANG_UP)
    await talk
    form = {"CallSid": "CA" + "9" * 32, "From": STRANGER, "To": BOB, "Digits": ALICES}
    assert (await three.twilio.post(f"{three.base}/twilio/call-in", form, "forged")).status == 403
    urls = [one.url for one in three.twilio.callbacks if "/mail/" in one.url]
    stolen = await three.twilio.post(urls[0], form)
    assert "Hangup" in stolen.body and "Say" not in stolen.body


async def test_taken_by_somebody_else_while_they_listen(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await hears(call, SILENCE)
    first = await hears(call, "*")
    await call.listening()
    await three.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert call.status == "in-progress", "there is more to hear"
    call.said.clear()
    call.press(take(first))
    said = await hears(call, HANG_UP)
    assert "Bob has taken the urgent mail." in said and "mail 2" in said
    await talk
    assert (await three.stage.alert()).taken_by == ("bob",)


async def test_whoever_is_known_no_more_hears_so_and_nothing_is_taken(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await hears(call, SILENCE)
    first = await hears(call, "*")
    await call.listening()
    engine = three.stage.app.engine
    people = {id: one for id, one in engine.rules.roster.people.items() if id != "alice"}
    engine.rules = replace(engine.rules, roster=replace(engine.rules.roster, people=people))
    call.said.clear()
    call.press(take(first))
    await talk
    assert call.said[0] == "You are not among the people in Kidoku's settings any more."
    assert not [one for one in call.said if "press" in one]
    assert await statuses(three) == [AlertStatus.TRIGGERED] * 3


async def test_while_somebody_is_on_the_phone_with_us_their_phone_does_not_ring(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await call.listening()
    await three.stage.passes(15 * MINUTE)
    assert len(three.twilio.phones) == 1
    call.press(HANG_UP)
    await talk
    await three.stage.passes(timedelta(seconds=10))
    assert three.twilio.phones[1].order["To"] == ALICE


async def test_after_a_restart_and_their_next_key_neither(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await hears(call, SILENCE)
    await call.listening()
    await three.restarts()
    await hears(call, "*")
    await call.listening()
    await three.stage.passes(15 * MINUTE)
    assert len(three.twilio.phones) == 1
    call.press(HANG_UP)
    await talk


async def test_whoever_has_a_forged_number_and_no_pin_holds_up_no_call(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, WRONG)
    await call.listening()
    await three.stage.passes(15 * MINUTE)
    assert three.twilio.phones[1].order["To"] == ALICE
    call.press(HANG_UP)
    await talk


async def test_what_the_call_cost_is_asked_for(three: PhoneStage) -> None:
    call, talk = await entering(three, ALICE, ALICES)
    await hears(call, HANG_UP)
    await talk
    call.price = "-0.01"
    await three.stage.passes(6 * MINUTE)
    async with three.stage.app.store.reading() as tx:
        rows = [row for id in (1, 2, 3) for row in await tx.notifications_of(id) if row.purpose == "called_in"]
    assert [row.ref.get("price") for row in rows] == ["0.01", None, None]
