"""The stage of the stories: the whole bot on a clock that the story moves, with channels that the story answers for.

Nothing is replaced but the outside: mail comes in by the ledger's door, presses by the inbox's, time by the timers'.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from bot.app import App, Parts
from bot.clock import ManualClock
from bot.desk import Rules
from bot.engine import Engine
from bot.health import Board
from bot.inbox import BotInbox
from bot.settings.load import load_bytes
from bot.store.record import AuditEntry
from bot.store.store import Store
from channels.base import Channel
from channels.imap.mailbox import Arrived, Cursor, Happening, MailboxBatch
from channels.inbox import Actor, Press, Reply, Typed
from channels.message import Message, Verb
from escalation.alert import Alert
from escalation.mail import Mail
from tests.fakes.channel import ScriptedChannel

START = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
SECRETS = {
    "KIDOKU_SLACK__BOT_TOKEN": "xoxb-test",
    "KIDOKU_SLACK__APP_TOKEN": "xapp-test",
    "KIDOKU_DISCORD__BOT_TOKEN": "test",
    "KIDOKU_TWILIO__AUTH_TOKEN": "test",
    "KIDOKU_IMAP__ALICE__PASSWORD": "test",
    "KIDOKU_IMAP__BOB__PASSWORD": "test",
    "KIDOKU_IMAP__SHARED__PASSWORD": "test",
}
MOST_TURNS = 200
Real = Callable[[BotInbox, Board], Sequence[Channel]]
_NONE: Real = lambda inbox, board: ()  # noqa: E731


def mail(subject: str, message_id: str, *, flags: Sequence[str] = (), **more: object) -> Mail:
    values: dict[str, object] = {"sender": "noc@carrier.example", "sender_name": "NOC"} | more
    return Mail(
        message_id=message_id,
        account="",
        folder="INBOX",
        received_at=START,
        subject=subject,
        flags=frozenset(flags),
        **values,  # type: ignore[arg-type]
    )


@dataclass
class Stage:
    """The bot, its clock, and its channels."""

    folder: Path
    clock: ManualClock
    app: App
    slack: ScriptedChannel
    discord: ScriptedChannel
    phone: ScriptedChannel
    console: ScriptedChannel
    mail: ScriptedChannel
    uid: int = 0
    has_shifts: bool = False
    """Whether the story is about reminders, handoffs and swaps."""

    @classmethod
    async def open(
        cls,
        folder: Path,
        at: datetime = START,
        settings_file: str = "stage.yaml",
        more: str = "",
        real: Real = _NONE,
        secrets: Mapping[str, str] = SECRETS,
    ) -> Self:
        """Start the bot on the database in ``folder``: a new one, or the one of the stage that stood there before."""
        stage = await cls.build(folder, at, settings_file, more, real, secrets)
        for lane in stage.app.outbox.lanes.values():
            # What no commit tells it, it misses.
            lane.looks_every = timedelta(days=1000)
        stage.app._go(stage.app.engine.run(), "engine")
        async with stage.app.store.transaction() as tx:
            await tx.release_leases()
        await stage.app.failover.look()
        return stage

    @classmethod
    async def build(
        cls,
        folder: Path,
        at: datetime = START,
        settings_file: str = "stage.yaml",
        more: str = "",
        real: Real = _NONE,
        secrets: Mapping[str, str] = SECRETS,
    ) -> Self:
        """The bot before it is started.

        ``real`` builds channels that stand in the place of those of the story with the same name, or beside them."""
        text = (Path(__file__).parent.parent / "configs" / settings_file).read_text("utf-8")
        text += f'\ndatabase: "{folder}/stage.sqlite3"\n{more}'
        loaded = load_bytes(text.encode(), settings_file, secrets, date(2026, 5, 3))
        assert loaded.settings is not None, [str(one) for one in loaded.problems]
        chats = [ScriptedChannel(name) for name in ("slack", "discord")]
        phone, console = ScriptedChannel("phone", is_phone=True), ScriptedChannel("console")
        mail = ScriptedChannel("mail", can_update=False)

        def channels(inbox: BotInbox, board: Board) -> Sequence[Channel]:
            known = {one.name: Channel(one.name, one) for one in (*chats, phone, console, mail)}
            return list((known | {one.name: one for one in real(inbox, board)}).values())

        clock = ManualClock(at)
        app = await App.build(loaded.settings, clock, Parts(channels, watches_mail=False, serves_web=False))
        return cls(folder, clock, app, chats[0], chats[1], phone, console, mail)

    async def close(self) -> None:
        await self.app.close()

    @property
    def channels(self) -> tuple[ScriptedChannel, ...]:
        return (self.slack, self.discord, self.phone, self.console, self.mail)

    @contextlib.asynccontextmanager
    async def beside(self) -> AsyncIterator[Engine]:
        """The engine of a command in another process. Each lane looks by itself soon after."""
        settings = self.app.settings
        store = await Store.open(settings.database_url, START)
        try:
            rules = Rules(settings.roster(), settings.alarm_actions(), frozenset())
            yield Engine(store, ManualClock(self.clock.now()), rules)
        finally:
            await store.close()
            self.app.outbox.kick()

    # What happens outside -------------------------------------------------------------------------------------------

    async def arrives(self, one: Mail, account: str = "alice") -> int:
        """A mail comes into a mailbox; returns its UID."""
        self.uid += 1
        await self.happens(account, Arrived(self.uid, one))
        return self.uid

    async def happens(self, account: str, *happenings: Happening) -> None:
        cursor = Cursor(1, self.uid + 1, None, self.clock.now())
        await self.app.intake.commit(MailboxBatch(account, "INBOX", happenings, cursor))
        await self.work()

    async def presses(
        self, verb: Verb, alert_id: int, channel: str, address: str, argument: str = "", dedup: str = ""
    ) -> Reply:
        reply = await self.app.inbox.press(Press(verb, alert_id, Actor(channel, address), argument, dedup))
        await self.work()
        return reply

    async def audits(self) -> list[AuditEntry]:
        """The audit trail, oldest first."""
        async with self.app.store.reading() as tx:
            return list(reversed(await tx.audits()))

    async def types(
        self, text: str, address: str = "U0ALICE000", channel: str = "slack", *, rooms: Sequence[str] = (), **more: str
    ) -> Reply:
        """Somebody types a command; ``more`` are fields of the actor, or ``dedup``."""
        dedup = more.pop("dedup", "")
        actor = Actor(channel, address, rooms=tuple(rooms), **more)
        reply = await self.app.inbox.typed(Typed(actor, text, dedup=dedup))
        await self.work()
        return reply

    # Time -----------------------------------------------------------------------------------------------------------

    async def passes(self, span: timedelta) -> None:
        """Time goes by; whatever falls due on the way happens at its instant."""
        end = self.clock.now() + span
        for _ in range(MOST_TURNS):
            upcoming = await self._next(end)
            if upcoming is None:
                break
            self.clock.move_to(max(upcoming, self.clock.now()))
            await self.app.timers.tick()
            await self.look_at_shifts()
            await self.app.failover.look()
            await self.work()
        else:
            raise AssertionError("the bot does not come to rest")
        self.clock.move_to(end)

    async def _next(self, end: datetime) -> datetime | None:
        async with self.app.store.reading() as tx:
            ends = await tx.next_silence_end(self.clock.now())
            wakes = [await tx.next_wake(name) for name in self.app.outbox.lanes]
            instants = [await tx.earliest_due(), ends, self.app.failover.next_look, *wakes]
        instants.append(self.app.shifts.next_at if self.has_shifts else None)
        return min((at for at in instants if at is not None and at <= end), default=None)

    async def look_at_shifts(self) -> None:
        """As the watch would, that is woken when something is due or has changed."""
        if self.has_shifts and (self.app.shifts.next_at or self.clock.now()) <= self.clock.now():
            await self.app.shifts.tick()
            await self.look_at_shifts()

    async def work(self) -> None:
        """Let every lane do what is due now. What the channels keep of it is in the order in which it was decided: what
        is due at one instant may leave in any."""
        before = [(kept, len(kept)) for one in self.channels for kept in (one.sent, one.updated)]
        await self._come_to_rest()
        for kept, count in before:
            kept[count:] = sorted(kept[count:], key=_decided)

    async def _come_to_rest(self) -> None:
        for _ in range(MOST_TURNS):
            wakes = [await lane.turn() for lane in self.app.outbox.lanes.values()]
            await self.app.outbox.drain()
            await self.app.failover.look()
            if not any(at is not None and at <= self.clock.now() for at in wakes):
                async with self.app.store.reading() as tx:
                    wakes = [await tx.next_wake(name) for name in self.app.outbox.lanes]
                if not any(at is not None and at <= self.clock.now() for at in wakes):
                    return
        raise AssertionError("the lanes do not come to rest")

    # What can be seen -----------------------------------------------------------------------------------------------

    async def alert(self, id: int = 1) -> Alert:
        async with self.app.store.reading() as tx:
            return (await tx.alerts([id]))[id]

    def told(self) -> list[tuple[str, str]]:
        """(channel, address) of everything that was sent since the last call; what a story does not expect fails it. By
        channel, and by alert."""
        found = [(one.name, message.address) for one in self.channels for message in sorted(one.sent, key=_decided)]
        for one in self.channels:
            one.sent.clear()
        return found


def _decided(message: Message) -> tuple[int, int]:
    """Notifications of one alert are numbered; what belongs to none comes last, as it was sent."""
    alert, _, number = message.key.partition(".")
    return (int(alert), int(number)) if alert.isdecimal() and number.isdecimal() else (sys.maxsize, 0)


@contextlib.asynccontextmanager
async def on_stage(
    folder: Path, settings_file: str = "stage.yaml", more: str = "", real: Real = _NONE
) -> AsyncIterator[Stage]:
    stage = await Stage.open(folder, settings_file=settings_file, more=more, real=real)
    try:
        yield stage
    finally:
        await stage.close()
        await asyncio.sleep(0)
