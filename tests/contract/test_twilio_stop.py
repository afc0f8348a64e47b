"""Stopping a call that nobody needs any more; finding a call after a crash."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.base import CantTell, Ended, NotFound, Rejected, RetryLater, Sent
from channels.inbox import CALLED_OFF, TOLD
from channels.message import Tone
from escalation.event import Outcome
from tests.fakes.twilio import START, FakeTwilio
from tests.fakes.twilio_line import ALICE, ASKED, MESSAGE, SPEECH, Line, line, sent
from tests.fakes.twilio_phone import HANG_UP

# Stopping a call that nobody needs any more --------------------------------------------------------------------------


@pytest.mark.parametrize("is_ringing", [False, True])
async def test_a_call_that_is_not_answered_yet_is_cancelled(twilio: FakeTwilio, phone: Line, is_ringing: bool) -> None:
    result = await sent(phone)
    call = await twilio.called()
    if is_ringing:
        await call.ring()
    taken = replace(MESSAGE, tone=Tone.TAKEN)
    assert await phone.notifier.update(taken, result.ref) == Sent(result.ref, is_final=False)
    assert call.status == "canceled"
    assert [(one.outcome, one.detail) for one in phone.inbox.reports] == [(Outcome.ENDED, CALLED_OFF)]
    assert await phone.notifier.follow(result.ref) == Ended(Outcome.ENDED, CALLED_OFF)
    assert await phone.notifier.update(taken, result.ref) == Sent(result.ref, is_final=False)


@pytest.mark.parametrize("tone", [Tone.OPEN, Tone.ALARM])
async def test_a_call_that_is_still_needed_goes_on(twilio: FakeTwilio, phone: Line, tone: Tone) -> None:
    result = await sent(phone)
    await phone.notifier.update(replace(MESSAGE, tone=tone), result.ref)
    assert (await twilio.called()).status == "queued"


async def test_a_call_that_talks_is_told_that_it_is_taken(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    told = await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), result.ref)
    await talk
    assert call.said == [*ASKED, MESSAGE.summary]
    assert [(one.outcome, one.detail) for one in phone.inbox.reports] == [(Outcome.ENDED, TOLD)]
    assert isinstance(told, Sent)
    async with line(twilio) as after_a_restart:
        assert await after_a_restart.notifier.follow(told.ref) == Ended(Outcome.ENDED, TOLD, cost={"seconds": "30"})


async def test_the_call_in_which_the_digit_was_pressed_is_not_interrupted(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()

    async def stop() -> None:
        await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), result.ref)

    phone.inbox.pressed = stop
    assert await call.answer("7") == [*ASKED, SPEECH.confirmed]


async def test_a_call_that_ends_before_it_can_be_told_is_stopped_all_the_same(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    talk = asyncio.create_task(call.pick_up())
    await call.listening()
    twilio.let_pass()
    twilio.refuse(400, 21220)
    assert await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), result.ref) == Sent(
        result.ref, is_final=False
    )
    call.press(HANG_UP)
    await talk


async def test_an_update_tells_of_trouble(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    taken = replace(MESSAGE, tone=Tone.TAKEN)
    twilio.refuse(500)
    assert isinstance(await phone.notifier.update(taken, result.ref), RetryLater)
    twilio.refuse(401, 20003)
    assert isinstance(await phone.notifier.update(taken, result.ref), Rejected)
    twilio.refuse(404, 20404)
    assert isinstance(await phone.notifier.update(taken, result.ref), Sent)


# After a crash -------------------------------------------------------------------------------------------------------


async def test_a_call_whose_answer_was_lost_is_found(twilio: FakeTwilio) -> None:
    async with line(twilio) as before:
        twilio.lose_answer()
        result = await before.notifier.send(MESSAGE)
        assert isinstance(result, RetryLater) and result.maybe_sent
    call = await twilio.called()
    async with line(twilio) as after:
        found = Sent({"sid": call.sid}, is_final=False)
        assert await after.notifier.reconcile(MESSAGE, START) == found
        await call.ring()
        assert await after.notifier.reconcile(MESSAGE, START) == found


async def test_a_call_that_never_left_is_not_found(twilio: FakeTwilio, phone: Line) -> None:
    assert await phone.notifier.reconcile(MESSAGE, START) == NotFound()


@pytest.mark.parametrize("is_ringing", [False, True])
async def test_a_call_made_long_before_is_not_this_one(twilio: FakeTwilio, is_ringing: bool) -> None:
    async with line(twilio) as before:
        await sent(before)
        if is_ringing:
            await (await twilio.called()).ring()
    async with line(twilio) as phone:
        assert await phone.notifier.reconcile(MESSAGE, START + timedelta(minutes=3)) == NotFound()


async def test_a_call_to_another_number_is_not_this_one(twilio: FakeTwilio) -> None:
    async with line(twilio) as before:
        await sent(before, replace(MESSAGE, address="+819000000000"))
    async with line(twilio) as phone:
        assert await phone.notifier.reconcile(MESSAGE, START) == NotFound()


async def test_two_notifications_to_one_number_are_told_apart(twilio: FakeTwilio) -> None:
    other = replace(MESSAGE, key="13.1.0-1", alert_id=13)
    async with line(twilio) as node:
        first = await sent(node, other)
    async with line(twilio) as before:
        before.inbox.refs["phone", ALICE] = [first.ref]
        assert await before.notifier.reconcile(MESSAGE, START) == NotFound()
        twilio.lose_answer()
        await before.notifier.send(MESSAGE)
        lost = await twilio.called(2)
        assert await before.notifier.reconcile(MESSAGE, START) == Sent({"sid": lost.sid}, is_final=False)
    async with line(twilio) as after:
        after.inbox.refs["phone", ALICE] = [first.ref]
        assert await after.notifier.reconcile(MESSAGE, START) == Sent({"sid": lost.sid}, is_final=False)
    async with line(twilio) as again:
        again.inbox.refs["phone", ALICE] = [first.ref, {"sid": lost.sid}]
        assert await again.notifier.reconcile(MESSAGE, START) == NotFound()


async def test_a_call_known_as_this_ones_goes_before_an_unknown_one(twilio: FakeTwilio) -> None:
    async with line(twilio) as stranger:
        await sent(stranger)
    async with line(twilio) as phone:
        twilio.now += timedelta(seconds=5)
        result = await sent(phone)
        assert await phone.notifier.reconcile(MESSAGE, START) == result


async def test_a_callback_tells_whose_a_lost_call_is(twilio: FakeTwilio) -> None:
    other = replace(MESSAGE, key="13.1.0-1", alert_id=13)
    async with line(twilio) as node:
        await sent(node, other)
    async with line(twilio) as before:
        twilio.lose_answer()
        await before.notifier.send(MESSAGE)
    lost = await twilio.called(2)
    async with line(twilio) as after:
        for call in twilio.phones:
            url = call.order["StatusCallback"].replace(before.base, after.base)
            await twilio.post(url, {**call.parameters(), "CallStatus": "ringing"})
        assert await after.notifier.reconcile(MESSAGE, START) == Sent({"sid": lost.sid}, is_final=False)


async def test_twilio_that_does_not_answer_is_asked_again_later(twilio: FakeTwilio, phone: Line) -> None:
    twilio.refuse(503)
    answer = await phone.notifier.reconcile(MESSAGE, START)
    assert isinstance(answer, CantTell) and not answer.is_final
    twilio.refuse(401, 20003)
    answer = await phone.notifier.reconcile(MESSAGE, START)
    assert isinstance(answer, CantTell) and answer.is_final


# Joining a call ------------------------------------------------------------------------------------------------------

OTHER = replace(MESSAGE, key="13.1.0-1", alert_id=13)


async def test_nothing_joins_a_call_whose_end_another_node_heard(twilio: FakeTwilio) -> None:
    async with line(twilio) as other_node, line(twilio, public_url=other_node.base) as phone:
        await sent(phone)
        call = await twilio.called()
        await call.ring()
        await call.no_answer()
        assert [report.outcome for report in other_node.inbox.reports] == [Outcome.NO_ANSWER]
        twilio.now += timedelta(minutes=10)
        assert "key" not in (await sent(phone, OTHER)).ref
        assert len(twilio.phones) == 2


async def test_nothing_joins_a_call_that_was_cancelled_a_moment_ago(twilio: FakeTwilio, phone: Line) -> None:
    first = await sent(phone)
    call = await twilio.called()
    await call.ring()
    call.events = []  # Twilio's word of the end is still on its way.
    await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), first.ref)
    assert call.status == "canceled"
    assert "key" not in (await sent(phone, OTHER)).ref


async def test_calls_that_are_over_hold_nobody_up(twilio: FakeTwilio) -> None:
    async with line(twilio) as other_node, line(twilio, public_url=other_node.base, concurrent_calls=1) as phone:
        await sent(phone)
        call = await twilio.called()
        assert isinstance(await phone.notifier.send(replace(OTHER, address="+818011112222")), RetryLater)
        await call.ring()
        await call.no_answer()
        assert isinstance(await phone.notifier.send(replace(OTHER, address="+818011112222")), Sent)


async def test_one_call_that_is_over_makes_room_for_one(twilio: FakeTwilio) -> None:
    """Both find out that it is over; one was first."""
    async with line(twilio) as other_node, line(twilio, public_url=other_node.base, concurrent_calls=1) as phone:
        await sent(phone)
        call = await twilio.called()
        await call.ring()
        await call.no_answer()
        others = [replace(OTHER, key=f"9.{n}", address=f"+81801111222{n}") for n in range(2)]
        told = await asyncio.gather(*(phone.notifier.send(one) for one in others))
        assert sorted(type(one).__name__ for one in told) == ["RetryLater", "Sent"]


async def test_what_joined_a_call_does_not_hide_it_from_who_looks_for_it(twilio: FakeTwilio, phone: Line) -> None:
    first = await sent(phone)
    call = await twilio.called()
    await call.ring()
    joined = await sent(phone, OTHER)
    assert joined.ref["key"] == OTHER.key
    phone.inbox.refs["phone", ALICE] = [joined.ref]
    assert await phone.notifier.reconcile(MESSAGE, twilio.now) == Sent(first.ref, is_final=False)
