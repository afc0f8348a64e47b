"""The bot as a process of its own, as an administrator runs it: settings in a file, secrets in the environment, the
providers on loopback."""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.demo.mail_server import EmbeddedImap
from bot.store.store import Store, Tx
from tests.fakes import discord as fake_discord
from tests.fakes import slack_world
from tests.fakes import twilio as fake_twilio
from tests.fakes.discord import FakeDiscord
from tests.fakes.dovecot import free_port
from tests.fakes.patience import PATIENCE
from tests.fakes.slack import FakeSlack
from tests.fakes.twilio import OWNED, FakeTwilio
from tests.fakes.twilio_phone import ACCOUNT

PHONE = "+81312345678"
ROOT = Path(__file__).parents[2]

SETTINGS = """
language: en
zone: Asia/Tokyo
database: "{folder}/kidoku.sqlite3"
web: {{host: 127.0.0.1, port: {web}, public_url: "http://127.0.0.1:{web}"}}
alarms: [{{via: console, to: alice}}, {{via: slack, to: "#ops"}}]
people:
  alice: {{name: Alice, email: alice@team.example, phone: "{phone}", slack: {slack_alice}, discord: "{alice}"}}
rooms:
  "#ops": {{slack: "#ops", discord: "{room}"}}
policies:
  urgent:
    wait: 60s
    steps:
      - {{after: {chat}, via: slack, to: "#ops"}}
      - {{after: {chat}, via: discord, to: "#ops"}}
      - {{after: {after}, via: phone, to: alice}}
    last_resort: [{{via: phone, to: alice}}]
rules:
  - {{name: urgent, when: {{prefix: true}}, policy: urgent}}
imap:
  alice: {imap}
slack: {{api_url: "{slack}"}}
discord: {{api_url: "{discord}"}}
twilio: {{account_sid: {account}, from_number: "{owned}", api_url: "{twilio}"}}
"""


@dataclass
class Outside:
    """The providers, and the settings that point to them."""

    folder: Path
    slack: FakeSlack
    discord: FakeDiscord
    twilio: FakeTwilio
    web: int

    def configure(self, imap: str, after: str = "1s", chat: str = "") -> Path:
        """Writes the settings: every step ``after`` the one before, but those by chat after ``chat``, if given."""
        path = self.folder / "kidoku.yaml"
        values = {
            "folder": self.folder,
            "web": self.web,
            "phone": PHONE,
            "alice": fake_discord.ALICE,
            "slack_alice": slack_world.ALICE,
            "room": fake_discord.ROOM,
            "imap": imap,
            "after": after,
            "chat": chat or after,
            "slack": self.slack.url,
            "discord": self.discord.url,
            "twilio": self.twilio.url,
            "account": ACCOUNT,
            "owned": OWNED,
        }
        path.write_text(SETTINGS.format(**values), "utf-8")
        return path

    @asynccontextmanager
    async def stored(self) -> AsyncIterator[Tx]:
        """The bot's database, read beside it."""
        store = await Store.open(f"sqlite+aiosqlite:///{self.folder}/kidoku.sqlite3", datetime.now(UTC))
        try:
            async with store.reading() as tx:
                yield tx
        finally:
            await store.close()

    async def get(self, path: str) -> tuple[int, str]:
        """(status, body) of one of the bot's pages."""
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.web}{path}") as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def outside(folder: Path) -> AsyncIterator[Outside]:
    async with FakeSlack() as slack, FakeDiscord() as discord, FakeTwilio() as twilio:
        twilio.now = datetime.now(UTC)
        yield Outside(folder, slack, discord, twilio, free_port())


@asynccontextmanager
async def mailbox(password: str) -> AsyncIterator[EmbeddedImap]:
    """Alice's."""
    server = EmbeddedImap(("alice",), password)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def place_of(imap: EmbeddedImap) -> str:
    """What the settings say of it."""
    return f"{{host: 127.0.0.1, port: {imap.port}, security: plain, username: alice, owner: alice, watch_junk: false}}"


PROGRAM = "from bot.cli import main; main()"
ON_HOLD = f"import sys; import bot.run; sys.stdin.readline(); {PROGRAM}"
"""Everything is imported before it waits: what takes the most of a start."""


@dataclass
class Process:
    """``kidoku run``; its log lines as they come. One that ``is_on_hold`` starts when it is told to ``go``."""

    config: Path
    password: str
    failpoint: str = ""
    is_on_hold: bool = False
    lines: list[dict[str, Any]] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None

    @property
    def environ(self) -> dict[str, str]:
        secrets = {
            "KIDOKU_SLACK__BOT_TOKEN": slack_world.BOT_TOKEN,
            "KIDOKU_SLACK__APP_TOKEN": slack_world.APP_TOKEN,
            "KIDOKU_DISCORD__BOT_TOKEN": fake_discord.TOKEN,
            "KIDOKU_TWILIO__AUTH_TOKEN": fake_twilio.TOKEN,
            "KIDOKU_IMAP__ALICE__PASSWORD": self.password,
        }
        return {**os.environ, **secrets, "PYTHONPATH": str(ROOT), "KIDOKU_FAILPOINT": self.failpoint}

    async def __aenter__(self) -> "Process":
        program = ON_HOLD if self.is_on_hold else PROGRAM
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, "run", "--config", str(self.config), "--log", "json"),
            env=self.environ,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            async with self._changed:
                self.lines.append(_parsed(line))
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()

    def go(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def says(self, event: str, is_so: Callable[[dict[str, Any]], bool] = lambda line: True) -> dict[str, Any]:
        """The first log line with this sentence."""

        def found() -> dict[str, Any] | None:
            return next((line for line in self.lines if line.get("event") == event and is_so(line)), None)

        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: found() is not None)
        line = found()
        assert line is not None
        return line

    async def says_lines(self, count: int) -> None:
        """Until it has logged so many lines."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.lines) >= count)

    async def dies(self) -> int:
        """The exit code, when it has one."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code. Raises TimeoutError if it takes longer than is promised."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            return await self._process.wait()

    def fill_disk(self, is_full: bool) -> None:
        """From now on no file of the process may grow, as on a full disk; or it may again."""
        assert self._process is not None
        hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (0 if is_full else hard, hard))

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()

    async def ask(self, *arguments: str) -> Any:
        """What another ``kidoku`` command prints as JSON, beside the bot that runs."""
        command = (sys.executable, "-c", PROGRAM, *arguments, "--config", str(self.config), "--json")
        run = await asyncio.create_subprocess_exec(
            *command, env=self.environ, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, error = await run.communicate()
        assert run.returncode == 0, error.decode()
        return json.loads(out)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"event": line.decode("utf-8", "replace")}
    return found
