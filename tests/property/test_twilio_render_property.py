"""Whatever a mail says, what Twilio gets is well-formed TwiML within its limits, and the text in it is only text."""

from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.message import Speech
from channels.twilio import render
from tests.fakes.hostile import HUGE, TEXT

LONG = st.builds(lambda text, times: text * times, TEXT, st.integers(1, 400))


def speech(announcement: str, menu: str) -> Speech:
    return Speech(
        language="ja-JP",
        announcement=announcement,
        menu=menu,
        confirmed="c",
        passed_on="p",
        wrong="w",
        goodbye="g",
        ack_digit="1",
        pass_digit="2",
    )


def said(document: str) -> list[str]:
    """The texts of a document, which must hold nothing else than the verbs that we use."""
    root = ElementTree.fromstring(document.encode())
    verbs = {"Response", "Say", "Gather", "Redirect", "Pause", "Hangup"}
    assert {one.tag for one in root.iter()} <= verbs | {"Dial", "Number"}
    says = list(root.iter("Say"))
    assert all(not list(say) and set(say.attrib) == {"language", "voice"} for say in says)
    return [say.text or "" for say in says]


@given(LONG, TEXT, TEXT)
def test_a_question_says_the_text_and_nothing_else(announcement: str, menu: str, before: str) -> None:
    document = render.ask(speech(announcement, menu), (menu,), {}, "https://k.example/d", "https://k.example/v", before)
    texts = said(document)
    assert texts == [text for text in map(render.fitted, (before, announcement, menu)) if text]
    assert all(len(text.encode()) <= 3_000 and len(quote(text, safe="")) <= 4_500 for text in texts)
    assert len(document.encode()) <= 64 * 1024


@given(LONG)
def test_an_inline_document_holds_4000_characters_at_most(text: str) -> None:
    for document in (render.announce(speech(text, ""), {}), render.tell_inline(text, "ja-JP", {})):
        assert len(document) <= 4_000
        texts = said(document)
        assert bool(texts) == bool(render.clean(text))


@given(TEXT)
@settings(max_examples=300)
def test_cleaning_twice_is_cleaning_once_and_keeps_what_is_readable(text: str) -> None:
    once = render.clean(text)
    assert render.clean(once) == once
    assert [one for one in once if one.isascii() and one.isalnum()] == [
        one for one in text if one.isascii() and one.isalnum()
    ]


@given(st.text(alphabet="ab 障", max_size=2_000))
def test_a_short_text_is_said_whole(text: str) -> None:
    spoken = render.clean(text)
    if len(spoken.encode()) <= 3_000 and len(quote(spoken, safe="")) <= 4_500:
        assert render.fitted(text) == spoken
    else:
        assert spoken.startswith(render.fitted(text).removesuffix("…"))


@given(st.lists(LONG, max_size=3))
def test_the_question_for_the_pin_says_the_texts_and_nothing_else(texts: list[str]) -> None:
    document = render.ask_pin(texts, "ja-JP", {}, "https://k.example/pin?turn=1", "https://k.example/?silent=1&turn=1")
    assert said(document) == [text for text in map(render.fitted, texts) if text]


@given(LONG)
def test_going_on_says_the_text_and_nothing_else(text: str) -> None:
    assert said(render.go_on(text, "ja-JP", {}, "https://k.example/m")) == [
        one for one in (render.fitted(text),) if one
    ]


RING = render.Ring(
    number="+81399990000",
    caller_id="+815012345678",
    timeout=30,
    time_limit=1_800,
    whisper="https://k.example/w",
    status="https://k.example/s",
    action="https://k.example/a?turn=1",
)


@given(LONG)
def test_whatever_a_sender_is_called_only_the_number_of_the_settings_is_rung(text: str) -> None:
    document = render.connect(text, "ja-JP", {}, RING)
    assert said(document) == [one for one in [render.fitted(text)] if one]
    root = ElementTree.fromstring(document.encode())
    assert [one.text for one in root.iter("Number")] == [RING.number]
    assert [one.tag for one in root][-1] == "Dial" and len(list(root.iter("Dial"))) == 1
    assert root[-1].get("action") == RING.action


@given(LONG)
def test_the_sender_hears_the_text_and_nothing_else(text: str) -> None:
    document = render.whisper(text, "ja-JP", {})
    assert said(document) == [one for one in [render.fitted(text)] if one]
    assert {one.tag for one in ElementTree.fromstring(document.encode()).iter()} <= {"Response", "Say"}


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut_and_is_only_said(name: str) -> None:
    text = HUGE[name]
    heard = [one for one in [render.fitted(text)] if one]
    documents = [
        render.ask(speech(text, text), (text,), {}, "https://k.example/d", "https://k.example/v", text),
        render.connect(text, "ja-JP", {}, RING),
        render.go_on(text, "ja-JP", {}, "https://k.example/m"),
        render.tell((text, text), "ja-JP", {}),
        render.whisper(text, "ja-JP", {}),
    ]
    for document in documents:
        assert set(said(document)) == set(heard)
        assert len(document.encode()) <= 64 * 1024
    for document in (render.announce(speech(text, ""), {}), render.tell_inline(text, "ja-JP", {})):
        assert len(document) <= 4_000
        said(document)
