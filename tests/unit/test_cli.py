"""The command line's own part: errors a user can mend are a line, not a traceback."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.store.store import Store
from tests.acceptance.stage import START
from tests.fakes.command_line import MINIMAL, kidoku
from tests.fakes.stored import open_alerts, row


@pytest.fixture
async def config(tmp_path: Path) -> str:
    """The settings of a bot that ran once."""
    path = tmp_path / "kidoku.yaml"
    path.write_text(f'database: "{tmp_path}/kidoku.sqlite3"\n{MINIMAL}', "utf-8")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/kidoku.sqlite3", START)
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.add_notifications([row()])
    await store.close()
    return str(path)


def test_a_database_that_can_not_be_opened_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "kidoku.yaml"
    broken = tmp_path / "kidoku.sqlite3"
    broken.write_bytes(b"no database" * 500)
    path.write_text(f"database: {broken}\n{MINIMAL}", "utf-8")
    run = kidoku("list", "--config", str(path))
    assert run.returncode == 1
    assert run.stderr.startswith(f"The database: {broken}")
    assert "Traceback" not in run.stderr


def test_a_command_in_the_wrong_folder_makes_no_database_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "kidoku.yaml"
    path.write_text(MINIMAL, "utf-8")
    run = kidoku("list", "--config", str(path), cwd=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert f"There is no database at {tmp_path}/var/kidoku.sqlite3" in run.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["kidoku.yaml"]


def test_settings_that_are_missing_name_the_file_and_the_option() -> None:
    run = kidoku("list", "--config", "nowhere.yaml")
    assert run.returncode == 2
    assert run.stderr.startswith("nowhere.yaml: can't read the file")


def test_the_list_in_words_and_as_json(config: str) -> None:
    assert "1  unread" in kidoku("list", "--config", config).stdout
    assert [one["id"] for one in json.loads(kidoku("list", "--config", config, "--json").stdout)] == [1]


def test_a_list_in_a_narrow_terminal_is_lines(config: str) -> None:
    lines = kidoku("list", "--config", config, COLUMNS="40").stdout.splitlines()
    assert lines[0].startswith("#1 · unread · ")
    assert len(lines) <= 3 and max(cell_len(line) for line in lines) <= 40


@pytest.mark.parametrize("by", [["--by", "carol"], []])
def test_nobody_takes_an_alert_without_being_somebody(config: str, by: list[str]) -> None:
    run = kidoku("ack", "1", *by, "--config", config)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Say who does it: --by with one of alice" in run.stderr
    assert "unread" in kidoku("list", "--config", config).stdout
    assert kidoku("ack", "1", "--by", "alice", "--config", config).returncode == 0


def test_what_has_not_left_is_never_told_as_told(config: str) -> None:
    assert "has not left yet" in kidoku("why", "1", "--config", config).stdout
    assert "has not left yet" in kidoku("status", "1", "--config", config).stdout
    kidoku("ack", "1", "--by", "alice", "--config", config)
    assert "withdrawn before it left" in kidoku("why", "1", "--config", config).stdout


def test_a_snooze_shows(config: str) -> None:
    kidoku("snooze", "1", "1h", "--by", "alice", "--config", config)
    assert "silent" in kidoku("list", "--config", config).stdout
    assert "Silent until" in kidoku("status", "1", "--config", config).stdout
    assert json.loads(kidoku("status", "1", "--config", config, "--json").stdout)["snoozed_until"]


def test_an_id_that_names_nothing_says_what_to_type(config: str) -> None:
    run = kidoku("ack", "42", "--config", config)
    assert run.returncode == 2
    assert "kidoku list --all" in run.stderr


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "ja_JP.UTF-8",
            [
                "時差を書かなければ、あなたのタイムゾーンで読みます。",
                "[必須]",
                "オプション",
            ],
        ),
        ("zh_CN.UTF-8", ["不写时差则按您的时区。", "[必填]", "显示此说明后退出。"]),
        ("en_US.UTF-8", ["Without an offset: your time.", "[required]", "Options"]),
    ],
)
def test_the_help_is_in_the_language_of_the_terminal_and_whole_in_a_narrow_one(locale: str, words: list[str]) -> None:
    said = kidoku("leave", "--help", LC_ALL=locale, COLUMNS="60").stdout
    assert max(cell_len(line) for line in said.splitlines()) <= 60
    # What is folded goes on below, in the last column; left of it all is ASCII.
    column = "".join(line[41:].strip(" │") for line in said.splitlines())
    for one in words:
        assert one in said or "".join(one.split()) in "".join(column.split())


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_a_story_breaks_where_its_script_may(config: str, language: str) -> None:
    told = kidoku("why", "1", "--config", config, COLUMNS="40", KIDOKU_LANGUAGE=language).stdout.splitlines()
    assert max(cell_len(line) for line in told) <= 40
    # A line of Japanese or Chinese is filled: it does not end at a space because a word of Latin letters was near.
    broken_early = [line for line, after in pairwise(told) if cell_len(line) < 36 and not after[:1].isascii()]
    assert language == "en" or not broken_early


def test_the_status_says_what_its_next_line_is(config: str) -> None:
    assert any(line.startswith("Next: step ") for line in kidoku("status", "1", "--config", config).stdout.splitlines())


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_note_is_refused(config: str, text: str) -> None:
    run = kidoku("note", "1", text, "--by", "alice", "--config", config)
    assert (run.returncode, run.stdout) == (2, "")
    assert "The note is empty; write it like: kidoku note 42 TEXT" in run.stderr
