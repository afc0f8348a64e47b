"""The command line's own part: errors a user can mend are a line, not a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MINIMAL = (ROOT / "config" / "minimal.yaml").read_text("utf-8")


def kidoku(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from bot.cli import main; main()"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, cwd=cwd, timeout=60)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "kidoku.yaml"
    path.write_text(f'database: "{tmp_path}/kidoku.sqlite3"\n{MINIMAL}', "utf-8")
    return str(path)


def test_a_database_that_can_not_be_opened_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "kidoku.yaml"
    path.write_text(f"database: /proc/nowhere/kidoku.sqlite3\n{MINIMAL}", "utf-8")
    run = kidoku("list", "--config", str(path))
    assert run.returncode == 1
    assert run.stderr.startswith("The database: /proc/nowhere/kidoku.sqlite3")
    assert "Traceback" not in run.stderr


def test_settings_that_are_missing_name_the_file_and_the_option() -> None:
    run = kidoku("list", "--config", "nowhere.yaml")
    assert run.returncode == 2
    assert run.stderr.startswith("nowhere.yaml: can't read the file")


def test_an_empty_list_in_words_and_as_json(config: str) -> None:
    assert kidoku("list", "--config", config).stdout == "No open alerts.\n"
    assert json.loads(kidoku("list", "--config", config, "--json").stdout) == []


def test_an_id_that_names_nothing_says_what_to_type(config: str) -> None:
    run = kidoku("ack", "42", "--config", config)
    assert run.returncode == 2
    assert "kidoku list --all" in run.stderr
