"""``kidoku send`` at a terminal: it shows the mail, asks, and takes no for an answer, however it is said."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.fakes.command_line import ROOT
from tests.fakes.patience import PATIENCE
from tests.fakes.terminal import running
from tests.unit.test_send_command import config, outbox

__all__ = ["config"]

# Whoever leads a session gets the terminal that it opens first: from then on Ctrl+C is a signal.
KIDOKU = "import os; os.open(os.ttyname(0), os.O_RDWR); from bot.cli import main; main()"
ASKED = "Send it? [y/N]"


@pytest.mark.parametrize(("typed", "sent"), [("\x03", []), ("\x04", []), ("\r", []), ("n\r", []), ("y\r", ["pending"])])
async def test_only_a_yes_sends(config: str, tmp_path: Path, typed: str, sent: list[str]) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    arguments = ["send", "--to", "alice", "-s", "Works", "--by", "alice", "-c", config]
    async with running(["-c", KIDOKU, *arguments], environ) as terminal:
        await terminal.until(lambda lines: lines[-1] == ASKED)
        terminal.type(typed)
        async with asyncio.timeout(PATIENCE):
            assert await terminal.process.wait() == (0 if sent else 1)
        said = "#1 goes to 1 recipient. Who has read it: kidoku status 1" if sent else "Nothing was sent."
        lines = await terminal.until(lambda lines: any(line.endswith(said) for line in lines))
    assert "Traceback" not in "\n".join(lines)
    assert [state for _, state in outbox(tmp_path)] == sent
