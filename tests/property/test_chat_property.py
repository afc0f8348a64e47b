"""Any text is a command, or an error that says what to type instead; never a fault."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from bot.chatops.parse import Command, NotUnderstoodError, of_options, parse
from bot.chatops.vocabulary import WORDS, Name
from bot.chatops.when import read_when
from bot.language import LANGUAGES, Words

NOW = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
WORD = st.sampled_from([word for words in WORDS.values() for word in words]) | st.sampled_from(
    [
        "42",
        "#42",
        "＃４２",
        "42を",
        '"',
        "“a b”",
        "「",
        "to",
        "until",
        "from",
        "9:00",
        "30m",
        "まで",
        "から",
        "step",
        "share",
        "me",
    ]
)
LINES = st.lists(WORD | st.text(max_size=8), max_size=8).map(" ".join) | st.lists(WORD, max_size=4).map("".join)
SPOKEN = [Words(one, "UTC") for one in LANGUAGES]


def understood(make: object) -> Command | None:
    try:
        found = make()  # type: ignore[operator]
    except NotUnderstoodError as error:
        for words in SPOKEN:
            assert words.said(error.phrase)
        return None
    assert isinstance(found, Command)
    return found


@given(st.text() | LINES)
@example("42 " + "1" * 5000)
@example("\x00\ud800 確認")
@example("override " + "a " * 2000)
def test_any_line_is_a_command_or_a_helpful_error(line: str) -> None:
    found = understood(lambda: parse(line))
    if found is not None and found.name is Name.SNOOZE:
        assert read_when(found.argument) is not None


@given(
    st.sampled_from([*Name, "x"]), st.dictionaries(st.sampled_from(["alert", "argument", "person", "end"]), st.text())
)
def test_any_fields_are_a_command_or_a_helpful_error(name: str, fields: dict[str, str]) -> None:
    understood(lambda: of_options(name, fields))


@given(st.text(max_size=40), st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]))
def test_any_time_that_is_read_has_an_instant(text: str, zone: str) -> None:
    when = read_when(text)
    if when is not None:
        assert when.at(NOW, zone).tzinfo is not None


@given(st.integers(1, 10**17), st.sampled_from(list(Name)))
def test_a_number_names_its_alert_wherever_it_stands(number: int, name: Name) -> None:
    for word in WORDS[name]:
        for line in (f"{word} {number}", f"{number} {word}"):
            found = understood(lambda line=line: parse(line))
            assert found is None or found.name is not name or found.alert in ("", f"#{number}")
