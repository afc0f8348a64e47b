"""What a room missed in an outage of its channel (``bot/failover.py``), as of now."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from bot.language import Words
from bot.outcome import is_overtaken
from bot.store.record import NotificationRow, NotificationState
from bot.store.store import Store
from bot.wording.missed import word_missed
from channels.message import Message
from escalation.roster import Roster

MOST = 1000
BEFORE = timedelta(minutes=10)
"""What an outage found waiting may have been due so long before."""

_TOLD = frozenset({NotificationState.SENT, NotificationState.ENDED})
_WAITS = frozenset({NotificationState.PENDING, NotificationState.SENDING})


async def message(store: Store, row: NotificationRow, words: Words, roster: Roster, now: datetime) -> Message | None:
    """None if the room missed nothing in the end. Raises ValueError or KeyError for a row that can't be read."""
    since = datetime.fromisoformat(json.loads(row.text)["since"])
    async with store.reading() as tx:
        missed = await tx.missed(row.channel, row.address, since - BEFORE, MOST)
        ids = dict.fromkeys(one.alert_id for one in missed if one.alert_id is not None)
        alerts = await tx.alerts([id for id in ids if not _is_told_here(row, await tx.notifications_of(id), now)])
    here = [alerts[id] for id in sorted(alerts, reverse=True)]
    return word_missed(since, here, row, words, roster, now) if here else None


async def may_miss_more(store: Store, row: NotificationRow) -> bool:
    """Whether something that missed its time still waits here: it leaves, or is overtaken yet."""
    since = datetime.fromisoformat(json.loads(row.text)["since"])
    async with store.reading() as tx:
        missed = await tx.missed(row.channel, row.address, since - BEFORE, MOST)
    return any(one.state in _WAITS for one in missed)


def _is_told_here(place: NotificationRow, rows: Collection[NotificationRow], now: datetime) -> bool:
    """Whether the alert was told in this room after all, or is about to be."""
    here = [one for one in rows if (one.channel, one.address) == (place.channel, place.address)]
    return any(one.state in _TOLD or (one.state in _WAITS and not is_overtaken(one, rows, now)) for one in here)
