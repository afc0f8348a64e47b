"""The verbs of chat as they are typed at the command line, and ``kidoku audit``."""

import json
import sqlite3
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.fakes.command_line import kidoku, stored
from tests.fakes.stored import first
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
        (kept[0]["who"], "cli", "why", 1, ""),
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
    kept = json.loads(kidoku("audit", "--json", "-c", two).stdout)
    assert [(one["verb"], one["argument"], one["outcome"]) for one in reversed(kept)] == [
        ("escalate", "9", "mistaken"),
        ("escalate", "bobb", "mistaken"),
        ("lang", "fr", "mistaken"),
    ]


# The words of chat ---------------------------------------------------------------------------------------------------


def audited(config: str) -> list[tuple[str, int | None, str, str]]:
    kept = json.loads(kidoku("audit", "--json", "-c", config).stdout)
    assert {one["via"] for one in kept} == {"cli"}
    return [(one["verb"], one["alert_id"], one["argument"], one["outcome"]) for one in reversed(kept)]


def test_the_words_of_chat_need_no_quotes_and_no_number_where_one_alert_is_open(two: str) -> None:
    said = [
        kidoku(*arguments, "--by", "alice", "-c", two).stdout.strip()
        for arguments in (
            ("ack",),
            ("snooze", "until", "morning"),
            ("escalate", "1", "to", "bob"),
            ("note", "1", "hello", "world"),
            ("解決", "1", "it", "is", "over"),
        )
    ]
    assert said[0] == "#1 is yours. Nobody else is called."
    assert said[1].startswith("#1 is silent until ")
    assert said[2] == "#1: told at once: console → Bob."
    assert (said[3], said[4]) == ("#1: the note is kept.", "#1 is resolved.")
    assert "Note by Alice: hello world" in (told := kidoku("why", "1", "-c", two).stdout)
    assert "it is over" in told
    none = kidoku("ack", "--by", "alice", "-c", two)
    assert (none.returncode, none.stderr) == (2, "No open alerts.\n")
    assert kidoku("list", "resolved", "-c", two).stdout == kidoku("list", "--resolved", "-c", two).stdout
    assert [one["id"] for one in json.loads(kidoku("list", "resolved", "--json", "-c", two).stdout)] == [1]


async def test_which_alert_is_asked_where_several_are_open(two: str) -> None:
    await opened_too(two)
    asked = kidoku("ack", "--by", "alice", "-c", two)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr == "Which alert? Open are #2, #1. Write: kidoku ack 2\n"
    assert {one["id"] for one in json.loads(kidoku("status", "--json", "-c", two).stdout)} == {1, 2}


async def opened_too(config: str) -> None:
    store = await stored(Path(config))
    async with store.transaction() as tx:
        await tx.save([first(2)])
    await store.close()


def test_looks_are_in_the_audit_trail_and_say_of_what(two: str) -> None:
    for arguments in (("status",), ("why", "disk"), ("list", "all"), ("list", "--mine", "--by", "bob"), ("who",)):
        kidoku(*arguments, "-c", two)
    kidoku("status", "9", "-c", two)
    kidoku("simulate", "urgent", "at", "2:00", "-c", two)
    assert audited(two) == [
        ("status", 1, "", "done"),
        ("why", 1, "", "done"),
        ("list", None, "all", "done"),
        ("list", None, "mine", "done"),
        ("who", None, "", "done"),
        ("status", None, "#9", "mistaken"),
        ("simulate", None, "urgent at 2:00", "done"),
    ]


def test_a_look_is_answered_though_the_audit_trail_can_not_be_written(two: str) -> None:
    with sqlite3.connect(Path(two).parent / "kidoku.sqlite3") as store:
        store.execute("ALTER TABLE audit RENAME TO gone")
    seen = kidoku("status", "1", "--json", "-c", two)
    assert (seen.returncode, json.loads(seen.stdout)["id"]) == (0, 1)
    assert seen.stderr.startswith("This could not be kept in the audit trail: ")
    # What changes something is not done without its line.
    assert kidoku("ack", "1", "--by", "alice", "-c", two).returncode != 0
    with sqlite3.connect(Path(two).parent / "kidoku.sqlite3") as store:
        store.execute("ALTER TABLE gone RENAME TO audit")
    assert "unread" in kidoku("list", "-c", two).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ack", "9"), "No alert matches “#9”. “kidoku list --all” shows them all."),
        (
            ("snooze", "1", "soon"),
            "“soon” is no time; write it like: kidoku snooze 42 30m | until 9:00 | until morning",
        ),
        (("list", "--nosuch"), "There is no option --nosuch here"),
        (("report", "week", "--since", "2026-05-01"), "Write it in words or with --since, not both ways at once"),
        (("simulate", "x"), "There is no policy “x”; the policies are: urgent"),
    ],
)
def test_what_reads_json_gets_json_for_an_error_too(config: str, arguments: tuple[str, ...], said: str) -> None:
    run = kidoku(*arguments, "--json", "-c", config)
    assert (run.returncode, json.loads(run.stdout)) == (2, {"error": said})
    assert said.split(";")[0] in run.stderr


def test_help_is_a_verb() -> None:
    assert kidoku("help").stdout.split() == kidoku("--help").stdout.split()
    assert kidoku("help", "了解").stdout.split() == kidoku("ack", "--help").stdout.split()
    assert "Usage: kidoku ack [OPTIONS] [ID]" in kidoku("help", "ack").stdout
    wrong = kidoku("help", "akc")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean 'ack'?" in wrong.stderr
