"""``kidoku load``: how often each person was told in a span of time, and in how many of their nights."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.language import Words
from bot.office import Office
from bot.store.store import Tx
from bot.view import NotOneError
from bot.wording import name_of
from escalation.load import Load, loads_of
from escalation.roster import Roster

USUAL = timedelta(days=28)
"""How far back is looked if nothing else is asked: four weeks."""


async def loads(tx: Tx, roster: Roster, since: datetime, until: datetime) -> dict[str, Load]:
    """The load of everybody in the settings from ``since`` until ``until``, as far back as notifications are kept."""
    zones = {id: person.zone for id, person in roster.people.items()}
    return loads_of(await tx.pages(list(zones), since, until), zones)


async def show(office: Office, since: datetime | None, until: datetime | None, words: Words, *, as_json: bool) -> int:
    """Print the load of everybody, the heaviest first. Raises NotOneError for a span that ends before it begins."""
    end = until or office.clock.now()
    start = since or end - USUAL
    if start >= end:
        raise NotOneError(words.gettext("It would end before it begins: write --until after --since."))
    roster = office.engine.rules.roster
    async with office.store.reading() as tx:
        found = await loads(tx, roster, start, end)
    ordered = sorted(found.items(), key=lambda one: (-one[1].nights, -one[1].pages, one[0]))
    if as_json:
        people = [{"person": id, "name": roster.people[id].name, **asdict(load)} for id, load in ordered]
        print(json.dumps(_object(start, end, people), ensure_ascii=False, indent=2))
        return 0
    print(f"{words.instant(start)} – {words.instant(end)}")
    Console(soft_wrap=False, highlight=False, markup=False).print(_table(ordered, roster, words))
    return 0


def _object(start: datetime, end: datetime, people: list[dict[str, Any]]) -> dict[str, Any]:
    return {"since": start.isoformat(), "until": end.isoformat(), "people": people}


def _table(ordered: list[tuple[str, Load]], roster: Roster, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column(words.gettext("Person"), overflow="fold")
    for heading in (words.gettext("Pages"), words.gettext("Calls"), words.gettext("Nights woken")):
        table.add_column(heading, justify="right", overflow="fold")
    for id, load in ordered:
        table.add_row(name_of(id, roster, words), str(load.pages), str(load.calls), str(load.nights))
    return table
