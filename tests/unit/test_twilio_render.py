"""Speech into TwiML, by Twilio's documented limits."""

from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from channels.message import Message, Speech, Verb
from channels.twilio import render
from channels.twilio.call import CallBook, cost_of, detail_of, outcome_of
from escalation.event import Outcome

SPEECH = Speech(
    language="en-US",
    announcement="NOC wrote: disk full on db-1",
    menu="Press 7.",
    confirmed="Yours.",
    passed_on="Passed on.",
    wrong="Wrong.",
    goodbye="Goodbye.",
    ack_digit="7",
    pass_digit="4",
)


def test_a_question_waits_for_one_digit_and_goes_on_when_none_comes() -> None:
    document = render.ask(
        SPEECH, (SPEECH.menu,), {}, "https://k.example/digit?a=1&b=2", "https://k.example/voice", "Wrong."
    )
    assert document == (
        '<?xml version="1.0" encoding="UTF-8"?><Response>'
        '<Gather action="https://k.example/digit?a=1&amp;b=2" finishOnKey="" input="dtmf" method="POST" numDigits="1"'
        ' timeout="6">'
        '<Say language="en-US" voice="Polly.Joanna">Wrong.</Say>'
        '<Say language="en-US" voice="Polly.Joanna">NOC wrote: disk full on db-1</Say>'
        '<Say language="en-US" voice="Polly.Joanna">Press 7.</Say></Gather>'
        '<Redirect method="POST">https://k.example/voice</Redirect></Response>'
    )


def test_an_announcement_is_said_twice_and_hung_up() -> None:
    tags = [verb.tag for verb in ElementTree.fromstring(render.announce(SPEECH, {}))]
    assert tags == ["Say", "Pause", "Say", "Hangup"]


@pytest.mark.parametrize(
    ("language", "voices", "voice"),
    [
        ("ja-JP", {}, "Polly.Mizuki"),
        ("en-US", {}, "Polly.Joanna"),
        ("cmn-CN", {}, "Polly.Zhiyu"),
        ("ja-JP", {"ja-JP": "Polly.Takumi"}, "Polly.Takumi"),
        ("fr-FR", {}, None),
    ],
)
def test_each_language_has_its_voice(language: str, voices: dict[str, str], voice: str | None) -> None:
    say = ElementTree.fromstring(render.tell(("…",), language, voices))[0]
    assert (say.get("language"), say.get("voice")) == (language, voice)


def test_markup_stays_text() -> None:
    hostile = '</Say><Dial>+1900</Dial><break time="9s"/>&lt;'
    root = ElementTree.fromstring(render.tell((hostile,), "en-US", {}))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
    assert root[0].text == hostile


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("INC-20931: +81 3-1234-5678 #12 (50%)", "INC-20931: +81 3-1234-5678 #12 (50%)"),
        ("a\x00b\x07\r\n\tc", "a b c"),
        ("right\u202eleft\u200b \ufeff\ud800", "rightleft"),
        ("\x85\u2028 \u3000", ""),
        ("【緊急】障害", "【緊急】障害"),
        ("\U0010ffff\ue000\ufffe", ""),
    ],
)
def test_only_what_can_be_spoken_is_left(text: str, spoken: str) -> None:
    assert render.clean(text) == spoken


@pytest.mark.parametrize("char", ["a", "é", "障", "𠮷", "&", " x"])
def test_one_say_keeps_to_twilios_limits(char: str) -> None:
    text = render.fitted(char * 5_000)
    assert text.endswith("…")
    assert len(text.encode()) <= 3_000
    assert len(quote(text, safe="")) <= 4_500
    assert len(text.encode()) > 2_990 - len(char.encode()) or len(quote(text, safe="")) > 4_470


def test_what_fits_exactly_is_not_cut() -> None:
    assert render.fitted("a" * 3_000) == "a" * 3_000
    assert render.fitted("障" * 500) == "障" * 500
    assert render.fitted("a" * 3_001) == "a" * 2_997 + "…"
    assert render.fitted("障" * 501) == "障" * 499 + "…"


@pytest.mark.parametrize("char", ["a", "&", "障"])
def test_an_inline_document_keeps_to_twilios_limit(char: str) -> None:
    speech = replace(SPEECH, announcement=char * 9_000)
    assert 3_000 < len(render.announce(speech, {})) <= 4_000 or char == "障"
    assert len(render.tell_inline(char * 9_000, "en-US", {})) <= 4_000


def test_nothing_to_say_is_no_empty_say() -> None:
    assert [verb.tag for verb in ElementTree.fromstring(render.tell(("", "\x00"), "en-US", {}))] == ["Hangup"]


def test_a_message_without_speech_says_its_summary() -> None:
    speech = render.speech_of(Message(key="k", address="+81", language="en", title="t", summary="Disk full"))
    assert (speech.announcement, speech.menu, speech.ack_digit) == ("Disk full", "", "")


@pytest.mark.parametrize(
    ("status", "answered_by", "was_pressed", "outcome"),
    [
        ("queued", "", False, None),
        ("initiated", "", False, None),
        ("ringing", "", False, None),
        ("in-progress", "machine_start", False, None),
        ("something new", "", False, None),
        ("completed", "", False, Outcome.HUNG_UP),
        ("completed", "human", False, Outcome.HUNG_UP),
        ("completed", "unknown", False, Outcome.HUNG_UP),
        ("completed", "human", True, Outcome.ENDED),
        ("completed", "machine_start", True, Outcome.ENDED),
        ("completed", "machine_end_beep", False, Outcome.VOICEMAIL),
        ("completed", "fax", False, Outcome.VOICEMAIL),
        ("busy", "", False, Outcome.BUSY),
        ("no-answer", "", False, Outcome.NO_ANSWER),
        ("failed", "", False, Outcome.REJECTED),
        ("canceled", "", False, Outcome.ENDED),
    ],
)
def test_what_a_status_means(status: str, answered_by: str, was_pressed: bool, outcome: Outcome | None) -> None:
    assert outcome_of(status, answered_by, was_pressed=was_pressed) is outcome


def test_details_are_digits_only() -> None:
    assert detail_of("486", "") == "SIP 486"
    assert detail_of("", "99999") == "Twilio error 99999"
    assert detail_of("<b>", "²") == ""


def test_the_book_forgets_the_oldest_calls() -> None:
    book = CallBook()
    for number in range(2_001):
        book.note(f"CA{number}", "key")
        book.press(f"CA{number}", Verb.ACK)
    assert (book.key_of("CA0"), book.pressed("CA0")) == (None, None)
    assert (book.key_of("CA1"), book.pressed("CA2000")) == ("key", Verb.ACK)


@pytest.mark.parametrize(
    ("duration", "price", "unit", "cost"),
    [
        (None, None, "USD", {}),
        ("42", None, "USD", {"seconds": "42"}),
        ("0", "-0.02600", "usd", {"seconds": "0", "price": "0.02600", "currency": "USD"}),
        (42, -3, "JPY", {"seconds": "42", "price": "3", "currency": "JPY"}),
        ("-1", "nan", "USD", {}),
        ("²", "1e999", "USD", {}),
        ("", "-0.1", "<b>", {}),
    ],
)
def test_what_a_call_cost(duration: object, price: object, unit: str, cost: dict[str, str]) -> None:
    assert cost_of(SimpleNamespace(duration=duration, price=price, price_unit=unit)) == cost
