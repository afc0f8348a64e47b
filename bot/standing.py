"""The settings and people as they stand: with the calendars, overrides and leaves that the store keeps."""

import asyncio
import sys
from datetime import datetime

from bot.calendars.known import KnownCalendars
from bot.clock import SystemClock
from bot.language import Words
from bot.office import SettingsError, refuse_missing
from bot.settings import Settings
from bot.store.record import StoreError
from bot.store.store import Store
from bot.turns import in_turn
from escalation.roster import Roster


def standing(settings: Settings, since: datetime) -> tuple[Settings, Roster]:
    """With what lasts beyond ``since`` (aware). A bot that never ran has no store and so none of it; a store that can't
    be read is told on stderr, and left out."""
    try:
        refuse_missing(settings)
        return asyncio.run(_changed(settings, since))
    except SettingsError:
        return settings, settings.roster()
    except StoreError as error:
        words = Words(settings.language, settings.zone)
        told = words.gettext("Calendars, overrides and leaves are left out: the store can't be read (%(why)s).") % {
            "why": words.said(error.why)
        }
        print(told, file=sys.stderr)
        return settings, settings.roster()


async def _changed(settings: Settings, since: datetime) -> tuple[Settings, Roster]:
    known = KnownCalendars(settings)
    store = await Store.open(settings.database_url, SystemClock().now())
    try:
        async with store.reading() as tx:
            roster = (await known.roster(tx)).changed(await tx.overrides(since), await tx.leaves(since))
            return known.settings, await in_turn(tx, roster, SystemClock().now())
    finally:
        await store.close()
