"""Two accounts at the channel's border: what neither can do now is tried on while either may do it later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple, cast

import pytest

from channels.base import FIRST_ACCOUNT, CantTell, NotFound, Rejected, RetryLater, SendResult, Sent, first_account
from channels.message import Message
from channels.twilio.fault import RefusedError
from channels.twilio.notifier import TwilioNotifier
from tests.acceptance.two_accounts import BROKEN, SECOND_ACCOUNT, SUSPENDED, second_account
from tests.fakes.twilio import OWNED, FakeTwilio, Refusal
from tests.fakes.twilio_line import MESSAGE, Line, line
from tests.fakes.twilio_phone import Phone

SECOND = timedelta(seconds=1)
BOB, CAROL = "+819011112222", "+819077778888"
FAST: dict[str, Any] = {"messages_per_second": 100.0}
COUNTRY, TRIAL, BAD_TOKEN = Refusal(400, 21215), Refusal(400, 21219), Refusal(401, 20003)
VAGUE, UNHEARD = Refusal(400, None), Refusal(400, 99999)
NO_NUMBER = Refusal(400, 21211)


class Two(NamedTuple):
    first: FakeTwilio
    second: FakeTwilio
    line: Line

    async def sends(self, key: str = "9.0", address: str = BOB) -> SendResult:
        return await self.line.notifier.send(message(key, address))

    async def waits(self, seconds: int) -> None:
        self.first.now += seconds * SECOND
        self.second.now = self.first.now


def message(key: str = "9.0", address: str = BOB) -> Message:
    return replace(MESSAGE, key=key, address=address, footer="Kidoku #12")


@asynccontextmanager
async def with_two(**more: Any) -> AsyncIterator[Two]:
    async with FakeTwilio() as first, second_account() as (second, fallback):
        fallback |= {name: more[name] for name in ("sms",) if name in more}
        async with line(first, fallback=fallback, is_sms="sms" in more, **more) as built:
            yield Two(first, second, built)


@pytest.fixture
async def calls() -> AsyncIterator[Two]:
    async with with_two() as two:
        yield two


@pytest.fixture
async def texts() -> AsyncIterator[Two]:
    async with with_two(sms=FAST) as two:
        yield two


async def gone(two: Two) -> None:
    """The first can't be connected to for longer than ``after``."""
    await two.first.goes_away()
    answer = await two.sends("9.9")
    assert isinstance(answer, RetryLater) and answer.has_other_way and not answer.maybe_sent
    await two.waits(25)


async def test_what_two_calls_find_at_once_switches_once_and_whatever_begins_meanwhile_goes_by_the_new_account(
    calls: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The instant of the switch is kept: of what began later only the new account is asked."""
    accounts = cast(TwilioNotifier, calls.line.notifier)._accounts
    kept, switches, gate = calls.line.inbox.keep, list[str](), asyncio.Event()

    async def keep(key: str, value: str) -> None:
        switches.append(value)
        await gate.wait()
        await kept(key, value)

    first = await accounts.current()
    monkeypatch.setattr(calls.line.inbox, "keep", keep)
    error = RefusedError(SUSPENDED.status, SUSPENDED.code)
    asked = [asyncio.create_task(one) for one in (accounts.failed(first, error), accounts.failed(first, error))]
    asked.append(asyncio.create_task(accounts.current()))
    for _ in range(3):
        await asyncio.sleep(0)
    gate.set()
    assert [one.is_first for one in await asyncio.gather(*asked) if one is not None] == [False] * 3
    assert len(switches) == 1


@pytest.mark.parametrize(
    ("refusal", "is_down"),
    [(COUNTRY, False), (TRIAL, False), (VAGUE, False), (UNHEARD, False), (SUSPENDED, True), (BAD_TOKEN, True)],
)
async def test_what_the_second_refuses_waits_for_a_first_that_is_out_of_reach(
    calls: Two, refusal: Refusal, is_down: bool
) -> None:
    calls.second.always = refusal
    await gone(calls)
    for number in range(3):
        answer = await calls.sends(f"9.{number}")
        assert isinstance(answer, RetryLater) and not answer.has_other_way and not answer.maybe_sent
        assert answer.is_channel_wide is is_down, "what one person's country is about holds up nobody else"
        await calls.waits(25)
    await calls.first.comes_back()
    assert isinstance(await calls.sends(), Sent)
    assert len(calls.first.phones) == 1


async def test_what_the_second_refuses_for_any_account_is_refused(calls: Two) -> None:
    calls.second.always = NO_NUMBER
    await gone(calls)
    assert [type(await calls.sends(f"9.{number}")) for number in range(2)] == [Rejected, Rejected]


async def test_a_country_of_the_first_waits_for_a_second_that_is_out_of_reach(calls: Two) -> None:
    calls.first.always = COUNTRY
    await calls.second.goes_away()
    answer = await calls.sends()
    assert isinstance(answer, RetryLater) and not answer.is_channel_wide, "the first calls everybody else"
    await calls.second.comes_back()
    assert isinstance(await calls.sends(), Sent)


async def test_what_both_refuse_is_refused(calls: Two) -> None:
    calls.first.always = SUSPENDED
    calls.second.always = COUNTRY
    assert [type(await calls.sends(f"9.{number}")) for number in range(2)] == [Rejected, Rejected]


async def ringing(two: Two, number: str) -> Phone:
    """A call by the first that this process knows of, and that nothing can join."""
    notifier = cast(TwilioNotifier, two.line.notifier)
    call = Phone(two.first, "CA" + "1" * 32, {"To": [number], "From": [OWNED]})
    call.status = "in-progress"
    two.first.phones.append(call)
    notifier._book.begin(call.sid, number, two.first.now, can_lead=False, account=two.first.account)
    return call


async def test_only_who_has_taken_a_call_is_used_from_then_on() -> None:
    """The second refuses; the first has no line free: it did not say that it would take the call."""
    async with with_two(concurrent_calls=1) as two:
        two.first.always = SUSPENDED
        assert isinstance(await two.sends("9.1", CAROL), Sent)
        two.second.phones[0].status = "completed"
        two.first.always = None
        await ringing(two, BOB)
        two.second.let_pass()
        two.second.refuse(400, 21215)
        answer = await two.sends("9.2", CAROL)
        assert isinstance(answer, RetryLater) and "as many calls" in answer.reason
        assert (FIRST_ACCOUNT, True, "") not in two.line.health
        assert isinstance(await two.sends("9.3", "+819033334444"), Sent)
        assert len(two.second.phones) == 2, "calls go by the second yet"


@pytest.mark.parametrize("refusal", [Refusal(400, 21408), Refusal(400, 21608), VAGUE, BAD_TOKEN, SUSPENDED])
async def test_a_message_that_the_second_refuses_waits_for_a_first_that_is_out_of_reach(
    texts: Two, refusal: Refusal
) -> None:
    texts.second.always = refusal
    await gone(texts)
    for number in range(3):
        answer = await texts.sends(f"9.{number}")
        assert isinstance(answer, RetryLater) and not answer.has_other_way
        assert answer.is_channel_wide is (refusal.status == 401)
    await texts.first.comes_back()
    await texts.waits(61)
    assert isinstance(await texts.sends(), Sent)
    assert len(texts.first.texts) == 1


@pytest.mark.parametrize("refusal", [Refusal(400, 21614), Refusal(400, 21610)])
async def test_a_message_that_nobody_can_send_is_refused(texts: Two, refusal: Refusal) -> None:
    texts.second.always = refusal
    await gone(texts)
    assert [type(await texts.sends(f"9.{number}")) for number in range(2)] == [Rejected, Rejected]


async def test_a_message_that_both_refuse_is_refused(texts: Two) -> None:
    texts.first.always = SUSPENDED
    texts.second.always = Refusal(400, 21408)
    assert [type(await texts.sends(f"9.{number}")) for number in range(2)] == [Rejected, Rejected]


async def test_what_was_under_way_when_the_first_was_left_does_not_bring_it_back(texts: Two) -> None:
    texts.first.stall()
    slow = asyncio.create_task(texts.sends("9.0", BOB))
    await texts.first.asked("/Messages.json")
    texts.first.refuse(SUSPENDED.status, SUSPENDED.code)
    assert isinstance(await texts.sends("9.1", CAROL), Sent)
    texts.first.release()
    assert isinstance(await slow, Sent)
    assert isinstance(await texts.sends("9.2", CAROL), Sent)
    assert (len(texts.first.texts), len(texts.second.texts)) == (1, 2)


async def test_a_glitch_hours_later_is_not_the_same_trouble(texts: Two) -> None:
    """In between the first was asked whether it had the message, and said so."""
    texts.first.lose_answer()
    assert isinstance(await texts.sends(), RetryLater)
    assert isinstance(await texts.line.notifier.reconcile(message(), texts.first.now), NotFound | Sent)
    await texts.waits(5 * 3_600)
    texts.first.lose_answer()
    assert isinstance(await texts.sends("9.1"), RetryLater)
    assert (first_account("sms"), False) not in [one[:2] for one in texts.line.health]


async def test_an_account_that_can_t_have_it_is_not_asked(texts: Two) -> None:
    texts.second.always = BROKEN
    texts.first.refuse(503, 20503)
    assert isinstance(await texts.sends(), RetryLater)
    assert isinstance(await texts.line.notifier.reconcile(message(), texts.first.now), NotFound)
    assert texts.second.requests == []


async def test_what_it_was_asked_to_send_before_holds_nothing_up(texts: Two) -> None:
    texts.first.refuse(401, 20005)
    assert isinstance(await texts.sends(), Sent)
    assert len(texts.second.texts) == 1
    begun_by_a_clock_that_is_ahead = texts.first.now + 10 * SECOND
    await texts.waits(600)
    texts.second.always = BROKEN
    assert isinstance(await texts.line.notifier.reconcile(message("9.1", CAROL), texts.first.now), NotFound)
    answer = await texts.line.notifier.reconcile(message("9.1", CAROL), begun_by_a_clock_that_is_ahead)
    assert isinstance(answer, CantTell)


async def test_what_it_may_have_is_asked_for_there_by_any_process(texts: Two) -> None:
    began_at = texts.first.now
    texts.first.refuse(401, 20005)
    texts.second.lose_answer()
    answer = await texts.sends()
    assert isinstance(answer, RetryLater) and answer.maybe_sent
    kept = texts.line.inbox.kept
    async with with_two(sms=FAST) as other:
        other.line.inbox.kept.update(kept)
        other.second.always = BROKEN
        assert isinstance(await other.line.notifier.reconcile(message(), began_at), CantTell)
    found = await texts.line.notifier.reconcile(message(), began_at)
    assert isinstance(found, Sent) and found.ref["account"] == SECOND_ACCOUNT


OWN = [Refusal(400, code) for code in (21408, 21608, 21612, 21704)]
"""A country, a trial, a route, a pool: another account's may be others."""
RECIPIENTS = [Refusal(400, code) for code in (21610, 21211, 21614, 21635)]


@pytest.mark.parametrize("refusal", OWN)
async def test_what_the_first_may_not_send_the_second_sends_this_one_time(texts: Two, refusal: Refusal) -> None:
    texts.first.refuse(refusal.status, refusal.code)
    assert isinstance(await texts.sends(), Sent)
    assert (len(texts.first.texts), len(texts.second.texts)) == (0, 1)
    assert isinstance(await texts.sends("9.1", CAROL), Sent)
    assert (len(texts.first.texts), len(texts.second.texts)) == (1, 1)
    assert (first_account("sms"), False) not in [one[:2] for one in texts.line.health]


@pytest.mark.parametrize("refusal", RECIPIENTS)
async def test_what_nobody_may_send_to_is_not_tried_by_the_second(texts: Two, refusal: Refusal) -> None:
    texts.first.refuse(refusal.status, refusal.code)
    assert isinstance(await texts.sends(), Rejected)
    assert texts.second.requests == []


async def test_what_the_first_may_not_send_waits_for_a_second_that_is_out_of_reach(texts: Two) -> None:
    texts.first.always = OWN[0]
    await texts.second.goes_away()
    answer = await texts.sends()
    assert isinstance(answer, RetryLater) and not answer.maybe_sent
    await texts.second.comes_back()
    assert isinstance(await texts.sends(), Sent)


@pytest.mark.parametrize("refusal", [Refusal(429, 20429), Refusal(400, 21611), Refusal(400, 63018)])
async def test_a_first_that_is_crowded_for_long_is_left(texts: Two, refusal: Refusal) -> None:
    texts.first.always = refusal
    assert isinstance(await texts.sends(), RetryLater)
    assert texts.second.requests == [], "a moment of it is no reason"
    await texts.waits(25)
    assert isinstance(await texts.sends(), Sent)
    assert len(texts.second.texts) == 1
    texts.first.always = None
    await texts.waits(61)
    assert isinstance(await texts.sends("9.1", CAROL), Sent)
    assert len(texts.first.texts) == 1


async def test_too_much_to_one_number_is_no_reason_to_leave_the_first(texts: Two) -> None:
    texts.first.always = Refusal(429, 14107)
    assert isinstance(await texts.sends(), RetryLater)
    await texts.waits(25)
    assert isinstance(await texts.sends(), RetryLater)
    assert texts.second.requests == []
