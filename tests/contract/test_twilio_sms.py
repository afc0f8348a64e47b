"""Text messages: sent, answered, delivered or not, stopped, and found again after a crash."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from channels.base import CantTell, Ended, NotFound, Ongoing, Rejected, RetryLater, Sent
from channels.inbox import Actor, CallReport, Texted
from channels.message import Message
from channels.twilio.message_fault import LOST, REFUSALS
from channels.twilio.segment import segments
from escalation.event import Outcome
from tests.fakes.twilio import OWNED, START, TOKEN, FakeTwilio
from tests.fakes.twilio_line import ALICE, Line, line, sent
from tests.fakes.twilio_sms import SERVICE, answered

SMS = {"most_segments": 3, "messages_per_second": 100.0}
TEXT = Message(
    key="42.0",
    address=ALICE,
    language="ja",
    title="5分間未読：ディスクフル",
    summary="5分間未読：ディスクフル（NOC）",
    alert_id=42,
    footer="Kidoku #42",
    how="対応するには「42 a」、次の人へは「42 e」と返信してください。",
)


@pytest.fixture
async def sms(twilio: FakeTwilio) -> AsyncIterator[Line]:
    async with line(twilio, is_sms=True, sms=SMS) as built:
        yield built


async def test_a_message_says_how_it_stands_and_how_to_answer(twilio: FakeTwilio, sms: Line) -> None:
    result = await sent(sms, TEXT)
    [text] = twilio.texts
    assert result == Sent({"sid": text.sid}, is_final=False)
    assert text.body.splitlines() == [TEXT.summary, TEXT.footer, TEXT.how]
    assert (text.order["To"], text.order["From"]) == (ALICE, OWNED)
    assert text.order["StatusCallback"] == f"{sms.base}/twilio/sms/status/42.0"


async def test_without_a_public_url_no_answer_is_offered_and_the_delivery_is_asked_for(twilio: FakeTwilio) -> None:
    async with line(twilio, is_sms=True, is_public=False, sms=SMS) as sms:
        assert sms.channel.routes == ()
        result = await sent(sms, TEXT)
        assert TEXT.how not in twilio.texts[0].body and "StatusCallback" not in twilio.texts[0].order
        assert isinstance(await sms.notifier.follow(result.ref), Ongoing)
        await twilio.texts[0].becomes("delivered")
        assert await sms.notifier.follow(result.ref) == Ended(Outcome.ENDED)


async def test_by_a_messaging_service(twilio: FakeTwilio) -> None:
    async with line(twilio, is_sms=True, sms={**SMS, "messaging_service_sid": SERVICE}) as sms:
        await sent(sms, TEXT)
    assert "From" not in twilio.texts[0].order and twilio.texts[0].order["MessagingServiceSid"] == SERVICE


@pytest.mark.parametrize(("per_second", "at_once"), [(0.5, 1), (1.0, 1), (3.0, 3), (100.0, 8)])
async def test_as_many_go_at_once_as_may_in_a_second_and_each_number_is_alone(
    twilio: FakeTwilio, per_second: float, at_once: int
) -> None:
    """Both text messages and those by WhatsApp."""
    async with line(twilio, is_sms=True, sms={**SMS, "messages_per_second": per_second}) as sms:
        found = sms.notifier.capabilities
    assert (found.concurrency, found.is_alone, found.can_reconcile) == (at_once, True, True)


async def test_a_long_text_is_cut_and_its_end_is_not(twilio: FakeTwilio, sms: Line) -> None:
    await sent(sms, replace(TEXT, summary="障害𠮷" * 500))
    [text] = twilio.texts
    assert segments(text.body) == 3
    assert text.body.endswith(f"…\n{TEXT.footer}\n{TEXT.how}")


async def test_control_characters_and_directions_are_taken_out(twilio: FakeTwilio, sms: Line) -> None:
    await sent(sms, replace(TEXT, summary="a\x00b\u202ec\nReply 1 a <b>&"))
    assert twilio.texts[0].body.splitlines()[0] == "a bc Reply 1 a <b>&"


@pytest.mark.parametrize(("status", "words"), LOST.items())
async def test_a_failed_delivery_without_a_code_has_words_too(
    twilio: FakeTwilio, sms: Line, status: str, words: str
) -> None:
    result = await sent(sms, TEXT)
    await twilio.texts[0].becomes(status)
    assert sms.inbox.reports == [CallReport("42.0", Outcome.REJECTED, words)]
    ended = await sms.notifier.follow(result.ref)
    assert isinstance(ended, Ended) and (ended.outcome, ended.detail) == (Outcome.REJECTED, words)


async def test_what_passes_is_tried_again_and_a_lost_answer_may_have_been_sent(twilio: FakeTwilio, sms: Line) -> None:
    for status, code, maybe in ((429, 20429, False), (503, 20503, True), (500, None, True)):
        twilio.refuse(status, code)
        result = await sms.notifier.send(TEXT)
        assert isinstance(result, RetryLater) and result.maybe_sent is maybe
    twilio.lose_answer()
    result = await sms.notifier.send(TEXT)
    assert isinstance(result, RetryLater) and result.maybe_sent
    assert await sms.notifier.reconcile(TEXT, START) == Sent({"sid": twilio.texts[0].sid}, is_final=False)


async def test_deliveries_are_reported_once_each_and_only_their_end(twilio: FakeTwilio, sms: Line) -> None:
    await sent(sms, TEXT)
    for status in ("queued", "sending", "sent", "delivered", "delivered"):
        await twilio.texts[0].becomes(status)
    assert set(sms.inbox.reports) == {CallReport("42.0", Outcome.ENDED)}
    assert {one.status for one in twilio.callbacks} == {204}


async def test_an_operator_that_never_tells_is_not_waited_for_for_ever(twilio: FakeTwilio, sms: Line) -> None:
    result = await sent(sms, TEXT)
    await twilio.texts[0].becomes("sent")
    assert isinstance(await sms.notifier.follow(result.ref), Ongoing)
    twilio.now += timedelta(minutes=61)
    ended = await sms.notifier.follow(result.ref)
    assert isinstance(ended, Ended) and ended.outcome is Outcome.ENDED


async def test_after_a_crash_a_message_of_another_alert_or_of_long_ago_is_not_taken(
    twilio: FakeTwilio, sms: Line
) -> None:
    await sent(sms, replace(TEXT, footer="Kidoku #4"))
    assert await sms.notifier.reconcile(TEXT, START) == NotFound()
    old = await sent(sms, TEXT)
    assert await sms.notifier.reconcile(TEXT, START + timedelta(minutes=3)) == NotFound()
    sms.inbox.refs["sms", ALICE] = [old.ref]
    assert await sms.notifier.reconcile(TEXT, START) == NotFound()
    twilio.refuse(503)
    answer = await sms.notifier.reconcile(TEXT, START)
    assert isinstance(answer, CantTell) and not answer.is_final
    twilio.refuse(401, 20003)
    answer = await sms.notifier.reconcile(TEXT, START)
    assert isinstance(answer, CantTell) and answer.is_final


# People --------------------------------------------------------------------------------------------------------------


def written(body: str, sid: str = "SM" + "a" * 32, **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": ALICE, "To": OWNED, "Body": body, "NumMedia": "0"} | more


async def test_an_answer_goes_to_the_inbox_and_what_came_of_it_goes_back(twilio: FakeTwilio, sms: Line) -> None:
    callback = await twilio.post(f"{sms.base}/twilio/sms", written("４２　了解"))
    assert sms.inbox.texts == [Texted("４２　了解", Actor("sms", ALICE), "SM" + "a" * 32)]
    assert answered(callback) == ["done: <b> & typed"]


@pytest.mark.parametrize("signature", ["", "bm90IGEgc2lnbmF0dXJl", "é"])
async def test_nothing_happens_without_the_signature(twilio: FakeTwilio, sms: Line, signature: str) -> None:
    for path, form in (("", written("STOP")), ("/status/42.0", {"MessageStatus": "failed"})):
        answer = await twilio.post(f"{sms.base}/twilio/sms{path}", form, signature)
        assert answer.status == 403
    assert (sms.inbox.texts, sms.inbox.stopped, sms.inbox.reports) == ([], {}, [])


async def test_a_signature_holds_for_one_message_only(twilio: FakeTwilio, sms: Line) -> None:
    callback = await twilio.post(f"{sms.base}/twilio/sms", written("42 a"))
    forged = await twilio.post(callback.url, written("42 e"), callback.signature)
    assert forged.status == 403 and len(sms.inbox.texts) == 1


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "停止", "ＳＴＯＰ", "配信停止", "退订"])
async def test_stop_is_respected_and_start_takes_it_back(twilio: FakeTwilio, sms: Line, word: str) -> None:
    callback = await twilio.post(f"{sms.base}/twilio/sms", written(word))
    assert sms.inbox.stopped == {("sms", ALICE): True}
    # Twilio answers its own words itself, and lets nothing through any more.
    assert answered(callback) == ([] if word.isascii() or word == "ＳＴＯＰ" else ["no more"])
    result = await sms.notifier.send(TEXT)
    assert isinstance(result, Rejected) and twilio.texts == []
    await twilio.post(f"{sms.base}/twilio/sms", written("再開", "SM" + "b" * 32))
    assert isinstance(await sms.notifier.send(TEXT), Sent)


async def test_a_signature_of_before_does_nothing_twice(twilio: FakeTwilio, sms: Line) -> None:
    """Twilio signs no time, so an old request is a good one for ever: each message counts once."""
    path = f"{sms.base}/twilio/sms"
    begun = await twilio.post(path, written("START", "SM" + "1" * 32))
    ended = await twilio.post(path, written("停止", "SM" + "2" * 32))
    again = await twilio.post(path, begun.form, begun.signature)
    assert (again.status, again.body) == (200, begun.body)
    assert sms.inbox.stopped == {("sms", ALICE): True}
    await twilio.post(path, written("START", "SM" + "3" * 32))
    # To whoever wrote it: Twilio delivers again what it got no answer to.
    assert answered(await twilio.post(path, ended.form, ended.signature)) == ["no more"]
    assert sms.inbox.stopped == {}
    # The text of one message with the id of another is not what was signed.
    forged = await twilio.post(path, written("START", "SM" + "4" * 32), begun.signature)
    assert forged.status == 403


async def test_stop_at_twilio_marks_the_contact_and_twilio_is_asked_again(twilio: FakeTwilio, sms: Line) -> None:
    twilio.sms.stopped.add(ALICE)
    assert isinstance(await sms.notifier.send(TEXT), Rejected)
    assert sms.inbox.stopped == {("sms", ALICE): False}
    twilio.sms.stopped.clear()
    assert isinstance(await sms.notifier.send(TEXT), Sent)


async def test_what_twilio_says_of_a_word_goes_before_our_list(twilio: FakeTwilio, sms: Line) -> None:
    await twilio.post(f"{sms.base}/twilio/sms", written("やめて", OptOutType="STOP"))
    assert sms.inbox.stopped == {("sms", ALICE): True}
    await twilio.post(f"{sms.base}/twilio/sms", written("HELP", OptOutType="HELP"))
    await twilio.post(f"{sms.base}/twilio/sms", written("stop the bleeding on 42"))
    assert [one.text for one in sms.inbox.texts] == ["stop the bleeding on 42"]


async def test_no_secret_and_no_number_leaks(twilio: FakeTwilio, sms: Line) -> None:
    told: list[object] = []
    with capture_logs() as logs:
        for code in REFUSALS:
            twilio.refuse(400, code)
            told.append(await sms.notifier.send(TEXT))
        await twilio.post(f"{sms.base}/twilio/sms", written("42 a"), "wrong")
    shown = repr([told, logs, sms.health, sms.notifier, sms.channel])
    assert TOKEN not in shown and ALICE not in shown and quote(ALICE) not in shown
