"""What the store knows of whether people were reached: the last try to each address, and the channels that are down."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from bot.store import codec
from bot.store.part import Part, chunks
from bot.store.record import NotificationState
from bot.store.tables import alarm, notification
from escalation.command import Purpose

_own = notification.c
_ENDED = (NotificationState.SENT.value, NotificationState.ENDED.value, NotificationState.REJECTED.value)
DOWN = "down:"
"""What the key of an alarm about a channel or mailbox that is down begins with."""


@dataclass(frozen=True, slots=True)
class LastTry:
    """The last notification to an address of which something is known."""

    person: str
    channel: str
    address: str
    at: datetime
    has_failed: bool
    detail: str


class Reach(Part):
    """The part of a transaction that looks back at whom notifications reached."""

    async def last_tries(self, people: Collection[str], since: datetime) -> list[LastTry]:
        """The last try to each address of these people since then: refused, stuck, or taken."""
        is_known = or_(_own.state.in_(_ENDED), _own.is_stalled)
        found: list[LastTry] = []
        for few in chunks(people):
            is_try = _own.purpose.not_in((Purpose.CALLED_IN.value, Purpose.CONNECTED.value))
            wanted = (_own.person.in_(few), _own.created_at >= codec.micros(since), is_known, is_try)
            place = (_own.person, _own.channel, _own.address)
            newest = func.row_number().over(partition_by=place, order_by=(_own.created_at.desc(), _own.key.desc()))
            columns = (*place, _own.state, _own.sent_at, _own.created_at, _own.detail, newest.label("newest"))
            ranked = select(*columns).where(*wanted).subquery()
            rows = (await self.connection.execute(select(ranked).where(ranked.c.newest == 1))).mappings()
            found += [_last_try(row) for row in rows]
        return sorted(found, key=lambda one: (one.person, one.channel, one.address))

    async def alerts_told(self, person: str, alert_ids: Collection[int]) -> set[int]:
        """Those of these alerts that somebody was told of."""
        found: set[int] = set()
        for few in chunks(alert_ids):
            wanted = (_own.person == person, _own.alert_id.in_(few), _own.sent_at.is_not(None))
            found |= set((await self.connection.execute(select(_own.alert_id).where(*wanted).distinct())).scalars())
        return found

    async def names_down(self) -> dict[str, str]:
        """The channels and mailboxes that are down long enough for an alarm, and why."""
        standing = (alarm.c.key.startswith(DOWN, autoescape=True), alarm.c.cleared_at.is_(None))
        rows = await self.connection.execute(select(alarm.c.key, alarm.c.text).where(*standing).order_by(alarm.c.key))
        return {key.removeprefix(DOWN): _why(key.removeprefix(DOWN), text) for key, text in rows}


def _last_try(row: object) -> LastTry:
    values: dict[str, object] = dict(row)  # type: ignore[call-overload]
    at = codec.instant_of(values["sent_at"] or values["created_at"])  # type: ignore[arg-type]
    has_failed = values["sent_at"] is None or values["state"] == NotificationState.REJECTED.value
    place = (str(values["person"]), str(values["channel"]), str(values["address"]))
    return LastTry(*place, at=at, has_failed=has_failed, detail=str(values["detail"]) if has_failed else "")


def _why(name: str, text: str) -> str:
    detail = str(json.loads(text).get("detail", ""))
    return detail.removeprefix(f"{name}: ")
