"""Any mail is a text message within its limits, and any answer is understood or not, but never an error."""

from hypothesis import given
from hypothesis import strategies as st

from bot.reply import parse
from channels.message import Message
from channels.twilio.segment import segments
from channels.twilio.sms import body_of
from channels.twilio.sms_inbound import keyword_of

texts = st.text(max_size=400) | st.text("障害aé€{}\u3099\U0001f525\u202e\x00\n", max_size=3_000)


@given(texts, texts.map(lambda text: text[:60]), st.integers(2, 10))
def test_a_message_keeps_to_its_segments_and_its_lines(summary: str, how: str, most: int) -> None:
    message = Message(key="k", address="+81", language="ja", title="t", summary=summary, footer="Kidoku #7", how=how)
    body = body_of(message, most, can_answer=True)
    assert segments(body) <= most and len(body) <= 1_600
    assert "Kidoku #7" in body.split("\n")
    assert body.count("\n") <= 2
    assert not any(char in body for char in "\x00\u202e")
    body.encode()


@given(st.text(max_size=100))
def test_any_answer_is_read(text: str) -> None:
    parse(text)
    keyword_of(text)
