"""Looks at the calendars of others again and again. One that can't be had leaves what was read of it last.

1. A calendar that fails, is malformed, or has lost all that was to come changes nothing: the last good one holds, in
   the store, over restarts. The administrators hear of it once, and once when it is over.
2. What can't be reached is tried once more before anybody hears of it, unless it was never read.
3. Events that mean nobody are told, each once, in their own words.
"""

import asyncio
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from bot.calendars.apart import read_apart
from bot.calendars.fault import FeedError
from bot.calendars.fetch import Fetched, UnreachedError, fetch, read_file
from bot.calendars.known import Meaning, meaning_of
from bot.calendars.told import quoted, words_of
from bot.clock import Clock
from bot.desk import Desk
from bot.engine import Engine
from bot.settings import Settings
from bot.settings.calendar_shape import CalendarShape
from bot.store.calendars import FeedRow
from escalation.command import AlarmKind
from escalation.feed import FeedEvent
from escalation.phrase import N_, Phrase, parts_of

log = structlog.get_logger(__name__)

EXPAND_AGAIN = timedelta(days=1)
"""The thirteen months that are known of a calendar begin anew each day."""
STRANGERS = N_("%(name)s: nobody knows who is meant by %(events)s.")
NO_DAYS = N_("%(name)s: these are no whole days: %(events)s.")
EMPTY = Phrase("all its events are gone")
MOST_UNCLEAR = 100
"""Events that are told as unclear: each is looked up in the store, and pages wait meanwhile."""


class Refresher:
    """``look`` is called often; each calendar is asked as often as its settings say."""

    def __init__(self, settings: Settings, engine: Engine, clock: Clock) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self._tried_at: dict[str, datetime] = {}

    async def look(self) -> None:
        """Refresh every calendar of which it is time. One that fails by a fault of ours delays no other."""
        now = self.clock.now()
        due = [name for name, shape in self.settings.calendars.items() if self._is_due(name, shape.every, now)]
        for outcome in await asyncio.gather(*map(self.refresh, due), return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("A calendar could not be refreshed", exc_info=outcome)

    def _is_due(self, name: str, every: timedelta, now: datetime) -> bool:
        return name not in self._tried_at or not now - every < self._tried_at[name] <= now

    async def forget(self) -> None:
        """Delete what is kept of calendars that the settings have no more."""
        await self.engine.submit(lambda desk: desk.tx.drop_feeds(self.settings.calendars))

    async def refresh(self, name: str) -> None:
        """Ask for one calendar, and keep what came of it."""
        now, shape = self.clock.now(), self.settings.calendars[name]
        self._tried_at[name] = now
        async with self.engine.store.reading() as tx:
            kept = await tx.feed(name) or FeedRow(name)
        try:
            found = await self._read(kept, shape, now)
            self._check_rest(found, kept, shape, now)
        except FeedError as error:
            log.warning("A calendar can't be read", calendar=name, reason=str(error))
            await self.engine.submit(partial(_failed, name=name, error=error))
            return
        people = list(self.engine.rules.roster.people.values())
        meaning = await asyncio.to_thread(meaning_of, found.events, shape, people)
        await self.engine.submit(lambda desk: self._succeeded(desk, found, meaning))
        # Here, not in the engine: what a calendar means may take long to find out, and pages must not wait for it.
        await self.engine.refresh(is_own=True)

    async def _read(self, kept: FeedRow, shape: CalendarShape, now: datetime) -> FeedRow:
        """The calendar as it is now. Raises FeedError."""
        source = _digest(shape, self.settings.zone)
        etag = kept.etag if kept.source == source and kept.data else ""
        fetched = await _fetch(shape, etag)
        packed = kept.data if fetched.data is None else await asyncio.to_thread(zlib.compress, fetched.data)
        row = replace(kept, source=source, etag=fetched.etag, data=packed, read_at=now, failures=0, fault="")
        if kept.source == source and kept.data == packed and not self._is_old(kept, now):
            return row
        data = await asyncio.to_thread(zlib.decompress, packed)
        events = await read_apart(data, shape.zone or self.settings.zone, now)
        return replace(row, events=events, expanded_at=now)

    def _is_old(self, kept: FeedRow, now: datetime) -> bool:
        return kept.expanded_at is None or not now - EXPAND_AGAIN < kept.expanded_at <= now

    def _check_rest(self, found: FeedRow, kept: FeedRow, shape: CalendarShape, now: datetime) -> None:
        """Whether something is left of a calendar that had something to come. Raises FeedError."""
        if not shape.may_be_empty and _has_upcoming(kept.events, now) and not _has_upcoming(found.events, now):
            raise FeedError(EMPTY)

    async def _succeeded(self, desk: Desk, found: FeedRow, meaning: Meaning) -> None:
        kept = await desk.tx.feed(found.name) or FeedRow(found.name)
        is_changed = found.events != kept.events or kept.version == 0
        await desk.tx.put_feed(replace(found, version=kept.version + is_changed))
        if await desk.tx.clear_alarm(_alarm_key(found.name), desk.now):
            text = json.dumps({"kind": AlarmKind.CALENDAR_BACK, "detail": found.name})
            desk.announce(text, f"back:{found.name}")
        await self._tell_unclear(desk, found.name, meaning)

    async def _tell_unclear(self, desk: Desk, name: str, meaning: Meaning) -> None:
        """What can't be used, each event once."""
        uses_people = {*self.settings.shift_calendars, *self.settings.leave_calendars}
        if name in uses_people:
            await _tell_new(desk, name, meaning.strangers, STRANGERS)
        if name in self.settings.day_calendars:
            await _tell_new(desk, name, meaning.parts, NO_DAYS)


async def _tell_new(desk: Desk, name: str, events: Sequence[FeedEvent], form: str) -> None:
    words = words_of(one for one in events if one.end > desk.now)[:MOST_UNCLEAR]
    new = [one for one in words if await desk.tx.first_time("calendar-event", f"{name}:{one}", desk.now)]
    if new:
        detail = Phrase(form, name=name, events=quoted(new))
        digest = hashlib.sha256("\n".join(new).encode()).hexdigest()[:16]
        await desk.alarm(AlarmKind.CALENDAR_UNCLEAR, detail, f"calendar-events:{name}:{digest}")


async def _failed(desk: Desk, name: str, error: FeedError) -> None:
    kept = await desk.tx.feed(name) or FeedRow(name)
    fault = json.dumps(parts_of(error.args[0]), ensure_ascii=False)
    await desk.tx.put_feed(replace(kept, failures=kept.failures + 1, fault=fault))
    if kept.failures or kept.read_at is None or not isinstance(error, UnreachedError):
        detail = Phrase("%(name)s: %(why)s.", name=name, why=error.args[0])
        await desk.alarm(AlarmKind.CALENDAR_FAILED, detail, _alarm_key(name))


async def _fetch(shape: CalendarShape, etag: str) -> Fetched:
    if shape.url is not None:
        return await fetch(shape.url, etag)
    return Fetched(await read_file(Path(shape.file or "")))


def _digest(shape: CalendarShape, zone: str) -> str:
    """Where it is, and how it is read."""
    where = shape.url.get_secret_value() if shape.url is not None else f"file:{shape.file}"
    return hashlib.sha256(f"{shape.zone or zone} {where}".encode()).hexdigest()


def _has_upcoming(events: Sequence[FeedEvent], now: datetime) -> bool:
    return any(one.end > now for one in events)


def _alarm_key(name: str) -> str:
    return f"calendar:{name}"
