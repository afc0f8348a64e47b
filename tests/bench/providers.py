"""Providers on loopback, each half in a process of its own: ``python -m tests.bench.providers twilio|chat [--broken]``.

Prints one JSON object a line: first the ``api_url`` of each, then every call that Twilio is asked to make, with when
the request came in: Twilio is alone in its process, so that nothing else delays that instant. ``--broken``: Slack
answers every message with 429 and half an hour's Retry-After; Discord's gateway takes no connection, its REST works.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from tests.fakes import discord as fake_discord
from tests.fakes import twilio_spec
from tests.fakes.discord import FakeDiscord
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import Refusal
from tests.fakes.twilio import FakeTwilio

ROOT = Path(__file__).parents[2]
NO_SPECIFICATION = ROOT / "no" / "specification"
"""What a request looks like is not measured here; judging it, and reading at the first how it must look, takes longer
than all else."""
HALF_AN_HOUR = Refusal("ratelimited", 429, {"Retry-After": "1800"})
MOST = 10_000


def say(line: Mapping[str, Any]) -> None:
    print(json.dumps(line), flush=True)


class TimedTwilio(FakeTwilio):
    """Says when it was asked for a call."""

    async def _create(self, request: web.Request) -> web.Response:
        at = time.time()
        answer = await super()._create(request)
        say({"to": (await request.post())["To"], "at": at})
        return answer


async def serve_twilio() -> None:
    twilio_spec.FILE = NO_SPECIFICATION
    async with TimedTwilio() as twilio:
        say({"twilio": twilio.url})
        await _terminated()


async def serve_chat(*, is_broken: bool) -> None:
    fake_discord.SPECIFICATION = NO_SPECIFICATION
    async with FakeSlack() as slack, FakeDiscord() as discord:
        if is_broken:
            slack.refuse("chat.postMessage", *[HALF_AN_HOUR] * MOST)
            discord.is_gateway_gone = True
        say({"slack": slack.url, "discord": discord.url})
        await _terminated()


async def _terminated() -> None:
    """Until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()


class Providers:
    """The processes, from the other side. ``called_at`` is when each number was first asked for."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}
        self.called_at: dict[str, float] = {}
        self._changed = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def running(cls, *, is_broken: bool) -> AsyncIterator[Self]:
        providers = cls()
        chat = ["chat", *(["--broken"] if is_broken else [])]
        async with providers._half("twilio"), providers._half(*chat):
            yield providers

    @asynccontextmanager
    async def _half(self, *arguments: str) -> AsyncIterator[None]:
        command = [sys.executable, "-m", "tests.bench.providers", *arguments]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
        assert process.stdout is not None
        self.urls |= json.loads(await process.stdout.readline())
        hearing = asyncio.create_task(self._hear(process.stdout))
        try:
            yield
        finally:
            process.terminate()
            await asyncio.gather(process.wait(), hearing)

    async def _hear(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            told = json.loads(line)
            async with self._changed:
                self.called_at.setdefault(told["to"], told["at"])
                self._changed.notify_all()

    async def until(self, count: int) -> None:
        """Until so many numbers were called."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: len(self.called_at) >= count)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("half", choices=("twilio", "chat"))
    arguments.add_argument("--broken", action="store_true")
    known = arguments.parse_args()
    asyncio.run(serve_twilio() if known.half == "twilio" else serve_chat(is_broken=known.broken))
