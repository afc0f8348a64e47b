"""``kidoku check``, and the schema that editors read."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from bot.settings import schema
from bot.settings.check import check_command
from tests.unit.test_settings_load import MINIMAL, PASSWORD

ROOT = Path(__file__).parents[2]


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "kidoku.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_good_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, MINIMAL)
    assert check_command(path, False, PASSWORD) == 0
    assert capsys.readouterr().out == f"{path}: good; no errors, no warnings\n"


def test_warnings_are_good_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, MINIMAL)
    assert check_command(path, False, {**PASSWORD, "KIDOKU_X": "1"}) == 0
    assert capsys.readouterr().out.endswith("good; no errors, 1 warning\n")


def test_errors_are_told_on_lines_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, MINIMAL + "language: jp\nzone: x\n")
    assert check_command(path, False, PASSWORD) == 2
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{path}:6: language: 'jp' is not allowed here; ")
    assert second.startswith(f"{path}:7: zone: ")
    assert last == f"{path}: 2 errors, no warnings"


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, MINIMAL + "language: jp\n")
    assert check_command(path, True, PASSWORD) == 2
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "problems": [
            {
                "file": str(path),
                "line": 6,
                "path": "language",
                "message": "'jp' is not allowed here",
                "fix": "write one of: en, ja, zh",
                "is_warning": False,
            }
        ],
    }


def enums(part: object) -> Iterator[tuple[str, ...]]:
    if isinstance(part, dict):
        if isinstance(found := part.get("enum"), list):
            yield tuple(map(str, found))
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from enums(one)


def test_the_same_choices_stand_in_one_order() -> None:
    """Else the schema hangs on what was imported first: ``Literal["a", "b"] == Literal["b", "a"]``."""
    found = set(enums(schema.schema()))
    assert len({frozenset(one) for one in found}) == len(found)


def test_the_head_of_the_example_names_every_secret_that_it_speaks_of() -> None:
    head, _, body = (ROOT / "config" / "example.yaml").read_text(encoding="utf-8").partition("\n\n")
    named, spoken_of = (set(re.findall(r"KIDOKU_[A-Z_]+", part)) for part in (head, body))
    assert spoken_of
    assert spoken_of <= named


@pytest.mark.parametrize("name", ["minimal.yaml", "example.yaml"])
def test_the_examples_follow_the_schema(name: str) -> None:
    text = (ROOT / "config" / name).read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    data = YAML(typ="safe", pure=True).load(text)
    jsonschema.Draft202012Validator(schema.schema()).validate(json.loads(json.dumps(data, default=str)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"polices": {}},
        {"language": "jp"},
        {"people": {"bob smith": {"name": "Bob"}}},
        {"slack": {"bot_token": "x"}},
        {"imap": {"alice": {"host": "h", "username": "u", "owner": "alice", "name": "alice"}}},
        {"alarms": [{"via": "console"}]},
    ],
)
def test_the_schema_refuses(wrong: dict[str, object]) -> None:
    data = YAML(typ="safe", pure=True).load(MINIMAL)
    validator = jsonschema.Draft202012Validator(schema.schema())
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, **wrong})


def test_the_schema_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert schema.main(["--check"]) == 0


def test_a_stale_schema_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    assert schema.main(["--check"]) == 1
    assert "python -m bot.settings.schema" in capsys.readouterr().err
    assert schema.main([]) == 0
    assert schema.main(["--check"]) == 0
