"""Reads a calendar in a process of its own, with bounded time and memory: a stranger's file can't hold the bot.

``python -m bot.calendars.apart ZONE NOW`` reads the calendar from stdin and writes what came of it.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec

from bot.calendars.fault import MOST_BYTES, TOO_MUCH, FeedError
from escalation.feed import FeedEvent
from escalation.phrase import of_parts, parts_of

SECONDS = 10
"""Of the processor."""
WAIT = 45
"""Seconds on the wall: a busy machine gives a process little of its processor."""
MEMORY = 1_500_000_000

_POOL = ThreadPoolExecutor(2, "calendar")
"""Of their own: the threads of everybody else look up the addresses of channels, too."""
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(tuple[FeedEvent, ...]).decode


async def read_apart(data: bytes, zone: str, now: datetime) -> tuple[FeedEvent, ...]:
    """The same as ``parse.read``, elsewhere. Raises FeedError, also for what takes too long or too much memory."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, run_apart, data, zone, now)


def run_apart(data: bytes, zone: str, now: datetime) -> tuple[FeedEvent, ...]:
    """The same, while the caller waits."""
    if len(data) > MOST_BYTES:
        raise FeedError(TOO_MUCH)
    command = [sys.executable, "-m", __name__, zone, now.isoformat()]
    try:
        run = subprocess.run(  # noqa: S603 - our own module, and no shell
            command, input=data, capture_output=True, timeout=WAIT, check=False, env=_environ()
        )
    except subprocess.TimeoutExpired as error:
        raise FeedError(TOO_MUCH) from error
    if run.returncode == 3:
        raise FeedError(of_parts(json.loads(run.stdout)))
    if run.returncode:
        raise FeedError(TOO_MUCH)
    return decode(run.stdout)


def _environ() -> dict[str, str]:
    """Where the modules are; none of the bot's secrets."""
    return {"PYTHONPATH": os.pathsep.join(one or str(Path.cwd()) for one in sys.path), "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> int:
    # Here, not above: the libraries are for this process alone, and every command would pay for them.
    from bot.calendars.parse import read

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    zone, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
    try:
        found = read(sys.stdin.buffer.read(), zone, now)
    except FeedError as error:
        sys.stdout.write(json.dumps(parts_of(error.args[0])))
        return 3
    sys.stdout.buffer.write(encode(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
