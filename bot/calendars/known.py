"""The calendars as they were read last, and what the people, policies and windows become with them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import NamedTuple
from unicodedata import normalize

from bot.routes import Routes, routes_of
from bot.settings import Settings
from bot.settings.calendar_shape import CalendarShape
from bot.store.store import Tx
from escalation.feed import Directory, FeedEvent
from escalation.imported import CalendarShift, Imported
from escalation.pattern import compiled
from escalation.roster import Person, Roster
from escalation.schedule import Leave


class Meaning(NamedTuple):
    """What one calendar means: shifts or leave of people, and whole days. ``strangers`` are events that mean nobody,
    ``parts`` those that are no whole days."""

    shifts: tuple[CalendarShift, ...]
    dates: frozenset[date]
    strangers: tuple[FeedEvent, ...] = ()
    parts: tuple[FeedEvent, ...] = ()


def meaning_of(events: Iterable[FeedEvent], shape: CalendarShape, people: Iterable[Person]) -> Meaning:
    """What these events mean, as the settings of their calendar say."""
    wanted = [compiled(one) for one in shape.only]
    if wanted:
        events = [one for one in events if any(regex.search(normalize("NFKC", one.summary)) for regex in wanted)]
    directory = Directory(people, shape.names)
    found = [(one, directory.people_of(one)) for one in events]
    return Meaning(
        shifts=tuple(CalendarShift(who, one.start, one.end, one.level) for one, who in found if who),
        dates=frozenset(day for one in events for day in one.dates),
        strangers=tuple(one for one, who in found if not who or one.start >= one.end),
        parts=tuple(one for one in events if not one.dates),
    )


class KnownCalendars:
    """Keeps up with the store. ``settings`` and ``routes`` are those of now: windows have the days that calendars
    give."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.routes: Routes = routes_of(settings)
        self._base = settings.roster()
        self._versions: Mapping[str, int] = {}
        self._meanings: dict[str, Meaning] = {}

    async def roster(self, tx: Tx) -> Roster:
        """Everybody, with what the calendars say now; overrides and leaves of the store are not in it yet."""
        versions = await tx.feed_versions()
        changed = [name for name in self.settings.calendars if versions.get(name) != self._versions.get(name)]
        for name in changed:
            row = await tx.feed(name)
            mean = partial(meaning_of, row.events if row else (), self.settings.calendars[name])
            self._meanings[name] = await asyncio.to_thread(mean, self._base.people.values())
        if changed:
            await asyncio.to_thread(self._rebuild)
        self._versions = versions
        return self._base

    def meaning(self, name: str) -> Meaning:
        """What a calendar means, as far as it was ever read."""
        return self._meanings.get(name, Meaning((), frozenset()))

    def _rebuild(self) -> None:
        days = {name: self.meaning(name).dates for name in self.settings.day_calendars}
        if days != self.settings.days:
            self.settings = replace(self.settings, days=days)
            self.routes = routes_of(self.settings)
        calendars = {name: Imported.of(name, self.meaning(name).shifts) for name in self.settings.shift_calendars}
        self._base = self.settings.roster().fed(calendars, tuple(self._leaves()))

    def _leaves(self) -> Iterable[Leave]:
        for name in self.settings.leave_calendars:
            for shift in self.meaning(name).shifts:
                yield from (Leave(one, shift.start, shift.end, name) for one in shift.people)
