"""Sees what is due around shifts: reminders, handoffs, questions about swaps that nobody answered.

1. There is one wake-up, at the earliest instant at which anything is due in any schedule; a change of the schedules
   wakes it, too. What was told stands in the store, so that a restart tells nothing twice and forgets nothing.
2. Who has a duty is noted at each look. A handoff is what differs from the note: also one that nobody planned.
3. Of several handoffs that were missed, while Kidoku was down, only the last is told: it lists what is open now.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import chain

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import notice, swap
from bot.clock import Clock
from bot.desk import Desk
from bot.engine import KNOWN_FOR, Engine
from bot.wakeup import WakeUp
from escalation.handoff import (
    FAR,
    LOOK,
    Handoff,
    Held,
    Reminder,
    handoffs,
    held_at,
    next_handoff_at,
    next_on_call,
    next_reminder_at,
    reminders,
)
from escalation.roster import Roster
from escalation.schedule import Schedule

log = structlog.get_logger(__name__)

RETRY = timedelta(seconds=10)


class ShiftWatch:
    """Tells people of their shifts. ``next_at`` is when it looks next."""

    def __init__(self, engine: Engine, clock: Clock, scheduler: AsyncIOScheduler) -> None:
        self.engine = engine
        self.clock = clock
        self.next_at: datetime | None = None
        self._wake_up = WakeUp(clock, scheduler, "shift wake")
        engine.duty_listeners.append(self.wake)

    async def run(self) -> None:
        """Tell what is due at each wake-up, until cancelled. A look that fails is tried again."""
        while True:
            self._wake_up.begin()
            try:
                await self.tick()
            except Exception:
                log.exception("What is due around shifts could not be told; it is tried again")
                self._plan(self.clock.now() + RETRY)
            await self._wake_up.wait()

    async def tick(self) -> None:
        """Tell what is due now. Safe to run twice, or late."""
        self._plan(await self.engine.submit(self._look))

    def wake(self) -> None:
        """The schedules have changed: look now."""
        self.next_at = None
        self._wake_up.set()

    async def guard(self) -> None:
        """Now and then: the clock may have jumped, and another process may have asked for a swap. Decides nothing."""
        async with self.engine.store.reading() as tx:
            swap_end = await tx.next_swap_end()
        due = [at for at in (self.next_at, swap_end) if at is not None]
        if min(due, default=self.clock.now()) <= self.clock.now():
            self.wake()
        elif due:
            self._plan(min(due))

    def _plan(self, at: datetime) -> None:
        self.next_at = at
        self._wake_up.forget()
        self._wake_up.at(at)

    async def _look(self, desk: Desk) -> datetime:
        due: list[datetime | None] = [await swap.lapse(desk), desk.now + LOOK]
        watched = [one for one in desk.rules.roster.schedules.values() if one.remind or one.handoff_to]
        notes = {one.id: await _noted(desk, one) for one in watched if one.handoff_to}
        roster = await _roster_since(desk, [one.seen_at for one in notes.values() if one])
        for id in (one.id for one in watched):
            due += await _tell(desk, roster.schedules[id], notes.get(id))
        return min(at for at in due if at is not None)


async def _tell(desk: Desk, schedule: Schedule, held: Held | None) -> list[datetime | None]:
    """Tell what is due of one schedule; returns when more is. A schedule that can't be read delays no other."""
    try:
        due = reminders(schedule, desk.now)
        happened, now_held = _handoffs(schedule, held, desk.now)
        next_at = [next_reminder_at(schedule, desk.now)]
        next_at += [next_handoff_at(schedule, desk.now)] if schedule.handoff_to else []
    except Exception:
        log.exception("What is due of a schedule could not be found out", schedule=schedule.id)
        return []
    for one in due:
        await _remind(desk, one)
    if now_held is not None:
        await desk.tx.put(_place(schedule), _written(now_held))
    if happened:
        _summarise(desk, schedule, happened[-1])
    return next_at


def _handoffs(schedule: Schedule, held: Held | None, now: datetime) -> tuple[tuple[Handoff, ...], Held | None]:
    if not schedule.handoff_to:
        return (), None
    return ((), held_at(schedule, now)) if held is None else handoffs(schedule, held, now)


async def _remind(desk: Desk, one: Reminder) -> None:
    about = (one.schedule, one.role.value, one.person, one.start.isoformat(), one.lead.total_seconds())
    # Dated by the shift, so that it is not forgotten before that has begun.
    if not await desk.tx.first_time("reminder", json.dumps(about), one.start):
        return
    told = {"schedule": one.schedule, "role": one.role.value, "person": one.person, "start": one.start.isoformat()}
    lead = one.lead.total_seconds()
    notice.tell_person(desk, notice.key_of("d", *about), one.person, {"kind": "reminder", "lead": lead, **told})


def _summarise(desk: Desk, schedule: Schedule, one: Handoff) -> None:
    following = next_on_call(schedule, one.at)
    at = following.start if following else one.at
    told = {"schedule": one.schedule, "people": one.people, "to": one.to}
    span = {"since": one.since.isoformat(), "at": one.at.isoformat()}
    key = notice.key_of("h", one.schedule, one.at.isoformat())
    notice.tell_all(desk, key, schedule.handoff_to, at, {"kind": "handoff", **told, **span})


async def _roster_since(desk: Desk, seen: Collection[datetime]) -> Roster:
    """With every override and leave since the last look, however long ago that was."""
    since = max(min(chain(seen, [desk.now - KNOWN_FOR])), desk.now - FAR)
    return desk.rules.roster.changed(await desk.tx.overrides(since), await desk.tx.leaves(since))


def _place(schedule: Schedule) -> str:
    return f"on call:{schedule.id}"


async def _noted(desk: Desk, schedule: Schedule) -> Held | None:
    """Who had the duty at the last look; None before the first, or so long ago that nothing can be said of it."""
    text = await desk.tx.get(_place(schedule))
    if text is None:
        return None
    try:
        note = json.loads(text)
        since, seen_at = (datetime.fromisoformat(note[name]) for name in ("since", "seen_at"))
        held = Held(tuple(note["people"]), since, seen_at)
    except (KeyError, TypeError, ValueError):
        log.exception("Who had a duty can't be read, and is noted anew", schedule=schedule.id)
        return None
    return held if held.seen_at > desk.now - FAR else None


def _written(held: Held) -> str:
    times = {"since": held.since.isoformat(), "seen_at": held.seen_at.isoformat()}
    return json.dumps({"people": held.people, **times})
