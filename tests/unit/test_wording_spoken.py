"""A stranger's text made fit for the ear."""

import pytest

from bot.wording.spoken import MOST_TEXT, spoken, spoken_text
from tests.fakes.told import LONDON, SHANGHAI, TOKYO


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("INC-20931: db-1 down", "INC- 2 0 9 3 1: db-1 down"),
        ("ticket #104233", "ticket 1 0 4 2 3 3"),
        ("REQ0001234 opened", "REQ 0 0 0 1 2 3 4 opened"),
        ("since 2026 on 10.0.0.1", "since 2026 on 10.0.0.1"),
        ("50% of 1500.5 GB", "50% of 1500.5 GB"),
        ("look at https://grafana.example/d/abc?x=1 now", "look at grafana.example now"),
        ("** ALARM ** <b>db</b> 🔥", "ALARM b db /b"),
        ("down since 02:05", "down since 2:05"),
        ("\u202eevil\x07", "evil"),
    ],
)
def test_what_is_heard_in_english(text: str, said: str) -> None:
    assert spoken(text, LONDON) == said


def test_times_as_they_are_said() -> None:
    assert spoken("02:05に障害 INC-20931", TOKYO) == "2時5分に障害 INC- 2 0 9 3 1"
    assert spoken("从02:05起", SHANGHAI) == "从2点05分起"
    assert spoken("12:34:56 fe80::1:20", LONDON) == "12:34 fe80::1:20"


def test_the_text_of_a_mail_ends_audibly_and_without_quotes() -> None:
    assert spoken_text("Disk full.\n\n> old\nCall us", LONDON) == "The mail reads: Disk full. Call us. End of the mail."
    assert spoken_text(" \n> only quoted\n", LONDON) == ""
    assert len(spoken_text("word " * 5_000, LONDON)) < MOST_TEXT + 60
