"""``kidoku note``, ``remind``, ``escalate --to``, ``lang`` and ``audit``, as they are typed."""

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.fakes.command_line import kidoku
from tests.unit.test_cli import config

__all__ = ["config"]


@pytest.fixture
def two(config: str) -> str:
    """With a second person, who has a console only."""
    path = Path(config)
    alice = "email: alice@company.example}}"
    text = path.read_text("utf-8").replace(alice, alice[:-1] + ", bob: {name: Bob, console: bob}}")
    path.write_text(text, "utf-8")
    return config


def test_what_is_asked_for_at_the_command_line_is_done_and_kept(two: str) -> None:
    said = [
        kidoku(*arguments, "--by", "alice", "-c", two).stdout.strip()
        for arguments in (
            ("note", "1", "calling the carrier"),
            ("escalate", "1", "--to", "Bob"),
            ("remind", "#1"),
            ("lang", "ja"),
        )
    ]
    assert said[0] == "#1: the note is kept."
    assert said[1] == "#1: told at once: console → Bob."
    assert said[2].startswith("#1: told at once: ")
    assert said[3] == "これからは日本語でお話しします。"
    assert "Note by Alice: calling the carrier" in kidoku("why", "1", "-c", two).stdout
    kept = json.loads(kidoku("audit", "--json", "-c", two).stdout)
    assert [(one["who"], one["via"], one["verb"], one["alert_id"], one["argument"]) for one in reversed(kept)] == [
        ("alice", "cli", "note", 1, "calling the carrier"),
        ("alice", "cli", "escalate", 1, "Bob"),
        ("alice", "cli", "remind", 1, ""),
        ("alice", "cli", "lang", None, "ja"),
    ]
    assert {one["outcome"] for one in kept} == {"done"}
    shown = kidoku("audit", "-c", two, COLUMNS="60").stdout
    assert max(cell_len(line) for line in shown.splitlines()) <= 60
    assert "calling" in shown
    assert kidoku("audit", "--since", "2099-01-01", "-c", two).stdout == "Nobody has asked for anything.\n"


def test_what_can_not_be_done_says_what_to_type(two: str) -> None:
    wrong = kidoku("escalate", "1", "--to", "9", "--by", "alice", "-c", two)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "There is no step 9" in wrong.stderr
    assert "did you mean bob?" in kidoku("escalate", "1", "--to", "bobb", "--by", "alice", "-c", two).stderr
    assert kidoku("lang", "fr", "--by", "alice", "-c", two).returncode == 2
    assert json.loads(kidoku("audit", "--json", "-c", two).stdout) == []
