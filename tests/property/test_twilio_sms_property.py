"""Any mail is a text message within its limits, and any answer is understood or not, but never an error."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reply import parse
from channels.message import Message
from channels.twilio.segment import segments
from channels.twilio.sms import body_of
from channels.twilio.sms_inbound import keyword_of
from tests.fakes.hostile import HUGE, LONG

texts = LONG | st.text("障害aé€{}\u3099\U0001f525\u202e\x00\n", max_size=3_000)


def check(summary: str, how: str, most: int) -> None:
    message = Message(key="k", address="+81", language="ja", title="t", summary=summary, footer="Kidoku #7", how=how)
    body = body_of(message, most, can_answer=True)
    assert segments(body) <= most and len(body) <= 1_600
    assert "Kidoku #7" in body.split("\n")
    assert body.count("\n") <= 2
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in body if char != "\n")
    body.encode()


@given(texts, texts.map(lambda text: text[:60]), st.integers(2, 10))
def test_a_message_keeps_to_its_segments_and_its_lines(summary: str, how: str, most: int) -> None:
    check(summary, how, most)


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut(name: str) -> None:
    check(HUGE[name], "", 3)


@pytest.mark.parametrize("name", HUGE)
def test_an_answer_of_a_megabyte_is_read(name: str) -> None:
    parse(HUGE[name])
    keyword_of(HUGE[name])


@given(st.text(max_size=100))
def test_any_answer_is_read(text: str) -> None:
    parse(text)
    keyword_of(text)
