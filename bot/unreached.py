"""Who can't be reached, told to the managers: once a week, in office hours, before anybody must be.

1. It is the doctor's finding, looked at once a week for each manager, when the week's test is over; what was looked at
   stands in the store. Where nothing is wrong, nothing is told.
2. A manager hears it over a contact that wakes nobody, and over the next one where that fails. Who is on leave is told
   only if all are.
3. Where the settings name neither managers nor admins, or one who can't be reached so either, those under ``alarms``
   hear of whoever can't be reached at all. The console is no way to a manager: nobody may sit there.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import structlog

from bot import notice
from bot.clock import Clock
from bot.desk import Desk
from bot.doctor import Address, Examined, Known, Trouble, as_json, findings_at
from bot.engine import Engine
from bot.known import examined, known_of
from bot.settings import Settings
from bot.weekly import WEEK, named, plan_of
from bot.wording.unreached import UNREACHED
from channels.base import PHONE
from escalation.action import CONSOLE
from escalation.roster import Roster

log = structlog.get_logger(__name__)

ADMINISTRATORS = ""
"""In the place of a manager's id: those under ``alarms``."""
_TOLD = frozenset({Trouble.NO_CONTACT, Trouble.STOPPED, Trouble.FAILED, Trouble.UNANSWERED})
"""An outage has its own alarm; what nobody has confirmed may work."""
_BROKEN = frozenset({Trouble.STOPPED, Trouble.FAILED, Trouble.CHANNEL_DOWN})


class WeeklyList:
    """Looks whether anything is to be told, and to whom."""

    def __init__(self, settings: Settings, engine: Engine, clock: Clock) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.plan = plan_of(settings)
        self._looked: dict[str, date] = {}

    async def look(self) -> None:
        """Safe to run at any time, and again."""
        if due := self._due():
            await self.engine.submit(partial(self._tell, due=due))
            self._looked |= due

    def _due(self) -> dict[str, date]:
        """Whom to tell of which week."""
        checks, now, roster = self.settings.contact_checks, self.clock.now(), self.engine.rules.roster
        if not checks.tell_managers:
            return {}
        after = checks.within if self.settings.tested() else timedelta(0)
        found = {id: self.plan.told_due(now, self._zone(id), after) for id in self._readers(roster, now)}
        return {id: week for id, week in found.items() if week is not None and self._looked.get(id) != week}

    def _readers(self, roster: Roster, now: datetime) -> Sequence[str]:
        found = self.settings.roles().managers(roster)
        present = [id for id in found if not roster.is_away(id, now)]
        return present or found or (ADMINISTRATORS,)

    def _zone(self, id: str) -> str:
        return self.settings.zone if id == ADMINISTRATORS else self.engine.rules.roster.people[id].zone

    async def _tell(self, desk: Desk, due: dict[str, date]) -> None:
        new = [(id, week) for id, week in due.items() if await _is_first(desk, id, week)]
        if not new:
            return
        found = await examined(desk.tx, self.settings, desk.rules.roster, desk.now)
        lost, troubled = _lost(found)
        for id, week in (await self._reached(desk, new)).items():
            people = lost if id == ADMINISTRATORS else [*lost, *troubled]
            if people:
                _put(desk, id, week, people)
                log.warning("Who can't be reached was told", person=id or None, people=len(people))

    async def _reached(self, desk: Desk, readers: Sequence[tuple[str, date]]) -> dict[str, date]:
        """The same, with those under ``alarms`` in the place of managers whom nothing reaches that wakes nobody."""
        ids, people = [id for id, _ in readers if id != ADMINISTRATORS], desk.rules.roster.people
        known = await known_of(desk.tx, ids, self.settings.contact_checks.valid_for, desk.now)
        reached = {id for id in ids if any(_works(id, way, known) for way in people[id].calm_contacts)}
        found = {id: week for id, week in readers if id in reached or id == ADMINISTRATORS}
        others = [week for id, week in readers if id not in found]
        if others and ADMINISTRATORS not in found and await _is_first(desk, ADMINISTRATORS, others[0]):
            found[ADMINISTRATORS] = others[0]
        return found


def _works(person: str, way: Address, known: Known) -> bool:
    return way[0] != CONSOLE and not any(one.trouble in _BROKEN for one in findings_at(person, way, known))


async def _is_first(desk: Desk, id: str, week: date) -> bool:
    """Dated by a later week's end, so that it is not forgotten before."""
    return await desk.tx.first_time("unreached", f"{week}:{id}", datetime.combine(week, time(), UTC) + 3 * WEEK)


def _lost(found: Sequence[Examined]) -> tuple[list[Examined], list[Examined]]:
    """Those who can't be reached at all, and those who can't be everywhere."""
    reachable = [one for one in found if one.is_reachable]
    troubled = [one for one in reachable if any(each.trouble in _TOLD for each in one.findings)]
    return [one for one in found if not one.is_reachable], troubled


def _put(desk: Desk, id: str, week: date, people: Sequence[Examined]) -> None:
    told = {"kind": UNREACHED, "people": [_as_json(one, desk.rules.roster) for one in people]}
    if id != ADMINISTRATORS:
        notice.tell_person(desk, notice.key_of("u", week, id), id, told)
        return
    all = desk.administrators()
    calm = [one for one in all if one.channel != PHONE]
    desk.announce(json.dumps(told, ensure_ascii=False), f"unreached:{week}", calm or all)


def _as_json(one: Examined, roster: Roster) -> dict[str, object]:
    told = [each for each in one.findings if each.trouble in _TOLD or each.trouble is Trouble.CHANNEL_DOWN]
    return {
        "name": named(one.person, roster),
        "is_reachable": one.is_reachable,
        "findings": [as_json(each) for each in told],
    }
