"""What is looked for first, because it is quick to find, stands in everything that is looked for."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from channels.receipts import notice
from channels.receipts.words import LATE, OVER, Phrases


@pytest.mark.parametrize("phrases", [OVER, LATE])
@given(data=st.data())
def test_every_text_with_a_phrase_has_an_anchor(phrases: Phrases, data: st.DataObject) -> None:
    found = data.draw(st.from_regex(phrases.pattern, fullmatch=True))
    assert phrases.are_in(found)
    assert not phrases.are_in("the weather is fine today")


@given(st.from_regex(re.compile(notice._LINE, re.IGNORECASE), fullmatch=True), st.text(max_size=5))
def test_every_line_that_announces_the_original_is_found(line: str, before: str) -> None:
    """Whatever stands on the lines before it: letters that become two as well (ß, İ)."""
    assume("@" not in line and "\n" not in before)
    start = len(before) + 1
    assert start in list(notice._announced(f"{before}\n{line}\nSubject: x"))


def test_the_original_begins_where_it_is_announced_whatever_letters_come_before() -> None:
    text = "Straße İstanbul: a@example.com was not found here\n--- Original message ---\nSubject: x\n"
    assert text[notice._cut(text) :].startswith("--- Original")
