"""Segments of text messages, by 3GPP TS 23.038."""

import pytest

from channels.twilio.segment import fitted, is_gsm, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("障" * 70, 1),
        ("障" * 71, 2),
        ("障" * 134, 2),
        ("障" * 135, 3),
        ("𠮷" * 35, 1),
        ("𠮷" * 36, 2),
        # 66 units and then one of two: it does not fit, and goes whole into the next.
        ("障" * 66 + "𠮷" + "障" * 66, 3),
        ("a" * 152 + "€" + "a" * 152, 3),
    ],
)
def test_how_many_segments(text: str, count: int) -> None:
    assert segments(text) == count


def test_one_sign_outside_makes_the_whole_message_wide() -> None:
    assert is_gsm("Disk full @ 90%") and not is_gsm("Disk full “now”")
    assert segments("a" * 159 + "“") == 3


def test_the_tail_is_never_cut() -> None:
    assert fitted("short", "tail", 1) == "short\ntail"
    assert fitted("", "tail", 1) == "tail"
    english = fitted("x" * 1_000, "tail", 1)
    assert english.endswith("x...\ntail") and len(english) == 160
    japanese = fitted("障" * 1_000, "返信", 2)
    assert japanese.endswith("障…\n返信") and len(japanese) == 134


def test_a_letter_keeps_its_marks() -> None:
    cut = fitted("か\u3099" * 200, "t", 1)
    assert "か…" not in cut and segments(cut) == 1
