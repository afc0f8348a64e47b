"""Texts that the core words in English, and that can be said in another language later."""

import copy
import json
import pickle

import pytest

from bot.language import Words, language_of
from escalation.phrase import Phrase, Series, advice, either, of_parts, parts_of

STEP = Phrase("%(step)s is due and %(unread)s", step=Phrase("step %(step)d", step=2), unread=Phrase("nobody has read"))


def test_a_phrase_is_its_english_text() -> None:
    assert STEP == "step 2 is due and nobody has read"
    assert json.dumps(STEP) == '"step 2 is due and nobody has read"'
    assert Phrase("60%%") == "60%"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "step 2 is due and nobody has read"),
        ("ja", "第 2 段階の時刻になり、誰も読んでいません"),
        ("zh", "第 2 步的时间已到，无人读过"),
    ],
)
def test_a_phrase_is_said_in_every_language(language: str, said: str) -> None:
    assert Words(language, "UTC").said(STEP) == said


def test_what_a_stranger_wrote_is_filled_in_and_never_looked_up() -> None:
    words = Words("ja", "UTC")
    assert words.said("nobody has read") == "nobody has read"
    assert words.said(Phrase("%(who)s acknowledged it", who="%(who)s nobody has read")).startswith("%(who)s nobody ")


def test_a_choice_is_said_with_the_reader_s_or() -> None:
    choice = either(["a", Phrase("nobody has read"), "c"])
    assert choice == "a or nobody has read or c"
    assert Words("zh", "UTC").said(choice) == "a 或 无人读过 或 c"


def test_advice_says_what_is_wrong_and_what_to_write() -> None:
    told = advice(Phrase("it has no time"), Phrase("write it like %(example)s", example="alice@+7m"))
    assert told == "it has no time; write it like alice@+7m"
    assert Words("ja", "UTC").said(told) == "時刻がありません。alice@+7m のように書いてください"


@pytest.mark.parametrize("text", [Phrase("100%% of %(what)s", what=STEP), Series(["a", STEP])])
def test_a_copy_can_still_be_said(text: str) -> None:
    for other in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert other == text
        assert Words("ja", "UTC").said(other) == Words("ja", "UTC").said(text) != text


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "zh_CN"}, "zh"),
        ({"LANG": "ja_JP.UTF-8", "KIDOKU_LANGUAGE": "zh"}, "zh"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "", "LC_MESSAGES": "JA"}, "ja"),
    ],
)
def test_the_terminal_s_language(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language


@pytest.mark.parametrize("text", [STEP, "plain %(step)s", "", Phrase("step %(step)d", step=7)])
def test_a_phrase_survives_json(text: str) -> None:
    found = of_parts(json.loads(json.dumps(parts_of(text))))
    assert found == text
    assert Words("ja", "UTC").said(found) == Words("ja", "UTC").said(text)
