"""What people write back to a text message."""

import pytest

from bot.reply import Answer, parse
from channels.message import Verb


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("42 a", Answer(42, Verb.ACK)),
        ("42a", Answer(42, Verb.ACK)),
        ("#42 ACK", Answer(42, Verb.ACK)),
        (" 42  e\n", Answer(42, Verb.ESCALATE)),
        ("42 r.", Answer(42, Verb.RESOLVE)),
        ("42 s", Answer(42, Verb.SNOOZE, "15m")),
        ("42 s 1h30m", Answer(42, Verb.SNOOZE, "1h30m")),
        ("42 snooze morning", Answer(42, Verb.SNOOZE, "morning")),
        ("４２　了解", Answer(42, Verb.ACK)),
        ("＃４２　Ａ", Answer(42, Verb.ACK)),
        ("42了解しました。", Answer(42, Verb.ACK)),
        ("42、次へ", Answer(42, Verb.ESCALATE)),
        ("42 解決", Answer(42, Verb.RESOLVE)),
        ("42 收到", Answer(42, Verb.ACK)),
        ("", None),
        ("42", None),
        ("a 42", None),
        ("42 b", None),
        ("42 a really?", None),
        ("9999999999999 a", None),
        ("42 don't ack", None),
        ("²² a", Answer(22, Verb.ACK)),
    ],
)
def test_what_is_meant(text: str, answer: Answer | None) -> None:
    assert parse(text) == answer
