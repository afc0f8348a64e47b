"""What being paged costs people: how often each was told, and in how many of their nights.

The rules:

1. A page is a notification to a person that left: of a step, an ``else``, the last resort, or by a
   person's request.
2. A call that tells of several mails is several pages and one call.
3. A night is from ``NIGHT`` to ``MORNING`` on the person's own wall. One in which a channel that disturbs told them
   anything counts once, however often they were told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from escalation.action import PHONE
from escalation.command import Purpose
from escalation.contact import DISTURBING

PAGES = frozenset({Purpose.STEP, Purpose.ELSE, Purpose.LAST_RESORT, Purpose.ASKED})
"""What a page is for (rule 1)."""
NIGHT, MORNING = time(22), time(7)
_HALF_A_DAY = timedelta(hours=12)


class Page(NamedTuple):
    """One notification that left, at ``at`` (UTC). ``person`` is None for a room. Those of one ``call`` left by it;
    "": by one of its own, or by none."""

    person: str | None
    channel: str
    at: datetime
    call: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How many pages, how many of them calls, and in how many nights."""

    pages: int = 0
    calls: int = 0
    nights: int = 0


@dataclass(frozen=True, slots=True)
class Toll:
    """The load of one person as it grows: pages, and the evenings of the nights."""

    pages: int = 0
    nights: frozenset[date] = frozenset()

    def after(self, page: Page, zone: str) -> "Toll":
        """With one page more."""
        night = night_of(page, zone)
        return Toll(self.pages + 1, self.nights if night is None else self.nights | {night})


def tolls_of(pages: Iterable[Page], zones: Mapping[str, str]) -> dict[str, Toll]:
    """The same as ``loads_of``, for whoever counts on."""
    tolls = dict.fromkeys(zones, Toll())
    for one in pages:
        if one.person is not None and one.person in zones:
            tolls[one.person] = tolls[one.person].after(one, zones[one.person])
    return tolls


def loads_of(pages: Iterable[Page], zones: Mapping[str, str]) -> dict[str, Load]:
    """The load of each person in ``zones``, which gives each one's zone; pages of others do not count."""
    own = [(one.person, one) for one in pages if one.person is not None and one.person in zones]
    told = Counter(person for person, _ in own)
    calls = {(person, one.call or number) for number, (person, one) in enumerate(own) if one.channel == PHONE}
    called = Counter(person for person, _ in calls)
    woken = {(person, night) for person, one in own if (night := night_of(one, zones[person])) is not None}
    nights = Counter(person for person, _ in woken)
    return {id: Load(told[id], called[id], nights[id]) for id in zones}


def night_of(page: Page, zone: str) -> date | None:
    """The day on whose evening the night began in which this page may have woken somebody; None: it was by day, or by
    mail."""
    wall = page.at.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    is_night = wall.time() >= NIGHT or wall.time() < MORNING
    return (wall - _HALF_A_DAY).date() if is_night and page.channel in DISTURBING else None
