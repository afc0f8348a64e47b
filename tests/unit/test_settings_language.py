"""What is wrong with the settings is said in their own language; ``--json`` stays English."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.language import Words
from bot.settings import load, schema
from bot.settings.check import check_command
from bot.settings.fields import DAY_NAMES
from tests.fakes.pseudo import english, pseudo_language
from tests.unit.test_settings_load import CONFIGS, MAILBOXES, MINIMAL, PASSWORD, SHARED, SLACK, TODAY

__all__ = ["pseudo_language"]

FOREIGN = "unterminated character set missing subpattern while parsing flow sequence expected or but got mapping value"
"""What the readers of YAML and regexes say themselves: they know no other language."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kidoku.yaml"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "ja",
            [
                "6: langage: langage というキーはありません。language の間違いではありませんか。",
                "7: zone: 'Asia/Tokio' というタイムゾーンはありません。Asia/Tokyo の間違いではありませんか。",
            ],
        ),
        (
            "zh",
            [
                "6: langage: 没有键 langage；是否想写 language？",
                "7: zone: 没有时区 'Asia/Tokio'；是否想写 Asia/Tokyo？",
            ],
        ),
    ],
)
def test_errors_are_told_in_the_language_of_the_settings(
    language: str, lines: list[str], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(f"{MINIMAL}langage: x\nzone: Asia/Tokio\nlanguage: {language}\n", encoding="utf-8")
    assert check_command(path, False, PASSWORD) == 2
    *told, last = capsys.readouterr().out.splitlines()
    assert told == [f"{path}:{line}" for line in lines]
    assert last == f"{path}: " + {"ja": "エラー2件、警告なし", "zh": "2 个错误，没有警告"}[language]


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        (f"{MINIMAL}language: ja\n", {}, "問題ありません。エラーなし、警告なし"),
        (MINIMAL, {"LANG": "ja_JP.UTF-8"}, "good; no errors, no warnings"),
        (MINIMAL, {"KIDOKU_LANGUAGE": "zh"}, "正确；没有错误，没有警告"),
        (f"{MINIMAL}language: ja\n", {"KIDOKU_LANGUAGE": "zh"}, "正确；没有错误，没有警告"),
        (f"{MINIMAL}language: ja\n", {"KIDOKU_X": "1"}, "問題ありません。エラーなし、警告1件"),
        ("", {"LANG": "ja_JP.UTF-8"}, "ファイルが空です。config/minimal.yaml をもとに書いてください"),
        (f"{MINIMAL}language: jp\n", {"LANG": "zh_CN.UTF-8"}, "1 个错误，没有警告"),
        (f"{MINIMAL}language: [ja]\n", {}, "1 error, no warnings"),
    ],
)
def test_which_language_that_is(
    text: str, environ: dict[str, str], said: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text(text, encoding="utf-8")
    check_command(path, False, {**PASSWORD, **environ})
    assert said in capsys.readouterr().out


def test_programs_read_english_in_every_language(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(f"{MINIMAL}language: ja\nlangage: x\n", encoding="utf-8")
    assert check_command(path, True, PASSWORD) == 2
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["message"], problem["fix"]) == ("there is no key langage", "did you mean language?")


@pytest.mark.usefixtures("pseudo_language")
@pytest.mark.parametrize(
    ("name", "environ"),
    [
        ("broken", SLACK),
        ("channels", SLACK),
        ("references", {**SLACK, **SHARED}),
        ("secrets", SLACK),
        ("duplicates", SLACK),
        ("tabs", {}),
        ("empty", {}),
        ("warnings", {**SLACK, **MAILBOXES}),
    ],
)
def test_no_word_is_left_in_english(name: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is told about a file, every word is translated, or stands in the file or among the settings' values."""
    monkeypatch.chdir(CONFIGS)
    loaded = load(Path(f"{name}.yaml"), environ, today=TODAY)
    known = " ".join(
        [(CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"), *values(schema.schema()), *DAY_NAMES, FOREIGN]
    )
    for problem in loaded.problems:
        said = re.sub(r"KIDOKU_\w+", "", problem.worded(Words("ja", "UTC")))
        assert "ж" in said
        assert english(said, f"{known} {problem.path} {problem.file}") == set(), problem


def values(node: Any) -> Iterator[str]:
    """The keys and values that the schema knows; not its descriptions, which are sentences."""
    if isinstance(node, list):
        for one in node:
            yield from values(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("enum", "const", "examples", "default"):
                yield json.dumps(value)
            elif key == "properties":
                yield " ".join(value)
            yield from values(value)
