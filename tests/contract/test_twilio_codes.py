"""Every error that Twilio documents for calls and messages, and what comes of it.

https://www.twilio.com/docs/api/errors has a page for each: what is expected stands here, written from these pages, and
is taken from no table of ours.
"""

from collections.abc import AsyncIterator, Mapping

import pytest

from channels.base import CantTell, Ended, Rejected, RetryLater, Sent
from channels.twilio import fault, message_fault
from escalation.event import Outcome
from tests.contract.test_twilio_sms import SMS, TEXT
from tests.fakes.twilio import START, FakeTwilio
from tests.fakes.twilio_line import MESSAGE, Line, line, sent

# Calls: https://www.twilio.com/docs/voice/api/call-resource -----------------------------------------------------------

CALL_NEVER = {
    13223: "not written as a phone number",
    13224: "can't call this number",
    13225: "forbids calls to this number",
    13226: "country code does not exist",
    13227: "Geo permissions",
    20001: "unknown parameter",
    20404: "account_sid and api_url",
    21200: "does not take the request",
    21201: "no number to call",
    21202: "premium number",
    21203: "other countries",
    21205: "public_url",
    21208: "ring_timeout",
    21211: "not valid",
    21214: "can't be reached",
    21215: "Geo permissions",
    21216: "blocks calls",
    21217: "does not appear to be valid",
    21219: "verified",
    21220: "not in a state",
    21609: "public_url",
    21626: "unknown parameter",
    32018: "too long",
    32205: "Geo permissions",
}
"""Of this call. Others may be made."""
CALL_DOWN = {
    10001: "not active",
    10002: "upgrade",
    10003: "not active",
    10005: "disabled",
    20003: "don't fit together",
    20004: "method",
    20005: "not active",
    20006: "may not do this",
    20008: "live ones",
    20403: "may not do this",
    21210: "from_number",
    21212: "from_number",
    21213: "from_number",
}
"""No call at all can be made until somebody mends it: the administrators are told."""
CALL_LATER = {
    10004: "too many calls at once",
    20429: "too many requests",
    20500: "inside Twilio",
    20503: "out of service",
    22005: "queue of calls",
}

# Messages: https://www.twilio.com/docs/messaging/api/message-resource -------------------------------------------------

TEXT_NEVER = {
    21211: "not valid",
    21214: "can't get text messages",
    21215: "this country",
    21217: "does not appear to be valid",
    21265: "short code",
    21266: "comes from",
    21408: "this country",
    21602: "no text",
    21604: "no number",
    21605: "too long",
    21608: "verified",
    21609: "public_url",
    21610: "STOP",
    21612: "can't reach this number",
    21614: "no mobile phone",
    21617: "too long",
    21618: "can't send this text",
    21619: "neither text nor picture",
    21620: "address of a picture",
    21623: "address of a picture",
    21635: "landline",
    21651: "gets no text messages",
    21654: "template that does not exist",
    21655: "template that does not exist",
    21656: "template's values",
    21658: "template's values",
    21704: "can write to this country",
    21910: "two different services",
    21911: "two different services",
    30038: "holds messages like this one back",
    30039: "part of a loop",
    30044: "this length",
    63003: "no WhatsApp",
    63013: "does not take this text",
    63014: "blocks the sender",
    63015: "sandbox",
    63016: "approved template",
    63021: "does not take this text",
    63023: "does not say why",
    63024: "can't get messages by WhatsApp",
    63027: "this language",
    63028: "placeholders",
    63032: "does not let this person",
    63040: "refused the template",
    63041: "paused the template",
    63042: "disabled the template",
    63049: "chose not to deliver",
}
TEXT_DOWN = {
    21212: "not valid",
    21219: "verified",
    21267: "no trial",
    21401: "not valid",
    21601: "can't send any",
    21603: "there is none",
    21606: "no number of this account that can",
    21607: "no number of this account",
    21616: "more than one account",
    21659: "no number of Twilio's",
    21660: "no number of this account",
    21661: "calls only",
    21701: "messaging_service_sid",
    21702: "messaging_service_sid",
    21703: "no number to send from",
    21705: "messaging_service_sid",
    30034: "not registered",
    63001: "credentials",
    63002: "does not know it",
    63007: "does not know it",
    63008: "not set up rightly",
    63020: "not confirmed",
    63038: "as it may today",
}
TEXT_LATER = {
    14107: "too many text messages to one number",
    20429: "too many requests",
    21611: "queue of text messages",
    63012: "inside WhatsApp",
    63018: "limits how much",
}
DELIVERY = {
    30001: "queue",
    30002: "suspended",
    30003: "off, or out of reach",
    30004: "blocks the message",
    30005: "no such number",
    30006: "landline",
    30007: "filters",
    30008: "does not say why",
    30009: "a part of the message was lost",
    30010: "cost more",
    30011: "no pictures",
    30017: "congested",
    30018: "registered",
    30019: "larger",
    30022: "limits how much",
    30023: "in a day",
    30024: "not prepared",
    30032: "toll-free",
    30033: "campaign is suspended",
    30034: "not registered",
    30035: "messaging service",
    30036: "in time",
    30037: "disabled",
    30410: "did not answer in time",
    30450: "what it says",
    30453: "protect the account",
    30454: "as it may today",
    30500: "inside Twilio",
}
"""What becomes of a message that Twilio has taken: it is over, and somebody else is told at once."""

MAYBE = {20500, 20503, 63012}
"""It may have been done all the same."""
STATUS = {20003: 401, 20006: 403, 20403: 403, 20404: 404, 20004: 405, 20429: 429, 20500: 500, 20503: 503}
CALL = CALL_NEVER | CALL_DOWN | CALL_LATER
TEXTS = TEXT_NEVER | TEXT_DOWN | TEXT_LATER


@pytest.fixture
async def sms(twilio: FakeTwilio) -> AsyncIterator[Line]:
    async with line(twilio, is_sms=True, sms=SMS) as built:
        yield built


def test_no_code_of_the_tables_is_left_out_here() -> None:
    assert set(fault.CODES) == set(CALL)
    assert set(message_fault.REFUSALS) == set(TEXTS)
    assert set(message_fault.DELIVERIES) == set(DELIVERY)


def refuse(twilio: FakeTwilio, code: int) -> None:
    twilio.refuse(STATUS.get(code, 400), code)


def check(result: object, code: int, words: Mapping[int, str], later: Mapping[int, str]) -> None:
    """Never: the step goes to its ``else`` at once. Later: it is tried again, by the whole channel."""
    if code in later:
        assert isinstance(result, RetryLater) and result.is_channel_wide
        assert result.maybe_sent is (code in MAYBE)
    else:
        assert isinstance(result, Rejected)
    assert words[code] in result.reason and f"Twilio error {code}" in result.reason


@pytest.mark.parametrize("code", CALL)
async def test_a_call_that_is_refused(twilio: FakeTwilio, phone: Line, code: int) -> None:
    refuse(twilio, code)
    check(await phone.notifier.send(MESSAGE), code, CALL, CALL_LATER)
    assert [up for _, up, _ in phone.health] == [code not in CALL_DOWN and STATUS.get(code, 400) < 500]
    assert twilio.phones == []
    await sent(phone)


@pytest.mark.parametrize("code", CALL)
async def test_a_call_that_can_t_be_asked_about_is_asked_about_again(
    twilio: FakeTwilio, phone: Line, code: int
) -> None:
    """What left is followed to its end, unless Twilio knows it no more."""
    result = await sent(phone)
    refuse(twilio, code)
    told = await phone.notifier.follow(result.ref)
    assert isinstance(told, Ended if code == 20404 else RetryLater)
    refuse(twilio, code)
    found = await phone.notifier.reconcile(MESSAGE, START)
    # One that this process knows it need not ask about.
    assert isinstance(found, Sent) or (isinstance(found, CantTell) and found.is_final is (code not in CALL_LATER))


@pytest.mark.parametrize("code", TEXTS)
async def test_a_message_that_is_refused(twilio: FakeTwilio, sms: Line, code: int) -> None:
    refuse(twilio, code)
    check(await sms.notifier.send(TEXT), code, TEXTS, TEXT_LATER)
    assert [up for _, up, _ in sms.health] == [code not in TEXT_DOWN]
    assert twilio.texts == []


@pytest.mark.parametrize("code", [code for code in CALL if code not in TEXTS and not 21200 <= code <= 21299])
async def test_a_message_that_is_refused_as_a_call_would_be(twilio: FakeTwilio, sms: Line, code: int) -> None:
    """The account and the network are the same."""
    refuse(twilio, code)
    check(await sms.notifier.send(TEXT), code, CALL, CALL_LATER)


@pytest.mark.parametrize("code", TEXTS)
async def test_a_message_that_can_t_be_asked_about_is_asked_about_again(
    twilio: FakeTwilio, sms: Line, code: int
) -> None:
    result = await sent(sms, TEXT)
    refuse(twilio, code)
    assert isinstance(await sms.notifier.follow(result.ref), RetryLater)
    refuse(twilio, code)
    found = await sms.notifier.reconcile(TEXT, START)
    assert isinstance(found, CantTell) and found.is_final is (code not in TEXT_LATER)


@pytest.mark.parametrize("code", DELIVERY)
async def test_a_message_that_does_not_arrive(twilio: FakeTwilio, sms: Line, code: int) -> None:
    result = await sent(sms, TEXT)
    await twilio.texts[0].becomes("undelivered", code)
    [report] = sms.inbox.reports
    assert (report.key, report.outcome) == ("42.0", Outcome.REJECTED)
    ended = await sms.notifier.follow(result.ref)
    assert isinstance(ended, Ended) and ended.outcome is Outcome.REJECTED
    for detail in (report.detail, ended.detail):
        assert DELIVERY[code] in detail and f"(Twilio error {code})" in detail


@pytest.mark.parametrize("code", [21211, 20003, 30500, 30022, 99999])
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_the_status_says_will_pass_is_never_final(
    twilio: FakeTwilio, sms: Line, status: int, code: int
) -> None:
    twilio.refuse(status, code)
    result = await sms.notifier.send(TEXT)
    assert isinstance(result, RetryLater) and result.is_channel_wide
    assert result.maybe_sent is (status >= 500)
