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
from channels.base import (
    APPRISE,
    MAIL,
    PHONE,
    SMS,
    WHATSAPP,
    Capabilities,
    Channel,
    FollowResult,
    NotFound,
    Ongoing,
    Sent,
)
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

    def told(self, person: str = "", channel: str = "slack") -> Message:
        """What a person got last on a channel, or its room; of what left at one instant, what was decided last."""
        known = self.app.engine.rules.roster.people.get(person)
        sent = [
            one
            for one in self.channels[channel].sent
            if (one.address == known.contacts[channel] if known else not one.is_direct)
        ]
        last = sent[-1]
        about = (last.alert_id, last.swap_id, last.check_id)
        same = [one for one in sent if (one.alert_id, one.swap_id, one.check_id) == about]
        return max(same, key=lambda one: (len(one.key), one.key))

    async def types(self, line: str, person: str = "alice", via: str = "slack") -> Reply:
        return await self._worked(self.app.inbox.typed(Typed(self.actor(person, via), line)))

    async def presses(
        self, verb: Verb, number: int, person: str = "alice", via: str = "slack", argument: str = ""
    ) -> Reply:
        return await self._worked(self.app.inbox.press(Press(verb, number, self.actor(person, via), argument)))

    async def wishes(self, verb: str, alert_id: int = 0, via: str = "slack") -> Reply:
        """A window is opened by a menu."""
        return await self._worked(self.app.inbox.ask(Wish(self.actor("alice", via), verb, alert_id)))

    async def answers(self, key: str, answers: Mapping[str, str] | None = None, via: str = "slack") -> Reply:
        return await self._worked(self.app.inbox.answered(Answered(self.actor("alice", via), key, answers or {})))

    async def texts(self, text: str, person: str = "alice", via: str = SMS) -> Reply:
        return await self._worked(self.app.inbox.texted(Texted(text, self.actor(person, via))))

    async def arrives(self, subject: str = "", name: str = "1", sender: str = "noc@carrier.example") -> None:
        """A mail comes into Alice's mailbox."""
        self.uid += 1
        mail = Mail(
            message_id=f"{name}@carrier.example",
            account="alice",
            folder="INBOX",
            received_at=self.clock.now(),
            subject=subject or self.cast.subject,
            sender=sender,
            sender_name=self.cast.sender_name,
        )
        cursor = Cursor(1, self.uid + 1, None, self.clock.now())
        await self.app.intake.commit(MailboxBatch("alice", "INBOX", (Arrived(self.uid, mail),), cursor))
        await self.works()

    async def passes(self, minutes: float) -> None:
        """Time goes by; what falls due meanwhile happens at its instant."""
        end = self.clock.now() + minutes * MINUTE
        while (due_at := await self._next(end)) is not None:
            self.clock.move_to(max(due_at, self.clock.now()))
            await self.app.timers.tick()
            await self.works()
        self.clock.move_to(end)

    async def _next(self, end: datetime) -> datetime | None:
        async with self.app.store.reading() as tx:
            due = [await tx.earliest_due(), *[await tx.next_wake(name) for name in self.app.outbox.lanes]]
        return min((at for at in due if at is not None and at <= end), default=None)

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
