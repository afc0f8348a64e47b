"""The phone as the bot builds it, between Twilio on loopback and an inbox that keeps what came in."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from channels.base import Channel, Notifier, Sent
from channels.inbox import Press, Reply
from channels.message import Message, Speech
from channels.twilio.channel import build, build_sms
from channels.twilio.config import TwilioSettings
from tests.fakes.inbox import Told
from tests.fakes.twilio import OWNED, TOKEN, FakeTwilio
from tests.fakes.twilio_phone import ACCOUNT

ALICE = "+819012345678"
SPEECH = Speech(
    language="ja-JP",
    announcement="NOC から緊急メールです。",
    menu="引き受けるには 7 を、次の人に回すには 4 を押してください。",
    confirmed="引き受けました。",
    passed_on="次の人に回しました。",
    wrong="違う番号です。",
    goodbye="だれも引き受けていません。",
    ack_digit="7",
    pass_digit="4",
)
MESSAGE = Message(
    key="12.1.0-3",
    address=ALICE,
    language="ja",
    title="Unread for 5 min: disk full",
    summary="Taken by Bob: disk full",
    alert_id=12,
    speech=SPEECH,
)
ASKED = [SPEECH.announcement, SPEECH.menu]


@dataclass
class PhoneInbox(Told):
    """Answers a press with ``reply``, once ``pressed`` lets it."""

    messages: dict[str, Message] = field(default_factory=lambda: {MESSAGE.key: MESSAGE})
    reply: Reply = field(default_factory=lambda: Reply(""))
    text: str = "本文を読み上げます。"
    pressed: Callable[[], Awaitable[None]] | None = None

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        if self.pressed is not None:
            await self.pressed()
        return self.reply


class Line:
    """A built channel, its inbox, and what it told about its health."""

    def __init__(self, channel: Channel, inbox: PhoneInbox, health: list[tuple[str, bool, str]], base: str) -> None:
        assert channel.notifier is not None
        self.channel = channel
        self.notifier: Notifier = channel.notifier
        self.inbox = inbox
        self.health = health
        self.base = base


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(listener: socket.socket, routes: list[BaseRoute]) -> AsyncIterator[Starlette]:
    app = Starlette(routes=routes)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield app
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def line(twilio: FakeTwilio, *, is_public: bool = True, is_sms: bool = False, **more: Any) -> AsyncIterator[Line]:
    """The phone, or text messages, built as the bot builds it, its routes behind a real web server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        known: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": SecretStr(TOKEN), "from_number": OWNED}
        known |= {"api_url": twilio.url, "public_url": base if is_public else None, "calls_per_second": 100.0}
        inbox, health = PhoneInbox(), list[tuple[str, bool, str]]()
        settings = TwilioSettings.model_validate(known | more)
        parts: Any = (inbox, lambda: twilio.now, lambda *told: health.append(told))
        if is_sms:
            assert settings.sms is not None
            channel = build_sms(settings, settings.sms, *parts)
        else:
            channel = build(settings, *parts)
        async with serving(listener, [cast(BaseRoute, one) for one in channel.routes]):
            result = Line(channel, inbox, health, base)
            try:
                yield result
            finally:
                await result.notifier.close()


async def sent(built: Line, message: Message = MESSAGE) -> Sent:
    """Start a call that Twilio takes."""
    result = await built.notifier.send(message)
    assert isinstance(result, Sent), result
    return result
