"""Twilio's callbacks: signed, and harmless twice, late and out of order."""

from dataclasses import replace

import pytest

from channels.inbox import CallReport
from channels.message import Tone
from escalation.event import Outcome
from tests.fakes.twilio import FakeTwilio
from tests.fakes.twilio_line import ALICE, MESSAGE, Line, sent


@pytest.mark.parametrize("path", ["voice", "digit", "status"])
@pytest.mark.parametrize("signature", ["", "bm90IGEgc2lnbmF0dXJl", "é"])
async def test_nothing_happens_without_the_signature(
    twilio: FakeTwilio, phone: Line, path: str, signature: str
) -> None:
    form = {"CallSid": "CA" + "0" * 32, "Digits": "7", "To": ALICE, "CallStatus": "busy"}
    answer = await twilio.post(f"{phone.base}/twilio/{path}/{MESSAGE.key}", form, signature)
    assert answer.status == 403
    assert phone.inbox.presses == [] and phone.inbox.reports == []


async def test_a_signature_holds_for_its_url_and_form_only(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    await (await twilio.called()).answer("9")
    digit = next(one for one in twilio.callbacks if "/digit/" in one.url)
    forged = [
        await twilio.post(digit.url.replace(MESSAGE.key, "other"), digit.form, digit.signature),
        await twilio.post(digit.url.replace("wrong=0", "wrong=1"), digit.form, digit.signature),
        await twilio.post(digit.url, {**digit.form, "Digits": "7"}, digit.signature),
        await twilio.post(digit.url, {**digit.form, "More": ""}, digit.signature),
    ]
    assert [one.status for one in forged] == [403] * 4
    assert phone.inbox.presses == []


async def test_a_huge_body_is_refused(twilio: FakeTwilio, phone: Line) -> None:
    answer = await twilio.post(f"{phone.base}/twilio/voice/{MESSAGE.key}", {"ToCity": "x" * 70_000})
    assert answer.status == 403


async def test_a_digit_told_twice_is_one_press(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    await (await twilio.called()).answer("7")
    digit = next(one for one in twilio.callbacks if "/digit/" in one.url)
    phone.inbox.messages[MESSAGE.key] = replace(MESSAGE, tone=Tone.TAKEN)
    again = await twilio.post(digit.url, digit.form)
    assert (again.status, again.body) == (200, digit.body)
    assert len(phone.inbox.presses) == 1


async def test_statuses_twice_late_and_out_of_order(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    call = await twilio.called()
    await call.ring()
    await call.busy()
    for callback in reversed(list(twilio.callbacks)):
        assert (await twilio.post(callback.url, callback.form)).status == 204
    assert set(phone.inbox.reports) == {CallReport(MESSAGE.key, Outcome.BUSY, "SIP 486")}
    assert len(phone.inbox.reports) == 2
