"""The catalogues are whole, and say what they should."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import locale_tool
from bot.language import Words

AT = datetime(2026, 5, 2, 17, 5, tzinfo=UTC)


def test_every_text_is_translated_and_every_translation_is_used() -> None:
    assert locale_tool.problems() == []


@pytest.mark.parametrize("fault", ["", "%(wrong)d 分"])
def test_a_missing_translation_or_another_placeholder_is_found(fault: str) -> None:
    message = next(one for one in locale_tool.gathered() if one.id == "%(n)d min")
    message.string = fault
    assert locale_tool._faults(message)


@pytest.mark.parametrize(
    ("language", "seconds", "said"),
    [
        ("en", 45, "45 s"),
        ("en", 4800, "1 h 20 min"),
        ("ja", 4800, "1時間 20分"),
        ("zh", 300, "5分钟"),
        ("en", 93600, "1 d 2 h"),
    ],
)
def test_durations_read_naturally(language: str, seconds: int, said: str) -> None:
    assert Words(language, "UTC").duration(timedelta(seconds=seconds)) == said


def test_plurals_follow_the_language() -> None:
    assert Words("en", "UTC").spoken_duration(timedelta(minutes=1)) == "1 minute"
    assert Words("en", "UTC").spoken_duration(timedelta(minutes=61)) == "1 hour 1 minute"
    assert Words("ja", "UTC").spoken_duration(timedelta(minutes=2)) == "2分"


def test_times_stand_on_the_readers_wall() -> None:
    assert Words("ja", "Asia/Tokyo").clock(AT) == "02:05"
    assert Words("ja", "Asia/Tokyo").instant(AT) == "5月3日(日) 02:05"
    assert Words("en", "Europe/Berlin").instant(AT).endswith("19:05")


def test_names_are_said_politely_in_japanese() -> None:
    assert Words("ja", "UTC").name("田中") == "田中さん"
    assert Words("ja", "UTC").listed([str(n) for n in range(25)]).endswith("ほか5人")
