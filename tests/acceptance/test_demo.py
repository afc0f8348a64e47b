"""``kidoku demo`` without a terminal plays its story and says with its exit code whether all went well."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("language", "words"), [("en", "Taken by Alice"), ("ja", "田中さん")])
def test_the_demo_plays_its_story(language: str, words: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--speed", "80", "--language", language],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONUTF8": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    told = [line.split("→")[0].split()[-1] for line in run.stdout.splitlines() if line.startswith("╭")]
    assert [one for number, one in enumerate(told) if one not in told[:number]] == ["Slack", "Discord", "☎"]
    assert words in run.stdout
