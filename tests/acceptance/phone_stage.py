"""The stage of the stories with the phone: the whole bot, Twilio's own client, and Twilio on loopback."""

import hashlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from pydantic import SecretStr
from starlette.routing import BaseRoute

from bot.health import Board
from bot.inbox import BotInbox
from channels.base import Channel
from channels.twilio.channel import build, build_sms, build_whatsapp
from channels.twilio.config import TwilioSettings
from tests.acceptance.stage import SECRETS, START, Stage
from tests.fakes.twilio import OWNED, TOKEN, FakeTwilio
from tests.fakes.twilio_line import serving
from tests.fakes.twilio_phone import ACCOUNT, Phone
from tests.fakes.twilio_sms import answered

ALICE, BOB = "+81312345678", "+81387654321"


@dataclass
class PhoneStage:
    """A stage whose phone is Twilio's; ``base`` is where Twilio finds the bot."""

    stage: Stage
    twilio: FakeTwilio
    base: str
    channel: Callable[[], Channel]
    restart: Callable[[], Awaitable[None]] | None = None

    async def restarts(self) -> None:
        """The bot ends and starts again on the same database, at the same address."""
        assert self.restart is not None
        await self.restart()

    def dials(self, number: str, to: str = OWNED) -> Phone:
        """Somebody rings our number; ``pick_up`` lets them hear it."""
        return self.twilio.incoming(f"{self.base}/twilio/call-in", number, to)

    async def rings(self, count: int) -> Phone:
        """The ``count``-th call, which rings now; fails if more were made."""
        phone = await self.twilio.called(count)
        assert len(self.twilio.phones) == count, "one call too many"
        self.twilio.now = self.stage.clock.now()
        await phone.ring()
        return phone

    async def writes(self, number: str, text: str, sid: str = "") -> list[str]:
        """Somebody writes to our number; what goes back. The same text is the same message unless ``sid`` says more."""
        form = {"MessageSid": sid or _sid_of(text), "From": number, "To": OWNED, "Body": text, "NumMedia": "0"}
        callback = await self.twilio.post(f"{self.base}/twilio/sms", form)
        await self.stage.work()
        return answered(callback)

    async def chats(self, number: str, text: str, sid: str = "", **more: str) -> list[str]:
        """Somebody writes to our number by WhatsApp; what goes back."""
        self.twilio.sms.sessions.add(number)
        self.twilio.now = self.stage.clock.now()
        form = {
            "MessageSid": sid or _sid_of(text),
            "From": f"whatsapp:{number}",
            "To": f"whatsapp:{OWNED}",
            "Body": text,
            **more,
        }
        callback = await self.twilio.post(f"{self.base}/twilio/whatsapp", form)
        await self.stage.work()
        return answered(callback)

    async def settles(self) -> None:
        """What the call told is taken up by the lanes."""
        await self.stage.work()


def _sid_of(text: str) -> str:
    return "SM" + hashlib.sha256(text.encode()).hexdigest()[:32]


@asynccontextmanager
async def on_the_phone(
    folder: Path, settings_file: str = "stage.yaml", secrets: Mapping[str, str] = MappingProxyType({}), **settings: Any
) -> AsyncIterator[PhoneStage]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        built: list[Channel] = []
        async with FakeTwilio() as twilio:
            twilio.now = START
            known: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": SecretStr(TOKEN), "from_number": OWNED}
            known |= {"api_url": twilio.url, "public_url": base, "calls_per_second": 100.0}

            def real(inbox: BotInbox, board: Board) -> Sequence[Channel]:
                ours = TwilioSettings.model_validate(known | settings)
                built[:] = [build(ours, inbox, lambda: twilio.now, board.heard)]
                if ours.whatsapp is not None:
                    built.append(build_whatsapp(ours, ours.whatsapp, inbox, lambda: twilio.now, board.heard))
                if ours.sms is not None:
                    built.append(build_sms(ours, ours.sms, inbox, lambda: twilio.now, board.heard))
                return built

            async def open_at(at: datetime) -> Stage:
                return await Stage.open(folder, at, settings_file, real=real, secrets={**SECRETS, **secrets})

            def routes() -> list[BaseRoute]:
                return [cast(BaseRoute, one) for channel in built for one in channel.routes]

            told = PhoneStage(await open_at(START), twilio, base, lambda: built[0])
            try:
                async with serving(listener, routes()) as app:

                    async def restart() -> None:
                        at = told.stage.clock.now()
                        await told.stage.close()
                        told.stage = await open_at(at)
                        app.router.routes[:] = routes()

                    told.restart = restart
                    yield told
            finally:
                await told.stage.close()
