"""A phone call from ringing to its end, against Twilio on loopback."""

import asyncio
from dataclasses import replace

import pytest

from channels.base import Ended, Ongoing, RetryLater, Sent
from channels.inbox import TOLD, WRONG_KEYS, CallReport, Reply
from channels.message import Tone, Verb
from escalation.event import Outcome
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_line import ALICE, ASKED, MESSAGE, SPEECH, Line, line, sent
from tests.fakes.twilio_phone import HANG_UP

TALKED = {"seconds": "30"}
FULL = replace(
    SPEECH,
    called_back="五分後におかけ直しします。",
    text_digit="0",
    later_digit="#",
    text_menu="本文をお聞きになる場合は 0 を押してください。",
    later_menu="五分後のおかけ直しは # を押してください。",
)


# A call that is answered ---------------------------------------------------------------------------------------------


async def test_a_call_is_acknowledged_by_the_spoken_digit(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    assert result == Sent({"sid": call.sid}, is_final=False)
    await call.ring()
    assert await call.answer("7") == [*ASKED, SPEECH.confirmed]
    [press] = phone.inbox.presses
    assert (press.verb, press.alert_id, press.dedup) == (Verb.ACK, 12, f"{call.sid}/{MESSAGE.key}")
    assert (press.actor.channel, press.actor.address) == ("phone", ALICE)
    assert phone.inbox.reports == [CallReport(MESSAGE.key, Outcome.ENDED, "SIP 200")]
    assert await phone.notifier.follow(result.ref) == Ended(Outcome.ENDED, cost=TALKED)


async def test_the_other_digit_passes_it_on(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    call = await twilio.called()
    assert await call.answer("4") == [*ASKED, SPEECH.passed_on]
    assert [press.verb for press in phone.inbox.presses] == [Verb.PASS_ON]


async def test_star_repeats_and_a_wrong_digit_is_told(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    call = await twilio.called()
    assert await call.answer("*", "9", "#", "*", "7") == [
        *ASKED,
        *ASKED,
        SPEECH.wrong,
        *ASKED,
        SPEECH.wrong,
        *ASKED,
        *ASKED,
        SPEECH.confirmed,
    ]
    assert len(phone.inbox.presses) == 1


async def test_three_wrong_digits_acknowledge_nothing(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    call = await twilio.called()
    said = await call.answer("1", "2", "3", "7")
    assert said[-2:] == [SPEECH.wrong, SPEECH.goodbye]
    assert phone.inbox.presses == []
    assert phone.inbox.reports == [CallReport(MESSAGE.key, Outcome.HUNG_UP, WRONG_KEYS)]


async def test_the_mails_text_is_read_out_and_the_menu_follows(twilio: FakeTwilio, phone: Line) -> None:
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, speech=FULL)
    await sent(phone)
    call = await twilio.called()
    menus = [FULL.menu, FULL.text_menu, FULL.later_menu]
    said = await call.answer("0", "7")
    assert said == [FULL.announcement, *menus, phone.inbox.text, *menus, FULL.confirmed]
    assert [press.verb for press in phone.inbox.presses] == [Verb.ACK]


async def test_no_text_is_read_out_where_the_settings_forbid_it(twilio: FakeTwilio) -> None:
    async with line(twilio, read_text=False) as phone:
        phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, speech=FULL)
        await sent(phone)
        said = await (await twilio.called()).answer("0")
        assert phone.inbox.text not in said and FULL.text_menu not in said
        assert said[3] == FULL.wrong


async def test_hash_asks_to_be_called_again_and_hangs_up(twilio: FakeTwilio, phone: Line) -> None:
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, speech=FULL)
    await sent(phone)
    said = await (await twilio.called()).answer("#")
    assert said[-1] == FULL.called_back
    [press] = phone.inbox.presses
    assert (press.verb, press.actor.address) == (Verb.CALL_BACK, ALICE)
    assert [report.outcome for report in phone.inbox.reports] == [Outcome.ENDED]


async def test_a_call_back_that_is_refused_is_said_and_asked_again(twilio: FakeTwilio, phone: Line) -> None:
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, speech=FULL)
    phone.inbox.reply = Reply("もう折り返せません。", is_done=False)
    await sent(phone)
    said = await (await twilio.called()).answer("#")
    assert "もう折り返せません。" in said and FULL.called_back not in said


async def test_a_silent_answer_acknowledges_nothing(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    assert await call.answer() == [*ASKED, *ASKED, *ASKED, SPEECH.goodbye]
    assert phone.inbox.presses == []
    assert [report.outcome for report in phone.inbox.reports] == [Outcome.HUNG_UP]
    assert await phone.notifier.follow(result.ref) == Ended(Outcome.HUNG_UP, cost=TALKED)


async def test_a_caller_who_hangs_up_has_not_taken_it(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    call = await twilio.called()
    await call.answer(HANG_UP)
    assert [report.outcome for report in phone.inbox.reports] == [Outcome.HUNG_UP]


async def test_a_press_that_could_not_be_saved_is_asked_for_again(twilio: FakeTwilio, phone: Line) -> None:
    phone.inbox.reply = Reply("保存できませんでした。", is_done=False)
    await sent(phone)
    call = await twilio.called()
    said = await call.answer("7", "7", "7")
    assert said == [*ASKED, *(["保存できませんでした。", *ASKED] * 2), "保存できませんでした。", SPEECH.goodbye]
    assert [report.outcome for report in phone.inbox.reports] == [Outcome.HUNG_UP]


async def test_an_alert_taken_meanwhile_is_said_and_not_asked(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, tone=Tone.TAKEN)
    call = await twilio.called()
    assert await call.answer("7") == [MESSAGE.summary]
    assert phone.inbox.presses == []
    assert [(one.outcome, one.detail) for one in phone.inbox.reports] == [(Outcome.ENDED, TOLD)]


async def test_an_alert_taken_while_the_menu_is_heard_is_said_at_the_digit(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    call = await twilio.called()
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, tone=Tone.CLOSED)
    call.press("7")
    await talk
    assert call.said == [*ASKED, MESSAGE.summary]
    assert phone.inbox.presses == []


async def test_a_last_resort_call_asks_although_the_ladder_has_ended(twilio: FakeTwilio, phone: Line) -> None:
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, tone=Tone.ALARM)
    await sent(phone)
    call = await twilio.called()
    assert await call.answer("7") == [*ASKED, SPEECH.confirmed]


async def test_an_alarm_about_kidoku_is_only_said(twilio: FakeTwilio, phone: Line) -> None:
    alarm = replace(MESSAGE, alert_id=None, tone=Tone.ALARM, speech=replace(SPEECH, menu=""))
    phone.inbox.messages[MESSAGE.key] = alarm
    await sent(phone, alarm)
    call = await twilio.called()
    assert await call.answer("7") == [SPEECH.announcement] * 2
    assert phone.inbox.presses == []


async def test_an_unknown_notification_is_hung_up(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    phone.inbox.messages.clear()
    call = await twilio.called()
    assert await call.answer("7") == []


async def test_voicemail_is_not_an_answer(twilio: FakeTwilio) -> None:
    async with line(twilio, machine_detection=True) as phone:
        result = await sent(phone)
        call = await twilio.called()
        assert await call.answer("7", answered_by="machine_start") == []
        assert [report.outcome for report in phone.inbox.reports] == [Outcome.VOICEMAIL]
        assert await phone.notifier.follow(result.ref) == Ended(Outcome.VOICEMAIL, cost=TALKED)


# A call that is not answered -----------------------------------------------------------------------------------------


async def test_calls_that_nobody_answers_are_reported(twilio: FakeTwilio, phone: Line) -> None:
    for number in range(3):
        await sent(phone, replace(MESSAGE, address=f"{ALICE[:-1]}{number}"))
    for number, end in enumerate(("busy", "no_answer", "fail"), start=1):
        call = await twilio.called(number)
        await call.ring()
        await getattr(call, end)()
    gone = "SIP 404; Twilio can't call this number, or there is none like it (Twilio error 13224)"
    assert phone.inbox.reports == [
        CallReport(MESSAGE.key, Outcome.BUSY, "SIP 486"),
        CallReport(MESSAGE.key, Outcome.NO_ANSWER, "SIP 487"),
        CallReport(MESSAGE.key, Outcome.REJECTED, gone),
    ]
    assert {callback.status for callback in twilio.callbacks} == {204}


async def test_without_a_public_url_the_call_is_announced_and_followed(twilio: FakeTwilio) -> None:
    async with line(twilio, is_public=False) as phone:
        assert phone.channel.routes == ()
        result = await sent(phone)
        call = await twilio.called()
        assert isinstance(await phone.notifier.follow(result.ref), Ongoing)
        await call.ring()
        assert isinstance(await phone.notifier.follow(result.ref), Ongoing)
        assert await call.answer("7") == [SPEECH.announcement] * 2
        assert await phone.notifier.follow(result.ref) == Ended(Outcome.HUNG_UP, cost=TALKED)
        assert twilio.callbacks == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("busy", Outcome.BUSY),
        ("no-answer", Outcome.NO_ANSWER),
        ("failed", Outcome.REJECTED),
    ],
)
async def test_what_became_of_a_call_is_asked(twilio: FakeTwilio, status: str, outcome: Outcome) -> None:
    async with line(twilio, is_public=False) as phone:
        result = await sent(phone)
        await (await twilio.called()).end(status)
        assert await phone.notifier.follow(result.ref) == Ended(outcome)


async def test_following_outlasts_an_outage_and_ends_when_the_call_is_unknown(twilio: FakeTwilio, phone: Line) -> None:
    twilio.refuse(503)
    assert isinstance(await phone.notifier.follow({"sid": "CA" + "f" * 32}), RetryLater)
    twilio.refuse(401, 20003)
    assert isinstance(await phone.notifier.follow({"sid": "CA" + "f" * 32}), RetryLater)
    ended = await phone.notifier.follow({"sid": "CA" + "f" * 32})
    assert isinstance(ended, Ended) and ended.outcome is Outcome.NO_ANSWER
