"""What is wrong with a command that was typed is said in the language of the terminal: whatever typer finds."""

import re
from pathlib import Path

import pytest
import typer

from bot import usage
from bot.cli import app
from bot.help import command_of
from bot.language import LANGUAGES, Words
from tests.fakes.command_line import MINIMAL, kidoku, ran_once, stored
from tests.fakes.stored import open_alerts

WRONG = (
    (("akc",), "There is no command “akc”; did you mean 'ack'?"),
    (("nosuchcommand",), "There is no command “nosuchcommand”"),
    (("list", "--nosuch"), "There is no option --nosuch here"),
    (("list", "--jsn"), "There is no option --jsn here; did you mean --json, --since?"),
    (("-x",), "There is no option -x here"),
    (("leave",), "Person is missing"),
    (("send",), "The option '--subject' / '-s' is missing"),
    (("check", "a", "b"), "That is too much: a b"),
    (("list", "--limit"), "Write a value after --limit"),
    (("list", "--json=3"), "--json takes no value"),
    (("list", "--limit", "x"), "'--limit': write a whole number"),
    (("list", "--limit", "0"), "'--limit': write at least 1"),
    (("demo", "--speed", "x"), "'--speed': write a number"),
    (("demo", "--speed", "1e9"), "'--speed': write at most 600"),
    (("run", "--log", "x"), "'--log': “x” is none of these: 'text', 'json', 'quiet'"),
    (("send", "--at", "x"), "'--at': “x” is no time; write it like 2026-05-03T02:00 or 2026-05-03T02:00+09:00"),
    (("translate", "1", "--lang", "xx"), "'--lang': “xx” is no language of Kidoku; write ja, en or zh"),
    (("probe", "--within", "x"), "'--within': “x” is no span of time; write it like 30m, 12h or 1d"),
)


def error_of(typed: tuple[str, ...]) -> typer.TyperException:
    """What typer finds wrong with a command."""
    with pytest.raises(typer.TyperException) as found:
        command_of(app)(list(typed), prog_name="kidoku", standalone_mode=False)
    return found.value


@pytest.mark.parametrize(("typed", "said"), WRONG)
def test_what_is_wrong_with_a_command_is_said_in_kidokus_own_words(typed: tuple[str, ...], said: str) -> None:
    assert usage.said(error_of(typed), Words("en", "UTC")) == said


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("typed", [typed for typed, _ in WRONG])
def test_and_in_every_language(language: str, typed: tuple[str, ...]) -> None:
    said = usage.said(error_of(typed), Words(language, "UTC"))
    # What is left of English is what was typed, or is to be typed.
    typeable = {
        "person",
        "Person",
        "ack",
        "subject",
        "s",
        "since",
        "text",
        "json",
        "quiet",
        "ja",
        "en",
        "zh",
        "Kidoku",
        "T02",
        *"mhd",
    }
    typeable |= {word for one in typed for word in re.findall(r"[A-Za-z][\w-]*", one)}
    assert not set(re.findall(r"[A-Za-z][\w-]*", said)) - typeable
    assert re.search(r"[\u3040-\u9fff]", said)


@pytest.mark.parametrize(
    ("locale", "usage_line", "wrong"),
    [
        ("ja_JP.UTF-8", "使い方: kidoku list [オプション]", "--nosuch というオプションはありません"),
        ("zh_CN.UTF-8", "用法: kidoku list [选项]", "没有 --nosuch 这个选项"),
        ("en_US.UTF-8", "Usage: kidoku list [OPTIONS]", "There is no option --nosuch here"),
    ],
)
def test_the_terminal_shows_how_the_command_is_typed_and_what_was_wrong(
    locale: str, usage_line: str, wrong: str
) -> None:
    run = kidoku("list", "--nosuch", LC_ALL=locale)
    assert (run.returncode, run.stdout) == (2, "")
    assert usage_line in run.stderr and wrong in run.stderr
    others = {"Usage", "OPTIONS", "Error", "Try", "No such"} if locale[:2] != "en" else set()
    assert not [one for one in others if one in run.stderr]


@pytest.mark.parametrize("locale", ["ja_JP.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize("typed", [("--help",), ("send", "--help"), ("silences", "--help")])
def test_a_help_has_no_word_of_typers_english(locale: str, typed: tuple[str, ...]) -> None:
    said = kidoku(*typed, LC_ALL=locale).stdout
    english = (
        r"Usage|OPTIONS|COMMAND|ARGS|Options|Arguments|Commands|<str>|<bool>|<path>|list\[|required|default|env var"
    )
    assert not re.findall(english, said)


def test_a_flag_takes_nothing() -> None:
    assert "--json" in (said := kidoku("ack", "--help").stdout)
    assert "<bool>" not in said and "<text>" in said


def test_a_command_that_only_shows_its_help_says_nothing_is_wrong() -> None:
    run = kidoku()
    assert (run.returncode, run.stderr) == (2, "")
    assert "Usage: kidoku" in run.stdout


@pytest.mark.parametrize(("language", "said"), [("ja", "「xyz」は"), ("zh", "“xyz”")])
async def test_a_time_that_is_none_is_told_in_the_language_of_the_settings(
    tmp_path: Path, language: str, said: str
) -> None:
    config = await ran_once(tmp_path, MINIMAL)
    store = await stored(config)
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
    await store.close()
    run = kidoku("snooze", "1", "xyz", "--by", "alice", "-c", str(config), KIDOKU_LANGUAGE=language)
    assert run.returncode == 2
    typed = "kidoku snooze 42 30m | until 9:00 | until morning"
    assert said in run.stderr and typed in run.stderr
    assert not re.search(r"[A-Za-z]{4,}", run.stderr.replace(typed, ""))
