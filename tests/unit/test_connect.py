"""Being connected with a sender: the digit, and what is said."""

from itertools import permutations

import pytest

from bot.connect import digit_beside
from bot.language import LANGUAGES, Words
from bot.wording.connect import word_line, word_whisper
from escalation.event import Outcome


def test_the_digit_is_neither_of_those_that_were_offered_before() -> None:
    for digits in map("".join, permutations("123456789", 2)):
        assert digit_beside(digits) not in (*digits, "0", "#", "*")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_says_whom_it_is_about(language: str) -> None:
    line = word_line("+81399990000", "Carrier 100%(x)s", "2", Words(language, "UTC"))
    assert all("Carrier 100%(x)s" in text for text in (line.offer, line.calling, *line.ended.values()))
    assert all("2" in text for text in (line.offer, line.again))
    assert set(line.ended) == {
        Outcome.ENDED,
        Outcome.HUNG_UP,
        Outcome.BUSY,
        Outcome.NO_ANSWER,
        Outcome.REJECTED,
    }
    assert "+8139" not in repr(line)
    assert "Alice\u202e" not in (said := word_whisper("Alice\u202e\n", Words(language, "UTC")).text) and "Alice" in said
