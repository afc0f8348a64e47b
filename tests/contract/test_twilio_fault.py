"""What can go wrong between us and Twilio, and how calls are ordered."""

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from channels.base import Rejected, RetryLater, Sent
from channels.message import Message, Tone
from tests.fakes import twilio_spec
from tests.fakes.missing import needs_data
from tests.fakes.twilio import OWNED, START, TOKEN, FakeTwilio
from tests.fakes.twilio_line import ALICE, MESSAGE, SPEECH, Line, line, sent

# What can go wrong ---------------------------------------------------------------------------------------------------

NEVER = [(401, None), (403, None), (400, 99999), (400, None), (307, None), (418, None)]
"""The codes that Twilio documents stand in test_twilio_codes.py."""
LATER = [(429, None), (409, None)]
MAYBE = [(500, None), (503, None), (502, None), (504, None), (520, None), (408, None)]


@pytest.mark.parametrize(("status", "code"), NEVER)
async def test_what_can_never_be_called_is_rejected(
    twilio: FakeTwilio, phone: Line, status: int, code: int | None
) -> None:
    twilio.refuse(status, code)
    result = await phone.notifier.send(MESSAGE)
    assert isinstance(result, Rejected)
    assert str(code or status) in result.reason
    assert twilio.phones == []


@pytest.mark.parametrize(("status", "code"), [*LATER, *MAYBE])
async def test_what_passes_is_tried_again(twilio: FakeTwilio, phone: Line, status: int, code: int | None) -> None:
    twilio.refuse(status, code)
    result = await phone.notifier.send(MESSAGE)
    assert isinstance(result, RetryLater) and result.is_channel_wide and result.after is None
    assert result.maybe_sent == ((status, code) in MAYBE)
    await sent(phone)


async def test_a_rate_limit_says_when(twilio: FakeTwilio, phone: Line) -> None:
    for header, after in (("7", timedelta(seconds=7)), ("soon", None), ("9" * 50, timedelta(minutes=5))):
        twilio.refuse(429, 20429, Retry_After=header)
        result = await phone.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.after == after


async def test_a_page_of_something_else_is_no_answer(twilio: FakeTwilio, phone: Line) -> None:
    for body in ("<html>Please log in</html>", "[]", "{}", '{"sid": 1', "[" * 100_000):
        twilio.refuse(200, body=body)
        result = await phone.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.maybe_sent, body


async def test_a_silent_twilio_may_have_called(twilio: FakeTwilio) -> None:
    async with line(twilio, timeout=timedelta(milliseconds=200)) as phone:
        twilio.stall()
        result = await phone.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.maybe_sent and result.is_channel_wide


async def test_an_absent_twilio_has_not_called(twilio: FakeTwilio) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    async with line(twilio, api_url=nobody) as phone:
        result = await phone.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and not result.maybe_sent
        assert [is_up for _, is_up, _ in phone.health] == [False]


ELSEWHERE = replace(MESSAGE, address="+819012345670", key="13.0")
THIRD = replace(MESSAGE, address="+819012345671", key="14.0")


async def test_health_is_told_at_each_change_only(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    await sent(phone, ELSEWHERE)
    twilio.refuse(400, 21211)
    await phone.notifier.send(THIRD)
    for _ in range(2):
        twilio.refuse(401, 20003)
        await phone.notifier.send(THIRD)
    await sent(phone, THIRD)
    assert [(name, is_up) for name, is_up, _ in phone.health] == [("phone", True), ("phone", False), ("phone", True)]


async def test_no_secret_and_no_number_leaks(twilio: FakeTwilio, phone: Line) -> None:
    told: list[object] = []
    with capture_logs() as logs:
        for status, code in [*NEVER, *LATER, *MAYBE]:
            twilio.refuse(status, code)
            told.append(await phone.notifier.send(MESSAGE))
        await twilio.post(f"{phone.base}/twilio/voice/{MESSAGE.key}", {"To": ALICE}, "wrong")
        told.append(await phone.notifier.reconcile(MESSAGE, START))
    shown = repr([told, logs, phone.health, phone.notifier, phone.channel])
    assert TOKEN not in shown and ALICE not in shown and "token was" not in shown


def some(count: int) -> list[Message]:
    """To a number each."""
    return [replace(MESSAGE, key=f"9.{n}", address=f"{ALICE[:-1]}{n}") for n in range(count)]


# How calls are made --------------------------------------------------------------------------------------------------


async def test_calls_are_paced(twilio: FakeTwilio) -> None:
    """On the way two of them may come closer to each other than they began."""
    async with line(twilio, calls_per_second=10.0) as phone:
        await asyncio.gather(*(phone.notifier.send(one) for one in some(4)))
    assert len(twilio.created_at) == 4 and max(twilio.created_at) - min(twilio.created_at) > 0.15


async def test_calls_that_may_ring_at_once_are_counted_while_they_are_asked_for(twilio: FakeTwilio) -> None:
    async with line(twilio, concurrent_calls=2) as phone:
        told = await asyncio.gather(*(phone.notifier.send(one) for one in some(5)))
    assert len(twilio.phones) == 2
    assert [one.is_channel_wide for one in told if isinstance(one, RetryLater)] == [True] * 3
    assert sum(isinstance(one, Sent) for one in told) == 2


async def test_a_call_that_was_not_made_keeps_no_place(twilio: FakeTwilio) -> None:
    async with line(twilio, concurrent_calls=1) as phone:
        twilio.refuse(503, None)
        first, second = some(2)
        assert isinstance(await phone.notifier.send(first), RetryLater)
        assert isinstance(await phone.notifier.send(second), Sent)


@pytest.mark.parametrize(("per_second", "at_once"), [(0.5, 1), (1.0, 1), (3.0, 3), (100.0, 8)])
async def test_as_many_are_asked_for_at_once_as_may_start_in_a_second(
    twilio: FakeTwilio, per_second: float, at_once: int
) -> None:
    """What was taken up has its turn before what is more urgent."""
    async with line(twilio, calls_per_second=per_second) as phone:
        assert phone.notifier.capabilities.concurrency == at_once


async def test_the_order_of_a_call(twilio: FakeTwilio) -> None:
    async with line(twilio, machine_detection=True, ring_timeout=timedelta(seconds=20)) as phone:
        await sent(phone)
        call = await twilio.called()
        assert call.order["Url"] == f"{phone.base}/twilio/voice/{MESSAGE.key}"
        assert (call.order["To"], call.order["From"]) == (ALICE, OWNED)
        assert (call.order["Timeout"], call.order["MachineDetection"]) == ("20", "Enable")
        assert call.events == ["initiated", "ringing", "answered", "completed"]


async def test_our_requests_are_those_of_twilios_specification(twilio: FakeTwilio, phone: Line) -> None:
    needs_data(twilio_spec.FILE)
    result = await sent(phone)
    call = await twilio.called()
    await phone.notifier.follow(result.ref)
    await phone.notifier.reconcile(MESSAGE, START)
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), result.ref)
    await talk
    assert len(twilio.requests) == 6


async def test_hostile_text_stays_text(twilio: FakeTwilio, phone: Line) -> None:
    hostile = 'INC-20931 </Say><Hangup/><Dial>+1900</Dial><break time="9s"/>\x00\x07 &amp; 100% \ud800\u202e'
    message = replace(MESSAGE, speech=replace(SPEECH, announcement=hostile))
    phone.inbox.messages[MESSAGE.key] = message
    await sent(phone, message)
    call = await twilio.called()
    said = await call.answer("7")
    assert said[0] == 'INC-20931 </Say><Hangup/><Dial>+1900</Dial><break time="9s"/> &amp; 100%'
    assert said[-1] == SPEECH.confirmed
