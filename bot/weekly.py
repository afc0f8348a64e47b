"""The weekly test: whoever is to be tested is asked over each of their contacts, and answers with a press or a code.

1. Once a week for each person, in office hours only; not while they are on leave. What was asked stands in the store: a
   restart asks nobody twice.
2. Whoever answers hears no more of it. Who did not answer in time is told to the administrators, all in one message, by
   no call.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import structlog

from bot import confirm
from bot.clock import Clock
from bot.desk import Desk
from bot.engine import Engine
from bot.settings import Settings
from bot.store.checks import Check, CheckKind
from bot.wording.unanswered import UNANSWERED
from channels.base import PHONE
from escalation.roster import Roster
from escalation.weekly import WeeklyPlan

log = structlog.get_logger(__name__)

WEEK = timedelta(days=7)


def plan_of(settings: Settings) -> WeeklyPlan:
    """The plan that the settings give."""
    shape = settings.contact_checks
    return WeeklyPlan(min(shape.day), shape.at, settings.windows()[shape.window] if shape.window else None)


class WeeklyTest:
    """Asks who is to be asked, and tells who did not answer."""

    def __init__(self, settings: Settings, engine: Engine, clock: Clock) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.plan = plan_of(settings)
        self._asked: dict[str, date] = {}

    async def look(self) -> None:
        """Safe to run at any time, and again."""
        for person, week in self._due():
            await self.engine.submit(partial(self._test, id=person, week=week))
            self._asked[person] = week
        async with self.engine.store.reading() as tx:
            has_lapsed = bool(await tx.lapsed_checks(self.clock.now()))
        if has_lapsed:
            await self.engine.submit(_close_lapsed)

    def _due(self) -> list[tuple[str, date]]:
        now, roster = self.clock.now(), self.engine.rules.roster
        people = (roster.people[id] for id in self.settings.tested() if id in roster.people)
        due = ((one.id, self.plan.week_due(now, one.zone)) for one in people if not roster.is_away(one.id, now))
        return [(id, week) for id, week in due if week is not None and self._asked.get(id) != week]

    async def _test(self, desk: Desk, id: str, week: date) -> None:
        # Dated by the week's end, so that it is not forgotten before.
        end = datetime.combine(week, time(), UTC) + 2 * WEEK
        if not await desk.tx.first_time("weekly test", f"{week}:{id}", end):
            return
        shape, person = self.settings.contact_checks, desk.rules.roster.people[id]
        for to in confirm.contacts_of(person):
            if not shape.channels or to[0] in shape.channels:
                await confirm.put_check(desk, person, to, CheckKind.TEST, desk.now + shape.within)
        log.info("The weekly test was sent", person=id)


def named(id: str, roster: Roster) -> str:
    """Somebody's name, as the settings have it."""
    return roster.people[id].name if id in roster.people else id


async def _close_lapsed(desk: Desk) -> None:
    lapsed = await confirm.close(desk, await desk.tx.lapsed_checks(desk.now))
    tests = [one for one in reversed(lapsed) if one.kind is CheckKind.TEST]
    if tests:
        told = desk.administrators()
        calm = [one for one in told if one.channel != PHONE]
        desk.announce(_listed(tests, desk.rules.roster), f"unanswered:{tests[-1].id}", calm or told)
        log.warning("Nobody answered some tests", contacts=len(tests))


def _listed(tests: Sequence[Check], roster: Roster) -> str:
    """The JSON of who did not answer where; it is worded when it leaves. With their names: whoever is taken out of the
    settings until then had one."""
    listed = [
        {"person": one.person, "name": named(one.person, roster), "channel": one.channel, "address": one.address}
        for one in tests
    ]
    return json.dumps({"kind": UNANSWERED, "detail": "", "tests": listed}, ensure_ascii=False)
