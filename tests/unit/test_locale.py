"""The catalogues are whole, and the words of each language say what they should."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from bot import locale_tool
from bot.language import LANGUAGES, Words, catalogue_path

AT = datetime(2026, 5, 2, 17, 5, tzinfo=UTC)
MARKS = {"gettext": [0], "ngettext": [0, 1], "pgettext": [1], "N_": [0], "Phrase": [0]}


def test_every_text_is_translated_and_every_translation_is_used() -> None:
    assert locale_tool.problems() == []


def marked(path: Path) -> Iterator[str]:
    """The literals that a source file marks, found by its syntax: the extractor overlooks those inside f-strings."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for number in MARKS.get(name, ()):
            argument = node.args[number] if number < len(node.args) else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def test_no_marked_text_escapes_the_extraction() -> None:
    known = {text for one in locale_tool.gathered() for text in locale_tool._texts(one.id)}
    overlooked = {
        f"{path.name}: {text}"
        for folder in locale_tool.SOURCES
        for path in (locale_tool.ROOT / folder).rglob("*.py")
        for text in marked(path)
        if text and text not in known
    }
    assert overlooked == set()


@pytest.mark.parametrize(
    ("id", "string", "fault"),
    [
        ("%(n)d min", "", "not translated"),
        ("%(n)d min", "%(wrong)d 分", "placeholders differ"),
        ("%(n)d min", "%(n)s分", "placeholders differ"),
        ("%(n)d min", "%(n)d分 %(n)d", "placeholders differ"),
        ("%(seconds).0f s", "%(seconds)d秒", "placeholders differ"),
        (("%(n)d day", "%(n)d days"), ("%(n)d日", ""), "not translated"),
        (("%(n)d day", "%(n)d days"), ("%(n)d日", "%(n)d日"), "2 forms"),
    ],
)
def test_a_faulty_translation_is_found(id: str | tuple[str, ...], string: str | tuple[str, ...], fault: str) -> None:
    (found,) = locale_tool.faults(Message(id, string), plurals=1)
    assert fault in found


def test_a_fuzzy_translation_is_found() -> None:
    assert locale_tool.faults(Message("Age", "経過", flags=["fuzzy"]), plurals=1) == ["fuzzy"]


def test_a_sound_translation_has_no_fault() -> None:
    assert locale_tool.faults(Message("step %(a)d of %(b)d", "全%(b)d中の%(a)d"), plurals=1) == []
    assert locale_tool.faults(Message(("%(n)d day", "%(n)d days"), ("%(n)d日",)), plurals=1) == []


def test_lacking_and_unused_texts_are_found_and_contexts_tell_them_apart() -> None:
    catalogue = Catalog(locale="ja")
    catalogue.add("old", "古い")
    catalogue.add("same", "同じ", context="here")
    wanted = {("", "new"): Message("new"), ("here", "same"): Message("same"), ("there", "same"): Message("same")}
    lines = locale_tool.differences(locale_tool.TEMPLATE, catalogue, wanted)
    assert [line.split(": ", 1)[1].split(";")[0] for line in lines] == [
        "not in the catalogue: 'new'",
        "not in the catalogue: 'same'",
        "used nowhere: 'old'",
    ]


def test_new_texts_wait_for_their_translation_and_unused_ones_go() -> None:
    before = Catalog(locale="ja")
    before.add("%(n)d min", "%(n)d分")
    before.add("gone", "もうない")
    after = locale_tool._translated(locale_tool.gathered("ja"), before, "ja")
    strings = {one.id: one.string for one in after}
    assert strings["%(n)d min"] == "%(n)d分"
    assert not strings["Acknowledge"]
    assert "gone" not in strings


def test_extracting_what_is_up_to_date_changes_nothing() -> None:
    for language in LANGUAGES:
        before = locale_tool.read(catalogue_path(language), language)
        after = locale_tool._translated(locale_tool.gathered(language), before, language)
        assert {locale_tool.key_of(one): one.string for one in after if one.id} == {
            locale_tool.key_of(one): one.string for one in before if one.id
        }


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_text_stays_empty(language: str) -> None:
    assert Words(language, "UTC").gettext("") == ""


def test_a_language_without_a_catalogue_reads_english() -> None:
    assert Words("de", "UTC").gettext("Acknowledge") == "Acknowledge"
    assert Words("de", "UTC").spoken == "en-US"


@pytest.mark.parametrize(
    ("language", "seconds", "said"),
    [
        ("en", -3, "0 s"),
        ("en", 45, "45 s"),
        ("en", 4800, "1 h 20 min"),
        ("en", 93600, "1 d 2 h"),
        ("en", 86400 + 59, "1 d"),
        ("ja", 4800, "1時間20分"),
        ("ja", 45, "45秒"),
        ("zh", 300, "5分钟"),
        ("zh", 93600, "1天2小时"),
    ],
)
def test_durations_read_naturally(language: str, seconds: int, said: str) -> None:
    assert Words(language, "UTC").duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("language", "minutes", "said"),
    [
        ("en", 0, "less than a minute"),
        ("en", 1, "1 minute"),
        ("en", 61, "1 hour 1 minute"),
        ("en", 125, "2 hours 5 minutes"),
        ("en", 2 * 1440 + 60, "2 days 1 hour"),
        ("ja", 2, "2分"),
        ("ja", 61, "1時間1分"),
        ("zh", 61, "1小时1分钟"),
    ],
)
def test_plurals_follow_the_language(language: str, minutes: int, said: str) -> None:
    assert Words(language, "UTC").spoken_duration(timedelta(minutes=minutes)) == said


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("ja", "Asia/Tokyo", "5月3日(日) 02:05"),
        ("ja", "Europe/Berlin", "5月2日(土) 19:05 CEST"),
        ("zh", "Asia/Shanghai", "5月3日周日 01:05"),
        ("zh", "Asia/Singapore", "5月3日周日 01:05"),
        ("en", "Asia/Tokyo", "Sun 3 May 02:05 JST"),
        ("en", "Europe/London", "Sat 2 May 18:05 BST"),
        ("en", "America/Sao_Paulo", "Sat 2 May 14:05 UTC-03"),
    ],
)
def test_instants_stand_on_the_readers_wall(language: str, zone: str, said: str) -> None:
    words = Words(language, zone, lambda: AT)
    assert words.instant(AT) == said
    assert words.clock(AT) in said


def test_the_day_is_left_out_on_the_same_day_of_the_reader() -> None:
    assert Words("en", "Asia/Tokyo").moment(AT, AT - timedelta(hours=2)) == "02:05"
    assert Words("en", "Asia/Tokyo").moment(AT, AT - timedelta(hours=3)) == "Sun 3 May 02:05 JST"
    assert Words("en", "UTC").moment(AT, AT - timedelta(hours=3)) == "17:05"


def test_night_is_on_the_readers_wall() -> None:
    assert Words("en", "Asia/Tokyo").is_night(AT)
    assert not Words("en", "UTC").is_night(AT)
    assert Words("en", "UTC").is_night(AT.replace(hour=22, minute=0))


def test_names_are_said_politely_in_japanese() -> None:
    assert Words("ja", "UTC").name("田中") == "田中さん"
    assert Words("ja", "UTC").address("田中") == "田中様"
    assert Words("en", "UTC").name("Alice") == Words("zh", "UTC").address("Alice") == "Alice"


def test_long_lists_end_in_a_count() -> None:
    names = [str(n) for n in range(25)]
    assert Words("ja", "UTC").listed(names).endswith("19、ほか5人")
    assert Words("en", "UTC").listed(names).endswith(", 19, 5 more")
    assert Words("en", "UTC").listed(names[:20]).endswith(", 19")
    assert Words("en", "UTC").listed([]) == ""


def test_a_translation_that_is_not_compiled_yet_is_told() -> None:
    catalogue = locale_tool.read(catalogue_path("ja"), "ja")
    assert locale_tool._stale("ja", catalogue) == []
    message = catalogue.get("Acknowledge")
    assert message is not None
    message.string = "承知"
    assert locale_tool._stale("ja", catalogue) == [
        "bot/locale/ja/LC_MESSAGES/kidoku.mo: not what the catalogue says; run: make generate"
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Sat, 20 Feb 2027 10:00 JST"), ("ja", "2027年2月20日(土) 10:00"), ("zh", "2027年2月20日周六 10:00 JST")],
)
def test_another_year_is_said(language: str, said: str) -> None:
    words, at = Words(language, "Asia/Tokyo"), datetime(2027, 2, 20, 1, tzinfo=UTC)
    assert words.instant(at, datetime(2026, 12, 31, 14, tzinfo=UTC)) == said
    assert words.moment(at, datetime(2026, 12, 31, 14, tzinfo=UTC)) == said
    assert "2027" not in words.instant(at, datetime(2026, 12, 31, 15, tzinfo=UTC))


def test_the_year_is_left_out_only_where_it_is_known_to_be_this_one() -> None:
    """The reader's year: at the turn of the year it is another one in Tokyo than in London."""
    turn = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert Words("en", "Asia/Tokyo", lambda: turn).instant(AT) == "Sun, 3 May 2026 02:05 JST"
    assert Words("en", "Europe/London", lambda: turn).instant(AT) == "Sat 2 May 18:05 BST"
    assert Words("en", "Asia/Tokyo").instant(AT) == "Sun, 3 May 2026 02:05 JST"
    assert Words("en", "UTC", lambda: turn).of("ja", "Asia/Tokyo").instant(AT) == "2026年5月3日(日) 02:05"


HAN = "[\u3400-\u9fff]"
NAMES = r"%\((?:who|name|names|person|sender|other)\)s"
"""What is filled in there is a name, which may be in Latin letters."""


def test_chinese_sets_latin_words_and_names_off_by_a_space() -> None:
    catalogue = locale_tool.read(catalogue_path("zh"), "zh")
    said = [text for one in catalogue if one.id for text in locale_tool._texts(one.string)]
    bare = [re.sub(r"%\(\w+\)[sd]", "\0", text) for text in said]
    assert [text for text in bare if re.search(f"{HAN}[A-Za-z]|[A-Za-z]{HAN}", text)] == []
    assert [text for text in said if re.search(f"{HAN}{NAMES}|{NAMES}{HAN}", text)] == []


def test_japanese_has_one_word_for_a_warning() -> None:
    words = Words("ja", "UTC")
    counted = words.ngettext("%(n)d warning", "%(n)d warnings", 1) % {"n": 1}
    assert all("警告" in one for one in (counted, words.gettext("no warnings"), words.gettext("warning")))
