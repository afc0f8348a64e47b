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
        ("look at https://grafana.example/d/abc?x=1 now", "look at a link to grafana.example now"),
        ("https://alice:secret@db.example:8080/x", "a link to db.example"),
        ("https://[2001:db8::1]/x, please", "a link please"),
        (f"see https://{'a' * 60}.example/x.", "see a link"),
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


def test_a_link_in_every_language() -> None:
    assert spoken("詳細はhttps://noc.example/a/b?c=d", TOKYO) == "詳細はnoc.example へのリンク"
    assert spoken("手順書：http://wiki.example/a。すぐ対応", TOKYO) == "手順書：wiki.example へのリンク。すぐ対応"
    assert spoken("https://noc.exampleを見て", TOKYO) == "noc.example へのリンクを見て"
    assert spoken("详见 https://noc.example/a/b?c=d", SHANGHAI) == "详见 noc.example 的链接"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Disk full.\n-- \nAlice\nhttps://team.example", "Disk full."),
        ("Disk full.\r\n-- \r\nAlice", "Disk full."),
        ("Disk full.\n--\nand more", "Disk full. -- and more"),
        ("Disk full. -- \nand more", "Disk full. -- and more"),
        ("-- \nAlice", ""),
    ],
)
def test_a_signature_is_not_read_out(text: str, said: str) -> None:
    assert spoken_text(text, LONDON) == (f"The mail reads: {said}. End of the mail." if said else "")


def test_the_text_of_a_mail_ends_audibly_and_without_quotes() -> None:
    assert spoken_text("Disk full.\n\n> old\nCall us", LONDON) == "The mail reads: Disk full. Call us. End of the mail."
    assert spoken_text(" \n> only quoted\n", LONDON) == ""
    assert len(spoken_text("word " * 5_000, LONDON)) < MOST_TEXT + 60
