"""Memory of the idle bot with Slack, Discord and the phone configured, against a bare Python with an event loop; each
in a process of its own. Its first start makes the database."""

import asyncio
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bot.app import App, Parts, configured_channels
from bot.clock import SystemClock
from bot.logs import LogFormat, set_up
from bot.settings.load import load_bytes
from tests.acceptance.stage import SECRETS
from tests.bench.setting import resident, row

TARGET = 150.0
MEGABYTE = 1024 * 1024
BARE = (
    "import asyncio, resource, pathlib;"
    "print(int(pathlib.Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize())"
)


def main() -> None:
    beside = f"bare Python with asyncio {_printed('-c', BARE):.0f} MB"
    with tempfile.TemporaryDirectory(prefix="kidoku-bench-") as folder:
        for what in ("at its very first start", "at every later start"):
            ours = _printed("-m", "tests.bench.idle", folder)
            row(f"memory of the idle bot, {what}", f"{ours:.1f} MB", beside, "< 150 MB", ours < TARGET)


def _printed(*arguments: str) -> float:
    """Megabytes, from the bytes that a Python prints at the end."""
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return int(run.stdout.split()[-1]) / MEGABYTE


async def started(folder: str) -> int:
    """Bytes of this process with a bot that has started and has nothing to do."""
    text = (Path(__file__).parents[1] / "configs" / "stage.yaml").read_text("utf-8")
    text += f'\ndatabase: "{folder}/bench.sqlite3"\n'
    clock = SystemClock()
    loaded = load_bytes(text.encode(), "stage.yaml", SECRETS, clock.now().date())
    assert loaded.settings is not None
    parts = Parts(partial(configured_channels, loaded.settings, clock), watches_mail=False)
    app = await App.build(loaded.settings, clock, parts)
    found = resident()
    await app.close()
    return found


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    if len(sys.argv) > 1:
        print(asyncio.run(started(sys.argv[1])))
    else:
        main()
