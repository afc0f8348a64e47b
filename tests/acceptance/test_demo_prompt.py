"""The demo at a terminal: somebody types while boxes come."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.terminal import Terminal, running

ROOT = Path(__file__).parents[2]
PROMPT = "kidoku>"


@asynccontextmanager
async def demo(language: str, speed: int, width: int = 80) -> AsyncIterator[Terminal]:
    """A demo that has told its story and waits for what is typed."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TERM": "xterm"}
    environ.pop("COLUMNS", None)
    arguments = ["-c", "from bot.cli import main; main()", "demo", "--speed", str(speed), "--language", language]
    async with running(arguments, environ, width) as terminal:
        await terminal.until(lambda lines: lines[-1] == PROMPT)
        yield terminal


async def answered(terminal: Terminal, typed: str) -> list[str]:
    """What stands below a line that was typed, once the prompt has come back."""
    before = len(terminal.lines)
    terminal.type(f"{typed}\r")
    lines = await terminal.until(lambda lines: lines[-1] == PROMPT and len(lines) > before)
    return lines[before:-1]


@pytest.mark.parametrize(("language", "width"), [("en", 80), ("ja", 60)])
async def test_boxes_and_the_prompt_leave_each_other_whole(language: str, width: int) -> None:
    async with demo(language, 300, width) as terminal:
        told = len(terminal.lines)
        terminal.type("mail test\rac")
        lines = await terminal.until(
            lambda lines: sum("Discord" in one for one in lines[told:]) > 0 and lines[-1] == f"{PROMPT} ac"
        )
        tops = [line for line in lines if "╭" in line]
        assert all(line.startswith("╭") and line.endswith("╮") for line in tops)
        assert len([line for line in lines if line.startswith("╰") and line.endswith("╯")]) == len(tops)
        assert [line for line in lines[told:] if line.startswith(PROMPT)] == [f"{PROMPT} ac"]
        terminal.type("k 3\r")
        assert f"{PROMPT} ack 3" in await terminal.until(lambda lines: f"{PROMPT} ack 3" in lines)


async def test_what_is_mistyped_is_answered_in_the_words_of_the_prompt() -> None:
    async with demo("en", 300) as terminal:
        assert await answered(terminal, "ack") == ["Which alert? Type: ack ID. “list” shows them all."]
        assert await answered(terminal, "ack 99") == ["No alert matches “99”. “list” shows them all."]
        assert await answered(terminal, "status") == ["Which alert? Type: status ID. “list” shows them all."]
        assert await answered(terminal, "snooze 1") == ["For how long? Type: snooze ID 15m, or 2h, 1d, morning"]
        assert await answered(terminal, "press") == ["Which key? Type: press DIGIT"]
        assert await answered(terminal, "press 1") == ["No phone rings."]
        assert await answered(terminal, "read carol") == ["Who reads? Type: read alice|bob"]
        assert any("escalate ID" in line for line in await answered(terminal, "help"))
        assert (await answered(terminal, "what"))[0] == "There is no command “what” here:"
        assert await answered(terminal, "5") == ["To press it on the phone that rings, type: press 5"]


async def test_a_phone_that_nobody_answers_stops_before_it_rings_again() -> None:
    async with demo("en", 600) as terminal:
        told = len(terminal.lines)
        terminal.type("mail test\r")
        lines = await terminal.until(lambda lines: sum("☎ → Bob" in one for one in lines[told:]) == 2)
        calls = ["rings" if "→" in one else "ends" for one in lines[told:] if "☎" in one and "Alice" in one]
        assert calls[:4] == ["rings", "ends", "rings", "ends"]
        assert not [line for line in lines if "Alarm raised" in line]


async def test_the_terminal_is_given_back_as_it_was() -> None:
    async with demo("en", 600) as terminal:
        assert not terminal.echoes
        terminal.type("quit\r")
        assert await terminal.process.wait() == 0
        assert terminal.echoes
        await terminal.until(lambda lines: "The demo has ended. All went as it should." in lines)


async def test_a_demo_that_is_ended_from_outside_gives_the_terminal_back() -> None:
    async with demo("en", 600) as terminal:
        terminal.process.terminate()
        assert await terminal.process.wait() == 0
        assert terminal.echoes


async def test_in_a_narrow_terminal_what_a_command_does_stands_below_it() -> None:
    async with demo("en", 300, 40) as terminal:
        lines = terminal.lines
        at = next(number for number, line in enumerate(lines) if line == "  resolve ID [WHY]")
        assert lines[at + 1].startswith("    the incident is over")
