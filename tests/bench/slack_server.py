"""A Slack of its own process on loopback: notes when each request came in, by the subject that it shows."""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
_MAIL = re.compile(r"mail-\d+")
_LIMIT = 2**20


class SlackServer:
    """``posted_at`` and ``read_at``: when Slack had received the message, and its update that somebody has read."""

    def __init__(self, url: str, process: asyncio.subprocess.Process) -> None:
        self.url = url
        self.posted_at: dict[str, float] = {}
        self.read_at: dict[str, float] = {}
        self._process = process
        self._changed = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        command = [sys.executable, "-m", "tests.fakes.slack_serve"]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT, limit=_LIMIT)
        assert process.stdout is not None
        server = cls(json.loads(await process.stdout.readline())["url"], process)
        hearing = asyncio.create_task(server._hear(process.stdout))
        try:
            yield server
        finally:
            process.terminate()
            await asyncio.gather(process.wait(), hearing)

    async def _hear(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            told = json.loads(line)
            where = {"chat.postMessage": self.posted_at, "chat.update": self.read_at}.get(told.get("method", ""))
            text = told.get("arguments", {}).get("text", "")
            found = _MAIL.search(text)
            if where is None or found is None or (where is self.read_at and not text.startswith("Read by")):
                continue
            async with self._changed:
                where.setdefault(found.group(), time.time())
                self._changed.notify_all()

    async def until(self, where: dict[str, float], subject: str) -> float:
        """When it came; waits for it."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: subject in where)
        return where[subject]
