"""Any mail is a message by WhatsApp within its limits: free text, or the values of a template."""

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.message import Message
from channels.twilio.config import VARIABLES
from channels.twilio.whatsapp import body_of, values_of
from tests.fakes.hostile import HUGE, LONG

ODD = '障害aé€{}\u3099\U0001f525\u202e\x00\n\t \u2028\u00a0\u3000"\\'
texts = LONG | st.text(ODD, max_size=3_000)


def message(summary: str, how: str) -> Message:
    return Message(key="k", address="+81", language="ja", title="t", summary=summary, footer="Kidoku #7", how=how)


def check_body(summary: str, how: str) -> None:
    body = body_of(message(summary, how), can_answer=True)
    assert len(body.encode("utf-16-le")) // 2 <= 1_600
    assert "Kidoku #7" in body.split("\n") and body.count("\n") <= 2
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in body if char != "\n")


def check_values(summary: str, how: str, can_answer: bool) -> None:
    values = json.loads(values_of(message(summary, how), dict(VARIABLES), can_answer=can_answer))
    assert list(values) == ["1", "2", "3"] and values["2"] == "Kidoku #7"
    for value in values.values():
        assert 0 < len(value.encode("utf-16-le")) // 2 <= 255
        assert "{{" not in value and "}}" not in value
        assert "  " not in value and len(value.splitlines()) == 1
        assert value.strip() == value


@given(texts, texts.map(lambda text: text[:200]))
def test_free_text_keeps_to_its_length_and_its_lines(summary: str, how: str) -> None:
    check_body(summary, how)


@given(texts, texts, st.booleans())
@example("a subject with {{2}} }}} {{{", "", True)
def test_the_values_of_a_template_are_what_twilio_takes(summary: str, how: str, can_answer: bool) -> None:
    check_values(summary, how, can_answer)


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_is_cut(name: str) -> None:
    check_body(HUGE[name], "")
    check_values(HUGE[name], HUGE[name], True)
