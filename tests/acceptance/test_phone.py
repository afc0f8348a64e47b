"""Stories with the phone: what its owner does, and what the ladder makes of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.language import Words
from bot.wording import cost_lines, standing_of
from channels.inbox import CallReport
from channels.message import Verb
from escalation.alert import AlertStatus
from escalation.event import Outcome
from tests.acceptance.phone_stage import ALICE, BOB, PhoneStage, on_the_phone
from tests.acceptance.stage import mail
from tests.fakes.twilio import OWNED, OWNED_TOO
from tests.fakes.twilio_phone import HANG_UP, Phone

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[PhoneStage]:
    """Alice's phone rings: two steps went by."""
    async with on_the_phone(tmp_path) as one:
        await one.stage.arrives(mail("【緊急】 down INC-20931", "a@x"))
        await one.stage.passes(15 * MINUTE)
        one.stage.told()
        yield one


def digits_of(call: Phone) -> tuple[str, str]:
    """The digits that the menu names: to take it, and to pass it on."""
    menu = next(text for text in call.said if text.startswith("To take it, press"))
    found = [char for char in menu if char.isdigit()]
    return found[0], found[1]


async def pressing(call: Phone, which: int) -> None:
    """Somebody answers, hears the menu, and presses its first or second digit."""
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    call.press(digits_of(call)[which])
    await talk


async def timeline(told: PhoneStage) -> str:
    await told.settles()
    return "\n".join(told.stage.slack.updated[-1].timeline)


async def test_the_digit_takes_it_and_nothing_rings_again(told: PhoneStage) -> None:
    call = await told.rings(1)
    await pressing(call, 0)
    assert (await told.stage.alert()).taken_by == ("alice",)
    await told.stage.passes(timedelta(hours=5))
    assert len(told.twilio.phones) == 1 and told.stage.told() == []
    assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."


@pytest.mark.parametrize("end", ["busy", "no_answer", "fail"])
async def test_a_call_that_nobody_takes_is_told_and_the_ladder_goes_on(told: PhoneStage, end: str) -> None:
    call = await told.rings(1)
    await getattr(call, end)()
    if end != "fail":
        await told.stage.passes(3 * MINUTE)
        await (await told.rings(2)).no_answer()
        await told.stage.passes(7 * MINUTE)
    await told.settles()
    assert told.twilio.phones[-1].order["To"] == BOB
    assert (await told.stage.alert()).status is AlertStatus.TRIGGERED
    words = {"busy": "busy. That is no answer", "no_answer": "no answer", "fail": "can't be told"}
    assert words[end] in await timeline(told)


async def test_three_wrong_digits_end_politely_and_the_ladder_goes_on(told: PhoneStage) -> None:
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    wrong = next(char for char in "123456789" if char not in digits_of(call))
    for _ in range(3):
        await call.listening()
        call.press(wrong)
    await talk
    assert call.said[-2:] == ["That was not the right key.", "Nobody has taken it. Goodbye."]
    assert "the keys were wrong too often" in await timeline(told)
    await told.stage.passes(3 * MINUTE)
    assert len(told.twilio.phones) == 2
    assert (await told.stage.alert()).status is AlertStatus.TRIGGERED


GONE = "You are not among the people in Kidoku's settings any more."


def take_out(told: PhoneStage, *, has_moved: bool) -> None:
    """Alice is in the settings no more; ``has_moved``: only her number is not."""
    engine = told.stage.app.engine
    people = dict(engine.rules.roster.people)
    alice = people.pop("alice")
    if has_moved:
        people["alice"] = replace(alice, contacts={**alice.contacts, "phone": OWNED_TOO})
    engine.rules = replace(engine.rules, roster=replace(engine.rules.roster, people=people))


@pytest.mark.parametrize("has_moved", [False, True])
async def test_whoever_is_known_no_more_hears_so_and_the_ladder_goes_on(told: PhoneStage, has_moved: bool) -> None:
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    take_out(told, has_moved=has_moved)
    before = len(call.said)
    call.press(call.ack_digit)
    await talk
    assert call.said[before:] == [GONE, "Nobody has taken it. Goodbye."]
    assert {one.status for one in told.twilio.callbacks} <= {200, 204}
    assert (await told.stage.alert()).status is AlertStatus.TRIGGERED
    await told.stage.passes(10 * MINUTE)
    assert told.twilio.phones[-1].order["To"] == BOB


async def test_voicemail_that_answers_takes_nothing(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, machine_detection=True) as told:
        await told.stage.arrives(mail("【緊急】 down", "a@x"))
        await told.stage.passes(15 * MINUTE)
        call = await told.rings(1)
        assert await call.answer("1", "2", "3", answered_by="machine_start") == []
        assert "a machine answered. That is no answer" in await timeline(told)
        await told.stage.passes(3 * MINUTE)
        assert len(told.twilio.phones) == 2


async def test_voicemail_that_nobody_detects_hears_the_question_and_takes_nothing(told: PhoneStage) -> None:
    call = await told.rings(1)
    await call.answer()
    assert call.said[-1] == "Nobody has taken it. Goodbye."
    await told.stage.passes(3 * MINUTE)
    assert len(told.twilio.phones) == 2


async def test_whoever_hangs_up_after_the_digit_has_taken_it(told: PhoneStage) -> None:
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    url = next(one.url for one in told.twilio.callbacks if "/voice/" in one.url)
    digit = {**call.parameters(), "Digits": digits_of(call)[0]}
    # The digit reaches us, and the call is gone before our answer is spoken.
    await told.twilio.post(url.replace("/voice/", "/digit/"), digit)
    call.press(HANG_UP)
    await talk
    assert (await told.stage.alert()).taken_by == ("alice",)
    await told.stage.passes(timedelta(hours=1))
    assert len(told.twilio.phones) == 1


async def test_a_lost_callback_is_asked_for(told: PhoneStage) -> None:
    call = await told.rings(1)
    call.events = []
    await call.busy()
    await told.stage.passes(timedelta(seconds=30))
    assert "busy" in await timeline(told)


async def test_a_callback_that_comes_twice_counts_once(told: PhoneStage) -> None:
    call = await told.rings(1)
    await pressing(call, 1)
    again = list(told.twilio.callbacks)
    for callback in again:
        await told.twilio.post(callback.url, callback.form)
    await told.settles()
    assert [one.order["To"] for one in told.twilio.phones] == [ALICE, BOB]


async def test_a_strangers_callback_changes_nothing(told: PhoneStage) -> None:
    await told.rings(1)
    form = {"CallSid": "CA" + "9" * 32, "To": ALICE, "CallStatus": "completed", "Digits": "1"}
    for path in ("voice/1.2", "digit/1.2", "status/1.2"):
        assert (await told.twilio.post(f"{told.base}/twilio/{path}", form, "forged")).status == 403
    # Signed by Twilio, but another number than anybody's here.
    for digit in "123456789":
        stranger = {**form, "To": "+81399999999", "Digits": digit, "CallSid": f"CA{digit * 32}"}
        await told.twilio.post(f"{told.base}/twilio/digit/1.2?silent=0&wrong=0", stranger)
    assert (await told.stage.alert()).status is AlertStatus.TRIGGERED


async def test_taken_on_slack_while_it_rings_the_call_ends(told: PhoneStage) -> None:
    call = await told.rings(1)
    await told.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    assert call.status == "canceled"


async def test_taken_on_slack_while_somebody_listens_is_said(told: PhoneStage) -> None:
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    call.events = []
    await told.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    await talk
    assert call.said[-1].startswith("This is Kidoku. Bob has taken the urgent mail.")
    call.is_over.clear()
    call.status = "in-progress"
    await told.stage.presses(Verb.RESOLVE, 1, "slack", "U0BOB00000")
    assert len([one for one in told.twilio.requests if "Twiml" in one[2]]) == 1


async def test_called_back_in_five_minutes_while_the_ladder_goes_on(told: PhoneStage) -> None:
    call = await told.rings(1)
    await call.answer("#")
    assert call.said[-1] == "You will be called again in five minutes. Goodbye."
    assert "will be called again at 02:20" in await timeline(told)
    kept = [(one.who, one.verb, one.alert_id, one.argument) for one in await told.stage.audits()]
    assert kept == [("alice", "call_back", 1, "")], "without her number"
    await told.stage.passes(3 * MINUTE)
    await (await told.rings(2)).no_answer()
    await told.stage.passes(2 * MINUTE)
    again = await told.rings(3)
    assert again.order["To"] == ALICE
    await pressing(again, 0)
    assert (await told.stage.alert()).taken_by == ("alice",)
    await told.stage.passes(timedelta(hours=1))
    assert len(told.twilio.phones) == 3


async def test_a_call_back_is_withdrawn_when_somebody_takes_it(told: PhoneStage) -> None:
    await (await told.rings(1)).answer("#")
    await told.stage.presses(Verb.ACK, 1, "slack", "U0BOB00000")
    await told.stage.passes(timedelta(hours=1))
    assert len(told.twilio.phones) == 1


async def test_a_third_call_back_is_refused(told: PhoneStage) -> None:
    await (await told.rings(1)).answer("#")
    await told.stage.passes(3 * MINUTE)
    await (await told.rings(2)).answer("#")
    await told.stage.passes(2 * MINUTE)
    call = await told.rings(3)
    await call.answer("#")
    assert "You can't be called again about this any more." in call.said


async def test_whoever_is_refused_by_one_key_takes_it_by_the_other_in_the_same_call(told: PhoneStage) -> None:
    for number, wait in ((1, 3), (2, 2)):
        await (await told.rings(number)).answer("#")
        await told.stage.passes(wait * MINUTE)
    call = await told.rings(3)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    call.press("#")
    await call.listening()
    call.press(digits_of(call)[0])
    await talk
    assert (await told.stage.alert()).taken_by == ("alice",)
    assert call.said[-1] == "Thank you. It is yours now. Nobody else will be called. Goodbye."


async def test_each_try_rings_at_the_next_number_from_the_next_number_and_as_long_as_alice_wants(
    tmp_path: Path,
) -> None:
    async with on_the_phone(tmp_path, "phone.yaml", from_numbers=[OWNED_TOO]) as told:
        await told.stage.arrives(mail("【緊急】 down", "a@x"))
        await told.stage.passes(5 * MINUTE)
        await (await told.rings(1)).busy()
        await told.stage.passes(MINUTE)
        await (await told.rings(2)).no_answer()
        await told.stage.passes(MINUTE)
        await (await told.rings(3)).no_answer()
        orders = [one.order for one in told.twilio.phones]
        assert [one["To"] for one in orders] == [ALICE, "+819012345678", ALICE]
        assert [one["From"] for one in orders] == [OWNED, OWNED_TOO, OWNED]
        assert {one["Timeout"] for one in orders} == {"15"}
        await told.stage.passes(3 * MINUTE)
        assert told.twilio.phones[3].order["Timeout"] == "25"


async def test_the_digit_counts_at_the_second_number_too(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "phone.yaml") as told:
        await told.stage.arrives(mail("【緊急】 down", "a@x"))
        await told.stage.passes(6 * MINUTE)
        await pressing(await told.rings(2), 0)
        assert (await told.stage.alert()).taken_by == ("alice",)


async def test_a_lost_call_from_another_number_is_found(tmp_path: Path) -> None:
    async with on_the_phone(tmp_path, "phone.yaml", from_numbers=[OWNED_TOO]) as told:
        await told.stage.arrives(mail("【緊急】 down", "a@x"))
        await told.stage.passes(5 * MINUTE)
        await (await told.rings(1)).no_answer()
        told.twilio.now = told.stage.clock.now() + MINUTE
        told.twilio.lose_answer()
        await told.stage.passes(MINUTE + timedelta(seconds=30))
        await told.rings(2)
        async with told.stage.app.store.reading() as tx:
            rows = await tx.notifications_of(1)
        assert rows[-1].ref == {"sid": told.twilio.phones[1].sid}


async def test_the_mails_text_is_not_there_when_the_mailbox_is_not(told: PhoneStage) -> None:
    call = await told.rings(1)
    await call.answer("0")
    assert any(text.startswith("To hear what the mail says, press zero.") for text in call.said)
    assert "The mailbox can't be read now. Please look at the mail itself." in call.said


@pytest.mark.parametrize("has_moved", [False, True])
async def test_whoever_is_known_no_more_hears_nothing_of_the_mail(told: PhoneStage, has_moved: bool) -> None:
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    take_out(told, has_moved=has_moved)
    before = len(call.said)
    call.press("0")
    await call.listening()
    call.press(call.ack_digit)
    await talk
    said = " ".join(call.said[before:])
    assert said.startswith(GONE) and "mailbox" not in said and said.endswith(f"{GONE} Nobody has taken it. Goodbye.")


async def test_what_a_call_cost_is_asked_for_until_twilio_knows(told: PhoneStage) -> None:
    call = await told.rings(1)
    await pressing(call, 0)
    await told.stage.passes(5 * MINUTE)
    call.price = "-0.0525"
    await told.stage.passes(20 * MINUTE)
    async with told.stage.app.store.reading() as tx:
        [row] = [one for one in await tx.notifications_of(1) if one.channel == "phone"]
    assert row.ref == {"sid": call.sid, "seconds": "30", "price": "0.0525", "currency": "USD"}
    assert row.follow_at is None
    assert standing_of(row, Words("en", "UTC")) == "answered, 30 s, 0.0525 USD"
    assert [text for _, text in cost_lines([row], told.stage.app.engine.rules.roster, Words("en", "UTC"))] == [
        "phone → Alice: 30 s, 0.0525 USD."
    ]
    asked = len(told.twilio.requests)
    await told.stage.passes(timedelta(days=1))
    assert len(told.twilio.requests) == asked


# Calls that Kidoku ends itself ----------------------------------------------------------------------------------------


async def standing(told: PhoneStage) -> list[str]:
    await told.settles()
    async with told.stage.app.store.reading() as tx:
        rows = await tx.notifications_of((await told.stage.alert()).id)
    return [standing_of(row, Words("en", "UTC")) for row in rows if row.channel == "phone"]


async def test_a_call_that_is_called_off_while_it_rings_was_not_answered(told: PhoneStage) -> None:
    call = await told.rings(1)
    await call.ring()
    await told.stage.types("ack 1")
    await told.settles()
    assert call.status == "canceled"
    assert await standing(told) == ["called off before it was answered"]


async def test_whoever_is_told_in_a_call_that_it_is_taken_has_not_hung_up(told: PhoneStage) -> None:
    call = await told.rings(1)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    await told.stage.types("resolve 1")
    await talk
    assert "There is nothing left for you to do." in call.said[-1]
    [said] = await standing(told)
    assert said.startswith("answered, and told that nothing is left to do")


async def test_another_node_that_hears_of_the_end_knows_that_they_were_told(told: PhoneStage) -> None:
    await told.rings(1)
    engine = told.stage.app.engine
    async with told.stage.app.store.reading() as tx:
        [row] = [one for one in await tx.notifications_of(1) if one.channel == "phone"]

    async def job(desk: Desk) -> None:
        desk.settle(row._replace(ref={**row.ref, "told": "yes"}), row)

    await engine.submit(job)
    await told.stage.app.inbox.report(CallReport(row.key, Outcome.HUNG_UP))
    assert await standing(told) == ["answered, and told that nothing is left to do"]
