"""The Slack channel on a stage of its own: built against the fake, with an inbox that remembers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier
from starlette.routing import BaseRoute

from channels.base import Button, CallReport, Channel, Fact, Message, Notifier, Press, Reply, Verb
from channels.slack import build
from channels.slack.config import SlackSettings
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import APP_TOKEN, BOT_TOKEN, FIRST_TS, PATIENCE, SIGNING_SECRET
from tests.fakes.twilio_line import serving

NOW = datetime.fromtimestamp(FIRST_TS, UTC)


@dataclass
class Recorder:
    """The inbox at the channel's border. It saves nothing while ``may_save`` is clear."""

    presses: list[Press] = field(default_factory=list)
    refs: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    may_save: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_save.set()

    async def pressed(self) -> None:
        """Wait until the first press has come in."""
        async with asyncio.timeout(PATIENCE):
            await self._came.wait()

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        self._came.set()
        await self.may_save.wait()
        if self.fault is not None:
            raise self.fault
        return Reply(f"done: {press.verb} <!channel>")

    async def report(self, report: CallReport) -> None:
        raise AssertionError("Slack reports no calls")

    async def message(self, key: str) -> Message | None:
        return None

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        return self.refs.get(address, []) if channel == "slack" else []


@dataclass
class Stage:
    """A built channel, and what it told of its health."""

    channel: Channel
    notifier: Notifier
    inbox: Recorder
    health: list[tuple[bool, str]]
    told: asyncio.Event
    now: list[datetime]
    base: str

    async def heard(self, is_up: bool) -> str:
        """Wait until the channel says that it is up or down; why."""
        async with asyncio.timeout(PATIENCE):
            while not self.health or self.health[-1][0] is not is_up:
                self.told.clear()
                await self.told.wait()
        return self.health[-1][1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The channel's services run."""
        tasks = [asyncio.create_task(service.run()) for service in self.channel.services]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def stage(slack: FakeSlack, **more: object) -> AsyncIterator[Stage]:
    given = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": slack.url, "timeout": timedelta(seconds=2)}
    settings = SlackSettings.model_validate(given | more)
    inbox, health, told, now = Recorder(), list[tuple[bool, str]](), asyncio.Event(), [NOW]

    def hear(name: str, is_up: bool, detail: str) -> None:
        assert name == "slack"
        health.append((is_up, detail))
        told.set()

    channel = build(settings, inbox, lambda: now[0], hear)
    assert channel.notifier is not None
    routes = [route for route in channel.routes if isinstance(route, BaseRoute)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(listener, routes):
            try:
                yield Stage(channel, channel.notifier, inbox, health, told, now, base)
            finally:
                await channel.notifier.close()


def message(**more: object) -> Message:
    values: dict[str, object] = {
        "key": "42.0",
        "address": "#ops",
        "language": "en",
        "title": "Unread for 5 min: down",
        "summary": "Unread for 5 min: down",
        "alert_id": 42,
        "facts": (Fact("From", "NOC <noc@carrier.example>"), Fact("Next", "step 2 of 3 at 02:15: phone → Alice")),
        "buttons": (
            Button(Verb.ACK, "Acknowledge", is_primary=True),
            Button(Verb.SNOOZE, "Snooze 15 min", "15m"),
            Button(Verb.SNOOZE, "Snooze 1 h", "1h"),
        ),
        "timeline": ("02:00 An urgent mail came.",),
        "footer": "Kidoku #42",
    } | more
    return Message(**values)  # type: ignore[arg-type]


def signed(body: str, at: datetime = NOW, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature or "",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def form(payload: str) -> str:
    return urlencode({"payload": payload})
