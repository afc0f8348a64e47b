"""A bot of the examples: the whole of it, on a database of its own, with a clock that is moved, and with channels that
keep what they are given instead of sending it."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.app import App, Parts
from bot.clock import ManualClock
from bot.health import Board
from bot.inbox import BotInbox
from bot.messages_doc.cast import DIGITS, MINUTE, Cast
from bot.settings import Settings
from bot.settings.load import load_bytes
from channels.base import APPRISE, MAIL, PHONE, SMS, WHATSAPP, Capabilities, Channel, FollowResult, NotFound, Ongoing, Sent
from channels.imap.mailbox import Arrived, Cursor, MailboxBatch
from channels.inbox import Actor, Answered, Press, Reply, Texted, Typed, Wish
from channels.message import Message, Verb
from escalation.mail import Mail

NAMES = ("slack", "discord", PHONE, SMS, WHATSAPP, MAIL, APPRISE)
_SECRETS = {
    "KIDOKU_SLACK__BOT_TOKEN": "xoxb-none",
    "KIDOKU_SLACK__APP_TOKEN": "xapp-none",
    "KIDOKU_DISCORD__BOT_TOKEN": "none",
    "KIDOKU_TWILIO__AUTH_TOKEN": "none",
    "KIDOKU_IMAP__ALICE__PASSWORD": "none",
    "KIDOKU_APPRISE__OPS__URL": "json://chat.team.example",
}
"""They open nothing: nothing is ever sent."""
Result = TypeVar("Result")


@dataclass
class Kept:
    """Implements ``channels.base.Notifier``: everything arrives, and is kept."""

    name: str
    sent: list[Message] = field(default_factory=list)
    updated: list[Message] = field(default_factory=list)
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(can_update=True))

    async def send(self, message: Message) -> Sent:
        self.sent.append(message)
        return Sent({"key": message.key}, is_final=self.name != PHONE)

    async def reconcile(self, message: Message, since: datetime) -> NotFound:
        return NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> Sent:
        self.updated.append(message)
        return Sent(ref)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        return Ongoing(timedelta(days=1))

    async def close(self) -> None:
        return None


@dataclass
class Bot:
    """One bot, and those who talk with it: people by their ids in the cast."""

    cast: Cast
    app: App
    clock: ManualClock
    channels: Mapping[str, Kept]
    uid: int = 0

    def actor(self, person: str, via: str = "slack") -> Actor:
        known = self.app.engine.rules.roster.people.get(person)
        return Actor(via, known.contacts[via] if known else person, language=self.cast.language)

    async def types(self, line: str, person: str = "alice", via: str = "slack") -> Reply:
        return await self._worked(self.app.inbox.typed(Typed(self.actor(person, via), line)))

    async def presses(
        self, verb: Verb, number: int, person: str = "alice", via: str = "slack", argument: str = ""
    ) -> Reply:
        return await self._worked(self.app.inbox.press(Press(verb, number, self.actor(person, via), argument)))

    async def wishes(self, verb: str, alert_id: int = 0, person: str = "alice", text: str = "") -> Reply:
        """A window is opened by a menu."""
        return await self._worked(self.app.inbox.ask(Wish(self.actor(person), verb, alert_id, text)))

    async def answers(self, key: str, answers: Mapping[str, str] | None = None, person: str = "alice") -> Reply:
        return await self._worked(self.app.inbox.answered(Answered(self.actor(person), key, answers or {})))

    async def texts(self, text: str, person: str = "alice", via: str = SMS) -> Reply:
        return await self._worked(self.app.inbox.texted(Texted(text, self.actor(person, via))))

    async def arrives(self, subject: str = "", name: str = "1") -> None:
        """A mail comes into Alice's mailbox."""
        self.uid += 1
        mail = Mail(
            message_id=f"{name}@carrier.example",
            account="alice",
            folder="INBOX",
            received_at=self.clock.now(),
            subject=subject or self.cast.subject,
            sender="noc@carrier.example",
            sender_name=self.cast.sender_name,
        )
        cursor = Cursor(1, self.uid + 1, None, self.clock.now())
        await self.app.intake.commit(MailboxBatch("alice", "INBOX", (Arrived(self.uid, mail),), cursor))
        await self.works()

    async def passes(self, minutes: float) -> None:
        """Time goes by, minute by minute; what falls due meanwhile happens."""
        end = self.clock.now() + minutes * MINUTE
        while self.clock.now() < end:
            self.clock.move_to(min(end, self.clock.now() + MINUTE))
            await self.app.timers.tick()
            await self.works()

    async def works(self) -> None:
        """What is due leaves."""
        for _ in range(20):
            for lane in self.app.outbox.lanes.values():
                await lane.turn()
            await self.app.outbox.drain()
            async with self.app.store.reading() as tx:
                due = [await tx.next_wake(name) for name in self.app.outbox.lanes]
            if not any(at is not None and at <= self.clock.now() for at in due):
                return

    async def _worked(self, asked: Awaitable[Reply]) -> Reply:
        reply = await asked
        await self.works()
        return reply


@asynccontextmanager
async def bot_of(cast: Cast) -> AsyncIterator[Bot]:
    """A new bot, in the night in which the examples happen."""
    with tempfile.TemporaryDirectory(prefix="kidoku-messages-") as folder:
        kept = {name: Kept(name) for name in NAMES}

        def channels(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            return [Channel(name, one) for name, one in kept.items()]

        clock = ManualClock(cast.at)
        app = await App.build(_settings(cast, folder), clock, Parts(channels, watches_mail=False))
        app.engine.rules = replace(app.engine.rules, digits=lambda: DIGITS)
        running = asyncio.create_task(app.engine.run())
        try:
            yield Bot(cast, app, clock, kept)
        finally:
            await app.engine.stop()
            await running
            await app.close()


def _settings(cast: Cast, folder: str) -> Settings:
    names = {id.upper(): name for id, name in cast.names.items()}
    filled = {"LANGUAGE": cast.language, "ZONE": cast.zone, "PHONE": cast.phone, **names}
    text = Path(__file__).with_name("live.yaml").read_text(encoding="utf-8")
    text = re.sub("|".join(filled), lambda found: filled[found[0]], text)
    text += f'database: "{folder}/messages.sqlite3"\n'
    loaded = load_bytes(text.encode(), "live.yaml", _SECRETS, cast.at.date())
    if loaded.settings is None:
        raise ValueError("; ".join(map(str, loaded.problems)))
    return loaded.settings


def played(cast: Cast, act: Callable[[Bot], Awaitable[Result]]) -> Result:
    """What comes of an act with a new bot."""

    async def play() -> Result:
        async with bot_of(cast) as bot:
            return await act(bot)

    return asyncio.run(play())
