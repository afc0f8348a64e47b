"""Commands as they are typed, beside a bot that ran once."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.store.store import Store
from tests.acceptance.stage import START

ROOT = Path(__file__).parents[2]
MINIMAL = (ROOT / "config" / "minimal.yaml").read_text("utf-8")


COMMAND = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from bot.cli import main; main()"]


def kidoku(*arguments: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "LC_ALL": "C.UTF-8", **more}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, cwd=cwd, timeout=60, env=environ
    )


def say(config: Path, *arguments: str, code: int = 0) -> str:
    """What a command prints; where it ends with 2, what it says is wrong."""
    run = kidoku(*arguments, "-c", str(config))
    assert run.returncode == code, run.stderr
    return run.stderr if code == 2 else run.stdout


def without_year(text: str) -> str:
    """What was said on a day of a year that was, as if it were still that year."""
    return re.sub(r"\b(\w{3}), (\d+ \w{3}) \d{4}\b", r"\1 \2", text)


def load(config: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(say(config, *arguments, "--json", code=code))


def with_people(people: str) -> str:
    """The minimal settings, with these people."""
    return "zone: UTC\n" + re.sub(r"^people:.*\n", people, MINIMAL, flags=re.MULTILINE)


async def ran_once(folder: Path, settings: str) -> Path:
    """The settings of a bot that made its database."""
    path = folder / "kidoku.yaml"
    path.write_text(f'database: "{folder}/kidoku.sqlite3"\n{settings}', "utf-8")
    await (await stored(path)).close()
    return path


async def stored(config: Path) -> Store:
    """That database."""
    return await Store.open(f"sqlite+aiosqlite:///{config.parent}/kidoku.sqlite3", START)
