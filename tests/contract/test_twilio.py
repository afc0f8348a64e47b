"""The phone against Twilio's API on loopback, with its callbacks arriving over real HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from structlog.testing import capture_logs

from channels.base import (
    CallReport,
    CantTell,
    Channel,
    Ended,
    Message,
    NotFound,
    Notifier,
    Ongoing,
    Press,
    Rejected,
    Reply,
    RetryLater,
    Sent,
    Speech,
    Tone,
    Verb,
)
from channels.twilio import build
from channels.twilio.config import TwilioSettings
from escalation.event import Outcome
from tests.fakes import twilio_spec
from tests.fakes.twilio import ACCOUNT, HANG_UP, OWNED, START, TOKEN, FakeTwilio

ALICE = "+819012345678"
SPEECH = Speech(
    language="ja-JP",
    announcement="NOC から緊急メールです。",
    menu="引き受けるには 7 を、次の人に回すには 4 を押してください。",
    confirmed="引き受けました。",
    passed_on="次の人に回しました。",
    wrong="違う番号です。",
    goodbye="だれも引き受けていません。",
    ack_digit="7",
    pass_digit="4",
)
MESSAGE = Message(
    key="12.1.0-3",
    address=ALICE,
    language="ja",
    title="Unread for 5 min: disk full",
    summary="Taken by Bob: disk full",
    alert_id=12,
    speech=SPEECH,
)
ASKED = [SPEECH.announcement, SPEECH.menu]


class PhoneInbox:
    """What the bot is to a channel: keeps what came in."""

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {MESSAGE.key: MESSAGE}
        self.presses: list[Press] = []
        self.reports: list[CallReport] = []
        self.refs: list[Mapping[str, str]] = []
        self.reply = Reply("")
        self.pressed: Callable[[], Awaitable[None]] | None = None

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        if self.pressed is not None:
            await self.pressed()
        return self.reply

    async def report(self, report: CallReport) -> None:
        self.reports.append(report)

    async def message(self, key: str) -> Message | None:
        return self.messages.get(key)

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        return self.refs if (channel, address) == ("phone", ALICE) else []


class Line:
    """A built channel, its inbox, and what it told about its health."""

    def __init__(self, channel: Channel, inbox: PhoneInbox, health: list[tuple[str, bool, str]], base: str) -> None:
        assert channel.notifier is not None
        self.channel = channel
        self.notifier: Notifier = channel.notifier
        self.inbox = inbox
        self.health = health
        self.base = base


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(listener: socket.socket, routes: list[BaseRoute]) -> AsyncIterator[None]:
    app = Starlette(routes=routes)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def line(twilio: FakeTwilio, *, is_public: bool = True, **more: Any) -> AsyncIterator[Line]:
    """The phone, built as the bot builds it, its routes behind a real web server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        known: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": SecretStr(TOKEN), "from_number": OWNED}
        known |= {"api_url": twilio.url, "public_url": base if is_public else None, "calls_per_second": 100.0}
        inbox, health = PhoneInbox(), list[tuple[str, bool, str]]()
        settings = TwilioSettings.model_validate(known | more)
        channel = build(settings, inbox, lambda: twilio.now, lambda *told: health.append(told))
        async with serving(listener, [cast(BaseRoute, one) for one in channel.routes]):
            result = Line(channel, inbox, health, base)
            try:
                yield result
            finally:
                await result.notifier.close()


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio() as fake:
        yield fake


@pytest.fixture
async def phone(twilio: FakeTwilio) -> AsyncIterator[Line]:
    async with line(twilio) as built:
        yield built


async def sent(built: Line, message: Message = MESSAGE) -> Sent:
    result = await built.notifier.send(message)
    assert isinstance(result, Sent), result
    return result


# A call that is answered ----------------------------------------


async def test_a_call_is_acknowledged_by_the_spoken_digit(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    assert result == Sent({"sid": call.sid}, is_final=False)
    await call.ring()
    assert await call.answer("7") == [*ASKED, SPEECH.confirmed]
    [press] = phone.inbox.presses
    assert (press.verb, press.alert_id, press.dedup) == (Verb.ACK, 12, call.sid)
    assert (press.actor.channel, press.actor.address) == ("phone", ALICE)
    assert phone.inbox.reports == [CallReport(MESSAGE.key, Outcome.ENDED, "SIP 200")]
    assert await phone.notifier.follow(result.ref) == Ended(Outcome.ENDED)


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
    assert phone.inbox.reports == [CallReport(MESSAGE.key, Outcome.HUNG_UP, "SIP 200")]


async def test_a_silent_answer_acknowledges_nothing(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    assert await call.answer() == [*ASKED, *ASKED, *ASKED, SPEECH.goodbye]
    assert phone.inbox.presses == []
    assert [report.outcome for report in phone.inbox.reports] == [Outcome.HUNG_UP]
    assert await phone.notifier.follow(result.ref) == Ended(Outcome.HUNG_UP)


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
        assert await phone.notifier.follow(result.ref) == Ended(Outcome.VOICEMAIL)


# A call that is not answered ----------------------------------------


async def test_calls_that_nobody_answers_are_reported(twilio: FakeTwilio, phone: Line) -> None:
    for _ in range(3):
        await sent(phone)
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
        assert await phone.notifier.follow(result.ref) == Ended(Outcome.HUNG_UP)
        assert twilio.callbacks == []


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("busy", Outcome.BUSY),
        ("no-answer", Outcome.NO_ANSWER),
        ("failed", Outcome.REJECTED),
        ("canceled", Outcome.ENDED),
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


# Callbacks: signed, and harmless twice, late and out of order ----------------------------------------


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


# Stopping a call that nobody needs any more ----------------------------------------


@pytest.mark.parametrize("is_ringing", [False, True])
async def test_a_call_that_is_not_answered_yet_is_cancelled(twilio: FakeTwilio, phone: Line, is_ringing: bool) -> None:
    result = await sent(phone)
    call = await twilio.called()
    if is_ringing:
        await call.ring()
    taken = replace(MESSAGE, tone=Tone.TAKEN)
    assert await phone.notifier.update(taken, result.ref) == Sent(result.ref, is_final=False)
    assert call.status == "canceled"
    assert [report.outcome for report in phone.inbox.reports] == [Outcome.ENDED]
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
    await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), result.ref)
    await talk
    assert call.said == [*ASKED, MESSAGE.summary]


async def test_the_call_in_which_the_digit_was_pressed_is_not_interrupted(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()

    async def stop() -> None:
        await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), result.ref)

    phone.inbox.pressed = stop
    assert await call.answer("7") == [*ASKED, SPEECH.confirmed]


async def test_an_update_tells_of_trouble(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    taken = replace(MESSAGE, tone=Tone.TAKEN)
    twilio.refuse(500)
    assert isinstance(await phone.notifier.update(taken, result.ref), RetryLater)
    twilio.refuse(401, 20003)
    assert isinstance(await phone.notifier.update(taken, result.ref), Rejected)
    twilio.refuse(404, 20404)
    assert isinstance(await phone.notifier.update(taken, result.ref), Sent)


# After a crash ----------------------------------------


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


async def test_a_call_made_long_before_is_not_this_one(twilio: FakeTwilio) -> None:
    async with line(twilio) as before:
        await sent(before)
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
    async with line(twilio) as before:
        first = await sent(before, other)
        assert await before.notifier.reconcile(MESSAGE, START) == NotFound()
        twilio.lose_answer()
        await before.notifier.send(MESSAGE)
        lost = await twilio.called(2)
        assert await before.notifier.reconcile(MESSAGE, START) == Sent({"sid": lost.sid}, is_final=False)
    async with line(twilio) as after:
        after.inbox.refs = [first.ref]
        assert await after.notifier.reconcile(MESSAGE, START) == Sent({"sid": lost.sid}, is_final=False)
        after.inbox.refs = [first.ref, {"sid": lost.sid}]
    async with line(twilio) as again:
        again.inbox.refs = [first.ref, {"sid": lost.sid}]
        assert await again.notifier.reconcile(MESSAGE, START) == NotFound()


async def test_a_callback_tells_whose_a_lost_call_is(twilio: FakeTwilio) -> None:
    other = replace(MESSAGE, key="13.1.0-1", alert_id=13)
    async with line(twilio) as before:
        await sent(before, other)
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


# What can go wrong ----------------------------------------

NEVER = [
    (401, 20003), (403, 20006), (403, None), (404, 20404), (400, 10001), (400, 10002), (400, 10005), (400, 13223),
    (400, 13224), (400, 13225), (400, 13226), (400, 13227), (400, 21201), (400, 21202), (400, 21203), (400, 21205),
    (400, 21210), (400, 21211), (400, 21212), (400, 21213), (400, 21214), (400, 21215), (400, 21216), (400, 21217),
    (400, 21219), (400, 32018), (400, 99999), (400, None), (405, 20004), (307, None), (418, None),
]  # fmt: skip
LATER = [(429, 20429), (429, None), (400, 10004), (400, 22005), (409, None)]
MAYBE = [(500, 20500), (503, 20503), (502, None), (504, None), (520, None), (408, None)]


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


async def test_health_is_told_at_each_change_only(twilio: FakeTwilio, phone: Line) -> None:
    await sent(phone)
    await sent(phone)
    twilio.refuse(400, 21211)
    await phone.notifier.send(MESSAGE)
    for _ in range(2):
        twilio.refuse(401, 20003)
        await phone.notifier.send(MESSAGE)
    await sent(phone)
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


# How calls are made ----------------------------------------


async def test_calls_are_paced(twilio: FakeTwilio) -> None:
    async with line(twilio, calls_per_second=20.0) as phone:
        await asyncio.gather(*(phone.notifier.send(MESSAGE) for _ in range(4)))
    gaps = [later - sooner for sooner, later in zip(twilio.created_at, twilio.created_at[1:], strict=False)]
    assert len(gaps) == 3 and min(gaps) >= 0.05


async def test_the_order_of_a_call(twilio: FakeTwilio) -> None:
    async with line(twilio, machine_detection=True, ring_timeout=timedelta(seconds=20)) as phone:
        await sent(phone)
        call = await twilio.called()
        assert call.order["Url"] == f"{phone.base}/twilio/voice/{MESSAGE.key}"
        assert (call.order["To"], call.order["From"]) == (ALICE, OWNED)
        assert (call.order["Timeout"], call.order["MachineDetection"]) == ("20", "Enable")
        assert call.events == ["initiated", "ringing", "answered", "completed"]


async def test_our_requests_are_those_of_twilios_specification(twilio: FakeTwilio, phone: Line) -> None:
    if not twilio_spec.is_present():
        pytest.skip("../shared/specs/twilio_api_v2010.json is not there: requests are not checked against it")
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
