"""What the store knows of people's contacts, for the doctor and for their own page."""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.doctor import Examined, Known, Proved, Try, examine, places_of
from bot.settings import Settings
from bot.store.checks import Check, How, Proof
from bot.store.store import Tx
from escalation.roster import Roster

LATELY = timedelta(days=30)
"""A failure that is older says little of today."""


async def known_of(tx: Tx, people: Collection[str], valid_for: timedelta, now: datetime) -> Known:
    """Of these people. ``valid_for`` is how long a confirmation lasts."""
    tries = await tx.last_tries(people, now - LATELY)
    tests, proofs = await tx.last_tests(people), await tx.proofs(people)
    return Known(
        down=await tx.names_down(),
        tries={(one.channel, one.address): Try(one.at, one.has_failed, one.detail) for one in tries},
        unanswered={_place(one): one.asked_at for one in tests if one.how is How.UNANSWERED},
        confirmed_until={_place(one): one.confirmed_at + valid_for for one in proofs},
        now=now,
        stopped=frozenset(await tx.stopped_contacts()),
    )


async def examined(tx: Tx, settings: Settings, roster: Roster, now: datetime) -> list[Examined]:
    """Everybody whom the settings tell somewhere."""
    places = places_of(settings, roster)
    return examine(roster, places, await known_of(tx, list(places), settings.contact_checks.valid_for, now))


def _place(one: Check | Proof) -> Proved:
    return (one.person, one.channel, one.address)
