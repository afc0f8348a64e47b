"""Memory of the idle bot with Slack, Discord and the phone configured, against a bare Python with an event loop."""

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
BARE = (
    "import asyncio, resource, pathlib;"
    "print(int(pathlib.Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize())"
)


async def main() -> None:
    text = (Path(__file__).parents[1] / "configs" / "stage.yaml").read_text("utf-8")
    text += f'\ndatabase: "{tempfile.mkdtemp(prefix="kidoku-bench-")}/bench.sqlite3"\n'
    clock = SystemClock()
    loaded = load_bytes(text.encode(), "stage.yaml", SECRETS, clock.now().date())
    assert loaded.settings is not None
    parts = Parts(partial(configured_channels, loaded.settings, clock), watches_mail=False)
    app = await App.build(loaded.settings, clock, parts)
    ours = resident() / 1024 / 1024
    await app.close()
    beside = f"bare Python with asyncio {bare() / 1024 / 1024:.0f} MB"
    row("memory of the idle bot", f"{ours:.0f} MB", beside, "< 150 MB", ours < TARGET)


def bare() -> int:
    """Bytes of a Python that has only imported asyncio."""
    run = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True)
    return int(run.stdout)


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    asyncio.run(main())
