"""The Slack channel on a stage of its own: built against the fake, with an inbox that remembers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier
from starlette.routing import BaseRoute

from channels.base import Channel, Notifier
from channels.message import Button, Fact, Message, Verb
from channels.slack.channel import build
from channels.slack.config import SlackSettings
from tests.fakes.inbox import RecordingInbox
from tests.fakes.patience import PATIENCE
from tests.fakes.services import running
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import APP_TOKEN, BOT_TOKEN, FIRST_TS, SIGNING_SECRET
from tests.fakes.twilio_line import serving

NOW = datetime.fromtimestamp(FIRST_TS, UTC)


@dataclass
class Stage:
    """A built channel, and what it told of its health: up once every part of it is."""

    channel: Channel
    notifier: Notifier
    inbox: RecordingInbox
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

    def running(self) -> AbstractAsyncContextManager[None]:
        """The channel's services run."""
        return running(self.channel.services)


def stage(slack: FakeSlack, **more: object) -> AbstractAsyncContextManager[Stage]:
    return built_against(slack.url, **more)


@asynccontextmanager
async def built_against(url: str, **more: object) -> AsyncIterator[Stage]:
    """The channel as the bot builds it, against the Slack at ``url``; ``more`` are settings."""
    given = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": url, "timeout": timedelta(seconds=2)}
    settings = SlackSettings.model_validate(given | more)
    inbox, health, told, now = RecordingInbox(), list[tuple[bool, str]](), asyncio.Event(), [NOW]
    parts: dict[str, str] = {}

    def hear(name: str, is_up: bool, detail: str) -> None:
        assert name in ("slack", channel.answers)
        parts[name] = "" if is_up else detail
        faults = [one for one in parts.values() if one]
        state = (not faults, "; ".join(faults))
        if (faults or len(parts) == len({"slack", channel.answers} - {""})) and health[-1:] != [state]:
            health.append(state)
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
