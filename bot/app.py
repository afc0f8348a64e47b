"""Wires the bot, in one place, and runs it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import sources
from bot.beside import Beside
from bot.calendars.known import KnownCalendars
from bot.calendars.refresh import Refresher
from bot.call_in import open_call_in
from bot.channel_watch import ChannelWatch
from bot.chatops.compose import Sending
from bot.chatops.translate import Translating
from bot.clock import Clock
from bot.connect import open_senders
from bot.delivery import Delivery
from bot.desk import Rules
from bot.drill import DrillWatch
from bot.engine import Engine
from bot.failover import Failover
from bot.health import Board, HealthAlarm
from bot.inbox import BotInbox
from bot.intake import Intake
from bot.lifeline import Lifeline
from bot.link import open_links
from bot.mail_text import MailTexts
from bot.metrics import Metrics
from bot.outbox import Lane, Outbox
from bot.outcome import back_off
from bot.post import Post, open_post
from bot.scribe import Scribe
from bot.settings import Settings
from bot.shift_watch import ShiftWatch
from bot.store.store import Store
from bot.supervisor import keep_running
from bot.throttle import Throttle
from bot.timers import Timers
from bot.translation.translations import Translations, open_translations
from bot.unreached import WeeklyList
from bot.upkeep import Upkeep
from bot.web import server
from bot.web.site import Site, open_site
from bot.weekly import WeeklyTest
from bot.wording.name import channel_phrase
from channels import registry
from channels.base import MAIL, PHONE, Channel, Service
from channels.imap.watcher import MailWatcher
from escalation.command import AlarmKind
from escalation.phrase import Phrase

log = structlog.get_logger(__name__)

IMAP_THREADS = 4
"""Threads for IMAP commands, however many mailboxes there are."""

STOP_WITHIN = timedelta(seconds=8)
"""After SIGTERM: what is being sent gets this long, and is asked about after the next start if it takes longer."""


class Closable(Protocol):
    async def close(self) -> None: ...


async def _close(name: str, part: Closable | None) -> None:
    """Whatever goes wrong with it, all else is closed, too."""
    try:
        if part is not None:
            await part.close()
    except Exception:
        log.exception("A part could not be closed", part=name)


class StoppedError(Exception):
    """A part of the bot that must run to the end has ended by itself."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What differs between production, the demo and the tests."""

    channels: Callable[[BotInbox, Board], Sequence[Channel]]
    watches_mail: bool = True
    serves_web: bool = True


@dataclass(slots=True)
class App:
    """One running bot."""

    settings: Settings
    clock: Clock
    store: Store
    engine: Engine
    timers: Timers
    shifts: ShiftWatch
    outbox: Outbox
    intake: Intake
    inbox: BotInbox
    scribe: Scribe
    board: Board
    metrics: Metrics
    channels: tuple[Channel, ...]
    watchers: tuple[MailWatcher, ...]
    site: Site | None
    gateways: Mapping[str, Service]
    pool: ThreadPoolExecutor
    scheduler: AsyncIOScheduler
    post: Post | None
    failover: Failover
    translations: Translations | None
    upkeep: Upkeep
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    async def build(cls, settings: Settings, clock: Clock, parts: Parts | None = None) -> Self:
        """Open the store and wire everything; nothing runs yet."""
        parts = parts or Parts(partial(configured_channels, settings, clock))
        store = await Store.open(settings.database_url, clock.now())
        metrics = Metrics()
        board = Board(clock, metrics)
        roster = settings.roster()
        post = await open_post(settings, store)
        links = await open_links(settings, store)
        engine = Engine(store, clock, Rules(roster, settings.alarm_actions(), frozenset()))
        pool = ThreadPoolExecutor(IMAP_THREADS, "imap")
        is_read_out = settings.twilio is not None and settings.twilio.read_text
        texts = MailTexts(store, clock, settings.imap, pool, is_allowed=is_read_out)
        valid_for, language, zone = settings.contact_checks.valid_for, settings.language, settings.zone
        scribe = Scribe(store, clock, lambda: engine.rules.roster, language, zone, post, texts, links, valid_for)
        wording = (settings.language, settings.zone, scribe.word_key, scribe.text_of)
        known = KnownCalendars(settings)
        inbox = BotInbox(engine, *wording, settings.roles(), metrics, valid_for, lambda: known.routes)
        inbox.call_in = open_call_in(settings, engine)
        inbox.senders = open_senders(settings, engine)
        translations = open_translations(settings, engine, metrics)
        if translations is not None:
            scribe.translations = texts.translations = translations
            inbox.requests.translating = Translating(texts, translations)
            engine.listeners.append(translations.opened)
        channels = tuple(parts.channels(inbox, board))
        notifiers = [channel.notifier for channel in channels if channel.notifier is not None]
        updating = frozenset(one.name for one in notifiers if one.capabilities.can_update)
        engine.rules = Rules(roster, settings.alarm_actions(), updating)
        inbox.requests.dialogs.sending = Sending(post, lambda: known.settings.escalation_policies())
        engine.base = known.roster
        await engine.refresh()
        screening = sources.screening(settings, store, clock)
        watches = {one.name: ChannelWatch(one.name, clock, settings.failover.limits(one.name)) for one in notifiers}
        answers = {one.name: one.answers for one in channels if one.answers and one.notifier is not None}
        failover = Failover(engine, board, metrics, watches, answers)
        engine.rules = replace(engine.rules, out=failover.out)
        scanned = {MAIL: screening}
        limit = settings.twilio.per_person if settings.twilio is not None else None
        throttled = {} if limit is None else {PHONE: Throttle(store, clock, limit)}
        lanes = {
            one.name: Lane(
                Delivery(
                    one,
                    engine,
                    clock,
                    scribe.word,
                    metrics,
                    post,
                    screening=scanned.get(one.name),
                    watch=watches[one.name],
                    throttle=throttled.get(one.name),
                )
            )
            for one in notifiers
        }
        outbox = Outbox(lanes, engine)
        lifeline = Lifeline(engine, {one.name: one for one in notifiers}, scribe)
        engine.failure_listeners.append(lifeline.heard)
        engine.listeners.append(lifeline.saved)
        scheduler = AsyncIOScheduler()
        intake = Intake(engine, lambda: known.routes, metrics)
        watchers = (
            tuple(
                sources.watchers(
                    settings, sources.ledgers(settings, intake, post, metrics), intake.followed, clock, board, pool
                )
            )
            if parts.watches_mail
            else ()
        )
        timers, shifts = Timers(engine, clock, scheduler), ShiftWatch(engine, clock, scheduler)
        upkeep = Upkeep(
            settings=settings,
            engine=engine,
            post=post,
            beside=await Beside.open(engine, outbox, timers),
            health=HealthAlarm(board, engine, failover.connections),
            lifeline=lifeline,
            shifts=shifts,
            calendars=Refresher(settings, engine, clock),
            drills=DrillWatch(engine),
            weekly=WeeklyTest(settings, engine, clock),
            unreached=WeeklyList(settings, engine, clock),
            translations=translations,
        )
        site = None
        if parts.serves_web and settings.web is not None:
            site = await open_site(
                settings, engine, inbox, board, metrics, lanes, post, links, screening, known, channels
            )
        return cls(
            settings=settings,
            clock=clock,
            store=store,
            engine=engine,
            timers=timers,
            shifts=shifts,
            outbox=outbox,
            intake=intake,
            inbox=inbox,
            scribe=scribe,
            board=board,
            metrics=metrics,
            channels=channels,
            watchers=watchers,
            site=site,
            gateways=sources.gateways(settings, intake, post, metrics, clock) if parts.watches_mail else {},
            pool=pool,
            scheduler=scheduler,
            post=post,
            failover=failover,
            translations=translations,
            upkeep=upkeep,
        )

    async def run(self, stop: asyncio.Event, on_started: Callable[[], None] = lambda: None) -> None:
        """Run until ``stop`` is set; then finish what is under way and close. Raises what ended it otherwise."""
        stopped = asyncio.create_task(stop.wait())
        try:
            await self.start()
            on_started()
            done, _ = await asyncio.wait([stopped, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            await self.close()
        for task in done - {stopped}:
            task.result()
            raise StoppedError(f"the part “{task.get_name()}” ended by itself")

    async def start(self) -> None:
        """Start everything that runs, in an order in which nothing is lost: the store's side first. Raises OSError if
        the web server can't listen: then nothing was started."""
        listener = server.listen(self.settings.web.host, self.settings.web.port) if self.site is not None else None
        async with self.store.transaction() as tx:
            await tx.release_leases()
        self._go(self.engine.run(), "engine")
        self._go(self.outbox.run(), "outbox")
        self._go(self.failover.run(), "failover")
        self.scheduler.start()
        self._go(self.timers.run(), "timers")
        self._go(self.shifts.run(), "shifts")
        self.upkeep.begin(self.timers)
        for name in (*(name for watcher in self.watchers for name in watcher.names), *self.failover.expected):
            self.board.expect(name)
        for name, service in self._services():
            self._go(keep_running(name, service.run, self._service_died, back_off), name)
        if self.site is not None and listener is not None:
            self._go(server.serve(self.site.app, listener), "web")

    def _services(self) -> list[tuple[str, Service]]:
        found: list[tuple[str, Service]] = [(one.name, service) for one in self.channels for service in one.services]
        found += self.gateways.items()
        return [*found, *((" ".join(watcher.names), watcher) for watcher in self.watchers)]

    async def _service_died(self, name: str, reason: str) -> None:
        """Once a day for each: it is started again with back-off, so it may die often."""
        kind = AlarmKind.MAILBOX_DOWN if name.startswith("imap:") else AlarmKind.CHANNEL_DOWN
        key = f"died:{name}:{self.clock.now().date()}"
        told = Phrase("%(name)s: %(why)s", name=channel_phrase(name), why=reason)
        await self.engine.submit(lambda desk: desk.alarm(kind, told, key))

    def _go(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def close(self) -> None:
        """Stop the sources, finish what is being sent (within ``STOP_WITHIN``), commit, close."""
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        sources = [task for task in self._tasks if task.get_name() != "engine"]
        for task in sources:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN.total_seconds()):
                await asyncio.gather(*sources, return_exceptions=True)
                for name, keeper in self.site.keepers.items() if self.site is not None else ():
                    await _close(name, keeper)
                await self.outbox.drain()
        await _close("translations", self.translations)
        await self._stop_engine()
        for channel in self.channels:
            await _close(channel.name, channel.notifier)
        self.pool.shutdown(wait=False, cancel_futures=True)
        await self.store.close()

    async def _stop_engine(self) -> None:
        engine = [task for task in self._tasks if task.get_name() == "engine"]
        if engine and not engine[0].done():
            await self.engine.stop()
            await asyncio.gather(*engine, return_exceptions=True)


def configured_channels(settings: Settings, clock: Clock, inbox: BotInbox, board: Board) -> Sequence[Channel]:
    """The channels that the settings name."""
    return registry.build(
        settings.slack,
        settings.discord,
        settings.twilio,
        settings.smtp,
        settings.apprise,
        inbox=inbox,
        now=clock.now,
        on_health=board.heard,
    )
