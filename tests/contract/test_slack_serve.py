"""The fake Slack as a process of its own, with the bot's channel against it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from channels.base import RetryLater, Sent
from channels.message import Verb
from tests.fakes.patience import PATIENCE
from tests.fakes.slack_stage import Stage, built_against, message

ROOT = Path(__file__).parents[2]


class Served:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.url = ""

    async def line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            return dict(json.loads(await self._process.stdout.readline()))

    async def called(self, method: str) -> dict[str, Any]:
        while (line := await self.line()).get("method") != method:
            continue
        return dict(line["arguments"])

    async def control(self, verb: str, path: str, **asked: Any) -> Any:
        url = self.url.replace("/api/", f"/control/{path}")
        async with aiohttp.ClientSession() as session, session.request(verb, url, json=asked) as answer:
            assert answer.status == 200
            return await answer.json()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.slack_serve", stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    slack = Served(process)
    slack.url = (await slack.line())["url"]
    yield slack
    process.terminate()
    assert await process.wait() == 0


@pytest.fixture
async def bot(served: Served) -> AsyncIterator[Stage]:
    async with built_against(served.url) as built, built.running():
        await built.heard(True)
        yield built


async def test_it_tells_what_it_got_and_presses_and_refuses_as_it_is_told(served: Served, bot: Stage) -> None:
    assert isinstance(await bot.notifier.send(message(timeline=())), Sent)
    assert (await served.called("chat.postMessage"))["channel"] == "#ops"
    [posted] = await served.control("GET", "messages")
    await served.control("POST", "press", ts=posted["ts"], action_id="kidoku:snooze:15m")
    assert (await served.called("response_url"))["response_type"] == "ephemeral"
    assert [(one.verb, one.alert_id, one.argument) for one in bot.inbox.presses] == [(Verb.SNOOZE, 42, "15m")]
    limit = {"error": "ratelimited", "status": 429, "headers": {"Retry-After": "7"}}
    await served.control("POST", "refuse", method="chat.postMessage", **limit)
    result = await bot.notifier.send(message())
    assert isinstance(result, RetryLater)
    assert result.after is not None
    assert result.after.total_seconds() == 7
