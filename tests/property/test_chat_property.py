"""Any text is a command, or an error that says what to type instead; never a fault."""

from dataclasses import fields
from datetime import UTC, datetime, time, timedelta

from hypothesis import event, example, given
from hypothesis import strategies as st

from bot.chatops.command import Command, NotUnderstoodError
from bot.chatops.day import in_past, in_shift
from bot.chatops.parse import of_options, parse
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
        "with",
        "for",
        "accept",
        "rule",
        "件名",
        "why",
        "理由",
        "at",
        "read",
        "since",
        "从6/1到6/8",
        "Bobさんと",
        "6月3日",
        "tomorrow",
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
    understood(lambda: parse(line))


WHENS = st.sampled_from(["30m", "until 9:00", "朝まで", "30分", "morning", "6/3", "soon", "", '"9:00"'])


@given(st.sampled_from(WORDS[Name.SNOOZE]), st.sampled_from(["42", "＃４２", "“link down”"]), WHENS, st.booleans())
@example("snooze", "42", "30m", False)
def test_a_snooze_that_is_understood_says_until_when(word: str, alert: str, when: str, is_last: bool) -> None:
    line = f"{alert} {when} {word}" if is_last else f"{word} {alert} {when}"
    command = understood(lambda: parse(line))
    event(f"{when!r} is understood: {command is not None}")
    if command is not None:
        assert command.name is Name.SNOOZE
        assert read_when(command.argument) is not None


CLAUSES = [
    "rule urgent",
    "from noc@x.example",
    "件名 バックアップ",
    "for 2h",
    "until 9:00",
    "why it moves",
    "理由 移設",
]


@given(st.sampled_from(WORDS[Name.SILENCE]), st.lists(st.sampled_from(CLAUSES), unique=True))
@example("silence", ["rule urgent", "for 2h", "why it moves"])
def test_a_silence_that_is_understood_has_an_end_a_reason_and_what_it_is_about(word: str, clauses: list[str]) -> None:
    found = understood(lambda: parse(" ".join([word, *clauses])))
    event(f"understood: {found is not None}")
    if found is not None:
        assert found.name is Name.SILENCE
        assert all((found.argument, found.end, found.rule or found.sender or found.subject))


@given(
    st.sampled_from([*Name, "x"]),
    st.dictionaries(st.sampled_from(["alert", *sorted(one.name for one in fields(Command))]), st.text() | WORD),
)
def test_any_fields_are_a_command_or_a_helpful_error(name: str, given: dict[str, str]) -> None:
    understood(lambda: of_options(name, given))


DAYS = st.tuples(
    st.sampled_from(
        ["6/3", "2026-06-03", "6月3日", "2月30日", "tomorrow", "昨天", "2/29", "13/40", "9999-12-31", "9:00", "3d"]
    ),
    st.sampled_from(["", " ", "T", "の"]),
    st.sampled_from(["", "9:00", "25:00", "9時半", "24時", "2:30", "から"]),
).map("".join)


@given(st.text(max_size=40) | DAYS, st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]))
def test_any_time_that_is_read_has_an_instant(text: str, zone: str) -> None:
    when = read_when(text)
    if when is not None:
        assert when.at(NOW, zone).tzinfo is not None
    for found in (in_past(text, NOW, zone), in_shift(text, NOW, zone, time(8))):
        assert found is None or found.utcoffset() == timedelta(0)


@given(st.integers(1, 10**17), st.sampled_from(list(Name)))
def test_a_number_names_its_alert_wherever_it_stands(number: int, name: Name) -> None:
    for word in WORDS[name]:
        for line in (f"{word} {number}", f"{number} {word}"):
            found = understood(lambda line=line: parse(line))
            assert found is None or found.name is not name or found.alert in ("", f"#{number}")
