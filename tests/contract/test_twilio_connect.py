"""Being connected with a sender at the channel's border: what Twilio is told, and what comes of what it tells."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from channels.base import Ended, NotFound, Ongoing, RetryLater, Sent
from channels.inbox import Reply
from channels.message import Tone
from escalation.event import Outcome
from tests.fakes.senders import LINE, NOC
from tests.fakes.twilio import OWNED, OWNED_TOO, FakeTwilio
from tests.fakes.twilio_leg import Leg
from tests.fakes.twilio_line import ALICE, MESSAGE, Line, line, sent
from tests.fakes.twilio_phone import ACCOUNT, Phone

SID = "CA" + "7" * 32
DIAL = '<Dial callerId="%s"><Number>%s</Number></Dial>'


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio() as fake:
        yield fake


@pytest.fixture
async def phone(twilio: FakeTwilio) -> AsyncIterator[Line]:
    async with line(
        twilio, from_numbers=[OWNED_TOO], connect={"ring": timedelta(seconds=20), "longest": timedelta(minutes=10)}
    ) as built:
        built.inbox.line = LINE
        yield built


def form(**more: str) -> dict[str, str]:
    return {"CallSid": SID, "AccountSid": ACCOUNT, "From": OWNED_TOO, "To": ALICE, "Digits": LINE.digit} | more


async def pressed(twilio: FakeTwilio, phone: Line, turn: str = "1", **more: str) -> ElementTree.Element:
    url = f"{phone.base}/twilio/connect/{MESSAGE.key}?turn={turn}"
    return ElementTree.fromstring((await twilio.post(url, form(**more))).body)


def leg_of(twilio: FakeTwilio, number: str = ALICE) -> Leg:
    """One that Twilio knows, and nobody here was told of."""
    parent = Phone(twilio, SID, {"To": [ALICE], "From": [OWNED]})
    parent.status = "in-progress"
    made = Leg(twilio, parent, "CA" + "8" * 32, ElementTree.fromstring(DIAL % (OWNED, number)))
    made.started_at, made.status = twilio.now, "in-progress"
    twilio.phones.append(parent)
    twilio.legs.append(made)
    return made


async def test_who_is_rung_and_how(twilio: FakeTwilio, phone: Line) -> None:
    root = await pressed(twilio, phone)
    assert [one.tag for one in root] == ["Say", "Dial"] and root[0].text == LINE.calling
    dial, [number] = root[1], root[1]
    [call] = phone.inbox.sender_calls
    assert len(call.id) <= 25 and call.ref == {"parent": SID} and call.actor.address == ALICE
    assert dict(dial.attrib) == {
        "action": f"{phone.base}/twilio/connected/{MESSAGE.key}?turn=1",
        "method": "POST",
        "callerId": OWNED_TOO,
        "timeout": "20",
        "timeLimit": "600",
        "hangupOnStar": "true",
    }
    assert dict(number.attrib) == {
        "url": f"{phone.base}/twilio/whisper/{call.id}",
        "method": "POST",
        "statusCallback": f"{phone.base}/twilio/leg/{call.id}",
        "statusCallbackEvent": "initiated answered completed",
        "statusCallbackMethod": "POST",
    }
    assert number.text == NOC


@pytest.mark.parametrize(
    ("caller", "to", "shown"),
    [(OWNED, ALICE, OWNED), (ALICE, OWNED_TOO, OWNED_TOO), ("+8613800000000", "+81501111111", OWNED), ("", "", OWNED)],
)
async def test_the_number_that_is_shown_is_ours(
    twilio: FakeTwilio, phone: Line, caller: str, to: str, shown: str
) -> None:
    root = await pressed(twilio, phone, From=caller, To=to)
    assert root[1].get("callerId") == shown


@pytest.mark.parametrize(
    ("turn", "digit"), [("0", LINE.digit), ("4", LINE.digit), ("x", LINE.digit), ("1", "9"), ("1", "")]
)
async def test_no_other_key_rings_anybody(twilio: FakeTwilio, phone: Line, turn: str, digit: str) -> None:
    root = await pressed(twilio, phone, turn, Digits=digit)
    assert [one.tag for one in root] == ["Redirect"]
    assert root[0].text == f"{phone.base}/twilio/onward/{MESSAGE.key}"
    assert phone.inbox.sender_calls == []


async def test_who_may_not_is_told_why(twilio: FakeTwilio, phone: Line) -> None:
    phone.inbox.connect_reply = Reply("だめです。<Dial>+819099999999</Dial>", is_done=False)
    root = await pressed(twilio, phone)
    assert [one.tag for one in root] == ["Say", "Redirect"] and root[0].text == phone.inbox.connect_reply.text


@pytest.mark.parametrize(
    ("status", "more", "outcome"),
    [
        ("completed", {"DialBridged": "true", "DialCallDuration": "61"}, Outcome.ENDED),
        ("completed", {}, Outcome.ENDED),
        ("answered", {"DialBridged": "true"}, Outcome.ENDED),
        ("completed", {"DialBridged": "false"}, Outcome.HUNG_UP),
        ("busy", {"DialBridged": "false"}, Outcome.BUSY),
        ("no-answer", {}, Outcome.NO_ANSWER),
        ("canceled", {}, Outcome.NO_ANSWER),
        ("failed", {}, Outcome.REJECTED),
        ("unheard-of", {}, Outcome.REJECTED),
        ("", {}, Outcome.REJECTED),
    ],
)
async def test_every_end_of_a_dial(
    twilio: FakeTwilio, phone: Line, status: str, more: dict[str, str], outcome: Outcome
) -> None:
    url = f"{phone.base}/twilio/connected/{MESSAGE.key}?turn=1"
    answer = await twilio.post(url, form(DialCallStatus=status, DialCallSid="CA" + "8" * 32, **more))
    [report] = phone.inbox.leg_reports
    assert (report.outcome, report.ref) == (outcome, {"sid": "CA" + "8" * 32})
    assert report.seconds == int(more.get("DialCallDuration", "0"))
    said = [one.text for one in ElementTree.fromstring(answer.body).iter("Say")]
    assert said == [LINE.ended[outcome], LINE.again]


async def test_the_whisper_is_for_whom_was_dialled(twilio: FakeTwilio, phone: Line) -> None:
    await pressed(twilio, phone)
    [call] = phone.inbox.sender_calls
    known = await twilio.post(f"{phone.base}/twilio/whisper/{call.id}", form(To=NOC))
    assert [one.tag for one in ElementTree.fromstring(known.body)] == ["Say"]
    other = await twilio.post(f"{phone.base}/twilio/whisper/s0", form(To=NOC))
    assert [one.tag for one in ElementTree.fromstring(other.body)] == ["Hangup"]


async def test_the_leg_is_a_line_until_its_end_whatever_comes_after(twilio: FakeTwilio, phone: Line) -> None:
    await pressed(twilio, phone)
    [call] = phone.inbox.sender_calls
    url, message = f"{phone.base}/twilio/leg/{call.id}", replace(MESSAGE, key="9.0", address=NOC)
    leg = leg_of(twilio, NOC)
    begun = form(CallSid=leg.sid, To=NOC, CallStatus="initiated")
    assert (await twilio.post(url, begun)).status == 204
    twilio.now += timedelta(minutes=29)
    assert isinstance(await phone.notifier.send(message), RetryLater), "longer than any other call"
    await twilio.post(url, form(CallSid=leg.sid, To=NOC, CallStatus="completed", CallDuration="9"))
    assert isinstance(await phone.notifier.send(message), Sent)
    (await twilio.called()).status = "completed"
    dial = form(DialCallStatus="completed", DialCallSid=leg.sid)
    await twilio.post(f"{phone.base}/twilio/connected/{MESSAGE.key}?turn=1", dial)
    # Late, and out of order.
    await twilio.post(url, begun)
    assert isinstance(await phone.notifier.send(replace(message, key="9.1")), Sent)


async def test_only_the_dial_tells_that_they_were_connected(twilio: FakeTwilio, phone: Line) -> None:
    await pressed(twilio, phone)
    [call] = phone.inbox.sender_calls
    await twilio.post(f"{phone.base}/twilio/leg/{call.id}", form(CallSid="CA" + "8" * 32, CallStatus="completed"))
    assert [(one.ref, one.outcome) for one in phone.inbox.leg_reports] == [({"sid": "CA" + "8" * 32}, None)]


@pytest.mark.parametrize("step", ["connect", "connected"])
async def test_whoever_talks_with_the_sender_is_on_the_phone(twilio: FakeTwilio, phone: Line, step: str) -> None:
    """However long ago their call was made, and after a restart."""
    leg_of(twilio, NOC)
    url, talk = f"{phone.base}/twilio/{step}/{MESSAGE.key}?turn=1", form(DialCallStatus="busy")
    await twilio.post(url, talk | {"CallStatus": "in-progress"})
    assert isinstance(await phone.notifier.send(replace(MESSAGE, key="9.0")), RetryLater)
    twilio.phones[0].status = "completed"
    assert isinstance(await phone.notifier.send(replace(MESSAGE, key="9.0")), Sent)
    twilio.phones[1].status = "completed"
    await twilio.post(url, talk | {"CallStatus": "completed"})
    asked = len(twilio.requests)
    assert isinstance(await phone.notifier.send(replace(MESSAGE, key="9.1")), Sent)
    assert len([one for one in twilio.requests[asked:] if SID in one[1]]) == 0, "they have hung up"


async def test_what_twilio_tells_of_no_call_rings_nobody_and_is_asked_about_by_nobody(
    twilio: FakeTwilio, phone: Line
) -> None:
    root = await pressed(twilio, phone, CallSid="")
    assert [one.tag for one in root] == ["Redirect"] and phone.inbox.sender_calls == []
    await pressed(twilio, phone)
    [call] = phone.inbox.sender_calls
    for status in ("completed", "initiated"):
        answer = await twilio.post(f"{phone.base}/twilio/leg/{call.id}", form(CallSid="", To=NOC, CallStatus=status))
        assert answer.status == 204
    assert [one.ref for one in phone.inbox.leg_reports] == [{}, {}]
    assert isinstance(await phone.notifier.send(replace(MESSAGE, key="9.0", address=NOC)), Sent)
    assert not [path for _, path, _ in twilio.requests if path.endswith("/Calls/.json")]


async def test_a_call_of_which_somebody_may_be_connected_lasts_longer(twilio: FakeTwilio, phone: Line) -> None:
    """As much as all the talks that it may come to, and what is said beside them."""
    await sent(phone)
    dials = [(await pressed(twilio, phone, str(turn)))[1] for turn in (1, 2, 3)]
    talks = sum(int(one.get("timeLimit", "")) + int(one.get("timeout", "")) for one in dials)
    assert (await twilio.called()).order["TimeLimit"] == str(600 + talks)


async def test_whoever_talks_with_the_sender_is_not_cut_off(twilio: FakeTwilio, phone: Line) -> None:
    result = await sent(phone)
    call = await twilio.called()
    call.status = "in-progress"
    phone.inbox.talking = [{"parent": call.sid}]
    taken = replace(MESSAGE, tone=Tone.TAKEN)
    assert await phone.notifier.update(taken, result.ref) == Sent(result.ref, is_final=False)
    assert call.said == [] and not [one for one in twilio.requests if "Twiml" in one[2]]
    phone.inbox.talking = []
    await phone.notifier.update(taken, result.ref)
    assert [one for one in twilio.requests if "Twiml" in one[2]]


async def test_a_leg_is_never_ended_by_news(twilio: FakeTwilio, phone: Line) -> None:
    leg = leg_of(twilio)
    ref = {"parent": SID, "sid": leg.sid}
    assert await phone.notifier.update(replace(MESSAGE, tone=Tone.TAKEN), ref) == Sent(ref, is_final=False)
    assert twilio.requests == []


async def test_a_leg_is_not_taken_for_a_page_that_was_lost(twilio: FakeTwilio, phone: Line) -> None:
    leg_of(twilio, ALICE)
    twilio.phones.clear()
    assert await phone.notifier.reconcile(MESSAGE, twilio.now - timedelta(seconds=5)) == NotFound()


@pytest.mark.parametrize("ref", [{"parent": SID}, {"parent": SID, "sid": "CA" + "8" * 32}])
async def test_what_became_of_a_leg_is_asked(twilio: FakeTwilio, phone: Line, ref: dict[str, str]) -> None:
    leg = leg_of(twilio)
    assert isinstance(await phone.notifier.follow(ref), Ongoing)
    leg.status, leg.seconds = "completed", 61
    assert isinstance(await phone.notifier.follow(ref), Ongoing), "the end of the dial will tell more"
    leg.price = "-0.1"
    cost = {"seconds": "61", "price": "0.1", "currency": "USD"}
    assert await phone.notifier.follow(ref) == Ended(Outcome.ENDED, cost=cost)
    leg.price, leg.parent.status = None, "completed"
    assert await phone.notifier.follow(ref) == Ended(Outcome.ENDED, cost={"seconds": "61"})
    twilio.phones.clear()
    assert await phone.notifier.follow(ref) == Ended(Outcome.ENDED, cost={"seconds": "61"})
    leg.status = "canceled"
    ended = await phone.notifier.follow(ref)
    assert isinstance(ended, Ended) and ended.outcome is Outcome.NO_ANSWER


async def test_a_leg_that_was_never_made(twilio: FakeTwilio, phone: Line) -> None:
    leg = leg_of(twilio)
    twilio.legs.clear()
    assert isinstance(await phone.notifier.follow({"parent": SID}), Ongoing)
    leg.parent.status = "completed"
    ended = await phone.notifier.follow({"parent": SID})
    assert isinstance(ended, Ended) and ended.outcome is Outcome.REJECTED
    gone = await phone.notifier.follow({"parent": "CA" + "6" * 32})
    assert isinstance(gone, Ended) and gone.outcome is Outcome.REJECTED


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (429, 20429), (500, 20500), (400, None)])
async def test_a_leg_is_asked_about_until_twilio_answers(
    twilio: FakeTwilio, phone: Line, status: int, code: Any
) -> None:
    leg_of(twilio)
    twilio.refuse(status, code)
    assert isinstance(await phone.notifier.follow({"parent": SID}), RetryLater)


async def test_the_second_account_rings_from_its_own_number(twilio: FakeTwilio) -> None:
    other = "AC" + "f" * 32
    fallback = {"account_sid": other, "auth_token": "another-token", "from_number": "+815055556666"}
    async with line(twilio, connect={}, fallback=fallback) as phone, FakeTwilio(other, "another-token") as second:
        phone.inbox.line = LINE
        url = f"{phone.base}/twilio/connect/{MESSAGE.key}?turn=1"
        answer = await second.post(url, form(AccountSid=other, From="+815055556666"))
        assert ElementTree.fromstring(answer.body)[1].get("callerId") == "+815055556666"
        [call] = phone.inbox.sender_calls
        assert call.ref == {"parent": SID, "account": other}
        assert (await twilio.post(url, form(AccountSid=other))).status == 403
