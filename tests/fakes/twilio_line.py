"""The phone as the bot builds it, between Twilio on loopback and an inbox that keeps what came in."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from channels.base import Channel, Notifier, Sent
from channels.inbox import Bundle, CallReport, Press, Reply, Texted
from channels.message import Message, Speech
from channels.twilio import build, build_sms
from channels.twilio.config import TwilioSettings
from tests.fakes.inbox import Commands
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


class PhoneInbox(Commands):
    """What the bot is to a channel: keeps what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, Message] = {MESSAGE.key: MESSAGE}
        self.presses: list[Press] = []
        self.texts: list[Texted] = []
        self.stopped: dict[tuple[str, str], bool] = {}
        self.joined = Bundle()
        self.reports: list[CallReport] = []
        self.refs: list[Mapping[str, str]] = []
        self.reply = Reply("")
        self.text = "本文を読み上げます。"
        self.pressed: Callable[[], Awaitable[None]] | None = None

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        if self.pressed is not None:
            await self.pressed()
        return self.reply

    async def texted(self, texted: Texted) -> Reply:
        self.texts.append(texted)
        return Reply("done: <b> & typed")

    async def stop(self, channel: str, address: str, *, is_asked: bool) -> str:
        self.stopped[channel, address] = is_asked
        return "no more"

    async def start(self, channel: str, address: str) -> None:
        self.stopped.pop((channel, address), None)

    async def has_stopped(self, channel: str, address: str) -> bool:
        return self.stopped.get((channel, address), False)

    async def report(self, report: CallReport) -> None:
        self.reports.append(report)

    async def message(self, key: str) -> Message | None:
        return self.messages.get(key)

    async def text_of(self, key: str) -> str:
        return self.text

    async def bundle(self, key: str, ref: Mapping[str, str]) -> Bundle:
        return self.joined

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        return self.refs if channel in ("phone", "sms") and address == ALICE else []


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
        made = build_sms if is_sms else build
        channel = made(settings, inbox, lambda: twilio.now, lambda *told: health.append(told))
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
