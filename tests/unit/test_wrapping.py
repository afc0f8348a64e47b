"""Lines that fit a terminal, of letters and of signs that are two columns wide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wrapping import columns, wrapped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("two words", ["two words"]),
        ("the account is alice, not bob", ["the account is", "alice, not bob"]),
        ("回線障害回線障害。", ["回線障害回線障", "害。"]),
        ("件名は「緊急障害」です", ["件名は「緊急障", "害」です"]),
        ("メールは5月3日(日)に", ["メールは5月3日", "(日)に"]),
        ("x" * 20, ["x" * 16, "xxxx"]),
    ],
)
def test_lines_break_where_they_may(text: str, lines: list[str]) -> None:
    assert wrapped(text, 16) == lines


@given(st.text(alphabet="ab ,.回線（「」）。、“”"), st.integers(2, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
