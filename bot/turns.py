"""Whose turn it is in each team, and the loads by which those who are equal in turn are told apart."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.store.store import Tx
from escalation.load import tolls_of
from escalation.roster import Roster

_MOMENT = timedelta(seconds=1)


async def in_turn(tx: Tx, roster: Roster, now: datetime) -> Roster:
    """The people as turns are given to them at ``now``. Loads are read only where the settings have turns go by them:
    of what left within ``fair_within``, and of what is about to leave."""
    turned = roster.turned(await tx.turns())
    if not roster.fair_teams:
        return turned
    members = {id for team in roster.fair_teams for id in roster.teams.get(team, ())}
    zones = {id: roster.people[id].zone for id in sorted(members & set(roster.people))}
    left = await tx.pages(list(zones), now - roster.fair_within, now + _MOMENT)
    tolls = tolls_of([*left, *await tx.pages_ahead(list(zones))], zones)
    return replace(turned, rounds=await tx.rounds(), tolls=tolls)
