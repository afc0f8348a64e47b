"""The outbox: notifications, and the leases of those that a lane is working on.

The rules:

1. ``wake_at`` is when a lane has something to do with a row: its ``next_at``, or the end of its lease if that is later;
   NULL when nothing is left to do. Only rows with it are in the lanes' indexes; what is to be sent (``send_at``) and
   what was, in indexes of their own.
2. A row that is claimed to be sent is *sending* from that commit on, until an outcome is written.
3. An update that is asked for while a lane works on a row outlives what the lane writes: it may have worded the message
   before.
4. An end that was reported while a lane works on a row outlives it too: nothing more is sent or asked.
5. So does that it could not leave in an outage, unless it has left meanwhile.
6. What somebody else has settled meanwhile, as the lease had ended, is not to be sent again.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, func, literal_column, not_, null, or_, select, union_all, update

from bot.store import codec
from bot.store.dialect import insert_new, locking
from bot.store.outbox_row import COLUMNS, call_of, row_of, values_of
from bot.store.part import Part, chunks
from bot.store.record import MISSED, NotificationRow, NotificationState
from bot.store.statement import Batch
from bot.store.tables import notification
from channels.base import ROOT
from escalation.command import Purpose
from escalation.load import Page

_own = notification.c
_PAGES = (Purpose.STEP.value, Purpose.ELSE.value, Purpose.LAST_RESORT.value, Purpose.ASKED.value)
_MOVED = ("due_at", "created_at", "send_at", "update_at", "follow_at", "wake_at", "leased_until", "claimed_at")
_SETTLED = (
    "state",
    "send_at",
    "update_at",
    "follow_at",
    "wake_at",
    "attempts",
    "failures",
    "claimed_at",
    "is_stalled",
    "ref",
    "outcome",
    "detail",
    "sent_at",
)


class Notifications(Part):
    """The part of a transaction that reads and writes the outbox."""

    async def add_notifications(self, rows: Sequence[NotificationRow]) -> None:
        """Put notifications into the outbox. A key that is there already is left alone."""
        await _ADD.run(self.connection, [values_of(row) for row in rows])

    async def notification(self, key: str) -> NotificationRow | None:
        """The notification with this key; None if there is none."""
        rows = await self._rows(select(notification).where(_own.key == key))
        return rows[0] if rows else None

    async def notifications_of(self, alert_id: int) -> list[NotificationRow]:
        """Everything that was ever to be sent for an alert, in the order in which it was due."""
        query = select(notification).where(_own.alert_id == alert_id)
        return await self._rows(query.order_by(_own.due_at, _own.created_at, _own.key))

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        """The providers' handles of what was sent to an address, newest first; at most 100."""
        sent = (_own.channel == channel, _own.address == address, _own.ref != "{}")
        query = select(notification).where(*sent).order_by(_own.created_at.desc()).limit(100)
        return [row.ref for row in await self._rows(query)]

    async def first_posted(self, alert_id: int, channel: str, address: str) -> Mapping[str, str]:
        """The handle of what told of an alert there and stands for itself, not under another (``ROOT``): the newest, as
        the one before may be gone. Empty if there is none."""
        there = (_own.alert_id == alert_id, _own.channel == channel, _own.address == address)
        posted = (_own.sent_at.is_not(None), _own.ref != "{}", ~_own.ref.contains(f'"{ROOT}":', autoescape=True))
        query = select(notification).where(*there, *posted).order_by(_own.sent_at.desc(), _own.key.desc()).limit(1)
        rows = await self._rows(query)
        return rows[0].ref if rows else {}

    async def at_address(self, channel: str, address: str) -> list[NotificationRow]:
        """What is to leave to this address, or is under way there."""
        is_there = (_own.channel == channel, _own.address == address, _own.wake_at.is_not(None))
        found = [
            row for kind in _KINDS.values() for row in await self._rows(select(notification).where(*is_there, kind))
        ]
        return sorted(found, key=lambda row: (row.priority, row.due_at, row.key))

    async def alert_at(self, channel: str, ref: Mapping[str, str]) -> int | None:
        """The alert whose message on a channel has these in its handle; None if there is none."""
        parts = [_own.ref.contains(f'"{name}":"{value}"', autoescape=True) for name, value in ref.items()]
        sent = (_own.channel == channel, _own.alert_id.is_not(None), *parts)
        query = select(_own.alert_id).where(*sent).order_by(_own.created_at.desc()).limit(1)
        found: int | None = (await self.connection.execute(query)).scalar_one_or_none()
        return found

    async def is_connected(self, channel: str, ref: Mapping[str, str]) -> bool:
        """Whether a call to a sender is under way whose handle has these."""
        parts = [_own.ref.contains(f'"{name}":"{value}"', autoescape=True) for name, value in ref.items()]
        ways = (_own.channel == channel, _own.wake_at.is_not(None), _own.state == NotificationState.SENT.value)
        query = select(_own.key).where(*ways, _KINDS[False], _own.purpose == Purpose.CONNECTED.value, *parts).limit(1)
        return (await self.connection.execute(query)).scalar_one_or_none() is not None

    async def withdraw(self, alert_ids: Collection[int], now: datetime, *, is_recall: bool = False) -> None:
        """Drop what has not left yet. Alarms about Kidoku itself stay; so do the mail itself and codes for
        it, but for a recall."""
        kept = ("alarm",) if is_recall else ("alarm", "mail", "code")
        dropped = {"state": NotificationState.DROPPED.value, "send_at": None, "wake_at": None, "leased_until": None}
        for ids in chunks(alert_ids):
            pending = (_own.alert_id.in_(ids), _own.state == NotificationState.PENDING.value, _own.purpose.not_in(kept))
            await self.connection.execute(update(notification).where(*pending).values(dropped))

    async def refresh(
        self, alert_ids: Collection[int], channels: Collection[str], now: datetime
    ) -> dict[str, datetime]:
        """Ask for what was posted, or is being posted, to be brought up to date. Returns when its lanes have something
        to do by this at the earliest, by channel."""
        return await self._refresh(_REFRESH, alert_ids, channels, now)

    async def refresh_keys(
        self, keys: Collection[str], channels: Collection[str], now: datetime
    ) -> dict[str, datetime]:
        """The same for these notifications."""
        return await self._refresh(_REFRESH_KEYS, sorted(keys), channels, now)

    async def pages(self, people: Collection[str], since: datetime, until: datetime) -> list[Page]:
        """What left for these people from ``since`` until ``until``: steps, their else, last resorts; by person."""
        found: list[Page] = []
        sent = (_own.sent_at >= codec.micros(since), _own.sent_at < codec.micros(until), _own.purpose.in_(_PAGES))
        for few in chunks(people):
            query = select(_own.person, _own.channel, _own.sent_at, _own.ref).where(_own.person.in_(few), *sent)
            rows = await self.connection.execute(query.order_by(_own.person, _own.sent_at))
            found += [Page(who, via, codec.instant_of(sent_at), call_of(via, ref)) for who, via, sent_at, ref in rows]
        return found

    async def pages_ahead(self, people: Collection[str]) -> list[Page]:
        """What is decided on for these people and has not left yet."""
        found: list[Page] = []
        ahead = (_own.wake_at.is_not(None), _own.send_at.is_not(None), _own.purpose.in_(_PAGES))
        for few in chunks(people):
            query = select(_own.person, _own.channel, _own.send_at).where(_own.person.in_(few), *ahead)
            rows = await self.connection.execute(query.order_by(_own.person, _own.send_at))
            found += [Page(person, channel, codec.instant_of(send_at)) for person, channel, send_at in rows]
        return found

    async def set_back(self, by: timedelta, now: datetime) -> dict[str, datetime]:
        """The clock was set back by so much, to now: what waits here waits no longer by that. A mail that is to leave
        at a set time still does. Returns when there is something to do next, by channel."""
        moved: dict[str, Any] = {name: _own[name] - codec.micros_of(by) for name in _MOVED}
        is_bound = (_own.purpose == Purpose.MAIL.value) & (_own.due_at > codec.micros(now + by))
        waits = (_own.wake_at.is_not(None), not_(is_bound))
        for kind in _KINDS.values():
            await self.connection.execute(update(notification).where(*waits, kind).values(moved))
        found: dict[str, datetime] = {}
        for kind in _KINDS.values():
            query = select(_own.channel, func.min(_own.wake_at)).where(_own.wake_at.is_not(None), kind)
            for channel, wake_at in await self.connection.execute(query.group_by(_own.channel)):
                found[channel] = min(codec.instant_of(wake_at), found.get(channel, datetime.max.replace(tzinfo=UTC)))
        return found

    # Outages ------------------------------------------------------------------------------------------------------

    async def waiting_pages(self, channel: str, due_by: datetime, limit: int) -> list[str]:
        """The keys of the alerts' own pages that should have left over a channel by then, and could have, and that are
        not known to be missed; at most ``limit``."""
        unsent = (_own.channel == channel, _own.wake_at.is_not(None), _own.send_at.is_not(None))
        pages = (_own.purpose.in_(_PAGES), _own.outcome != MISSED, _own.due_at <= codec.micros(due_by))
        is_old = _own.created_at <= codec.micros(due_by)
        query = select(_own.key).where(*unsent, *pages, is_old).order_by(_own.wake_at).limit(limit)
        return list((await self.connection.execute(query)).scalars())

    async def waiting_alarms(self, channel: str, due_by: datetime, limit: int) -> list[NotificationRow]:
        """The alarms that should have left over a channel by then and that no lane is working on; at most ``limit``. Of
        one whose outcome was lost the provider can't say now whether it has left: twice is better than never."""
        unsent = (_own.channel == channel, _own.wake_at.is_not(None), _own.leased_until.is_(None))
        is_due = (_own.send_at.is_not(None), _own.due_at <= codec.micros(due_by))
        is_alarm = (_own.purpose == Purpose.ALARM.value, *is_due)
        return await self._rows(select(notification).where(*unsent, *is_alarm).order_by(_own.wake_at).limit(limit))

    async def miss(self, keys: Collection[str], why: str) -> None:
        """These can't leave in an outage. What has left or was withdrawn by now is left alone."""
        for few in chunks(keys):
            unsent = (_own.key.in_(few), _own.wake_at.is_not(None), _own.send_at.is_not(None))
            values = {"outcome": MISSED, "is_stalled": True, "detail": why}
            await self.connection.execute(update(notification).where(*unsent).values(values))

    async def missed(self, channel: str, address: str, since: datetime, limit: int) -> list[NotificationRow]:
        """What was due to this address since then and could not leave in an outage, oldest first."""
        # As a literal: only then is the index for just these of use.
        is_missed = _own.outcome == literal_column(f"'{MISSED}'")
        here = (is_missed, _own.channel == channel, _own.address == address, _own.due_at >= codec.micros(since))
        return await self._rows(select(notification).where(*here).order_by(_own.due_at, _own.key).limit(limit))

    # The lanes ------------------------------------------------------------------------------------------------------

    async def claim(
        self, channel: str, now: datetime, limit: int, lease: timedelta, *, is_send: bool
    ) -> list[NotificationRow]:
        """Take up to ``limit`` rows that are due, most urgent first, and keep others from them until the lease ends:
        of what is to be sent, or of what was sent and is to be followed or brought up to date.

        Each row is returned as it was before, but for ``attempts``: ``sending`` tells of a try whose outcome was lost.
        One that is to be sent is *sending* from the commit on.
        """
        due: dict[str, Any] = {"channel": channel, "now": codec.micros(now), "most": limit}
        rows = await self._rows(locking(self.connection, _DUE[is_send], skips=True), **due)
        counted = [row._replace(attempts=row.attempts + 1) if row.send_at is not None else row for row in rows]
        leased_until = codec.micros(now + lease)
        await _CLAIM.run(self.connection, [_claimed(row, now, leased_until) for row in counted])
        return counted

    async def still_claimed(self, keys: Collection[str], until: datetime) -> set[str]:
        """Those of these rows whose lease ends at this very instant: whoever claimed them so knows that it was
        committed, and that nobody has claimed them since."""
        found: set[str] = set()
        for few in chunks(keys):
            query = select(_own.key).where(_own.key.in_(few), _own.leased_until == codec.micros(until))
            found |= set((await self.connection.execute(query)).scalars())
        return found

    async def release_leases(self) -> None:
        """At the start of the only node: nobody works on anything."""
        leased = (_own.wake_at.is_not(None), _own.leased_until.is_not(None))
        rows = [row for kind in _KINDS.values() for row in await self._rows(select(notification).where(*leased, kind))]
        await _RELEASE.run(self.connection, [(row.key, codec.micros(row.next_at)) for row in rows])

    async def settle(
        self, rows: Sequence[NotificationRow], claimed: Sequence[NotificationRow]
    ) -> list[NotificationRow]:
        """Write outcomes, and end the leases; ``claimed`` are the rows as they were claimed (rules 3 to 6). Returns the
        rows as they are then."""
        now_there = await self.by_key([row.key for row in rows])
        merged = [
            _merged(row, before, now_there[row.key])
            for row, before in zip(rows, claimed, strict=True)
            if row.key in now_there
        ]
        await _SETTLE.run(self.connection, [values_of(row) for row in merged])
        return merged

    async def by_key(self, keys: Collection[str]) -> Mapping[str, NotificationRow]:
        """Those of the notifications that exist, kept from other nodes until the commit."""
        found: dict[str, NotificationRow] = {}
        for few in chunks(keys):
            query = locking(self.connection, _OF_KEYS)
            found |= {row.key: row for row in await self._rows(query, keys=few)}
        return found

    async def next_wake(self, channel: str, is_send: bool | None = None) -> datetime | None:
        """The earliest instant at which ``claim`` would give something; None for ``is_send``: of either kind."""
        found = await self.connection.execute(_NEXT[is_send], {"channel": channel})
        return codec.instant(found.scalar_one_or_none())

    async def outbox_depth(self) -> dict[str, tuple[int, datetime | None]]:
        """For each channel: how many have not left, and when the oldest of them was due."""
        unsent = (_own.wake_at.is_not(None), _own.send_at.is_not(None))
        query = select(_own.channel, func.count(), func.min(_own.due_at)).where(*unsent).group_by(_own.channel)
        rows = (await self.connection.execute(query)).all()
        return {channel: (count, codec.instant(oldest)) for channel, count, oldest in rows}

    async def _refresh(
        self, statement: Any, which: Collection[Any], channels: Collection[str], now: datetime
    ) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for few in chunks(which):
            values = {"which": few, "channels": sorted(channels), "at": codec.micros(now)}
            for channel, wake_at in await self.connection.execute(statement, values):
                if wake_at is not None:
                    at = codec.instant_of(wake_at)
                    found[channel] = min(at, found.get(channel, at))
        return found

    async def _rows(self, query: Any, **values: Any) -> list[NotificationRow]:
        return [row_of(row) for row in (await self.connection.execute(query, values)).mappings()]


_OF_KEYS = select(notification).where(_own.key.in_(bindparam("keys", expanding=True)))
_KINDS = {True: _own.send_at.is_not(None), False: _own.send_at.is_(None)}
"""By ``is_send``."""
_WAITING = (_own.channel == bindparam("channel"), _own.wake_at.is_not(None))
_NEXT_OF: dict[bool | None, Any] = {
    is_send: select(func.min(_own.wake_at).label("at")).where(*_WAITING, kind) for is_send, kind in _KINDS.items()
}
_EITHER = union_all(*_NEXT_OF.values()).subquery()
_NEXT = _NEXT_OF | {None: select(func.min(_EITHER.c.at))}
# Plus nothing: an index on it alone would look better to the planner, and make it sort all that is due.
_DUE = {
    is_send: select(notification)
    .where(*_WAITING, _own.wake_at + 0 <= bindparam("now"), kind)
    .order_by(_own.priority, _own.wake_at)
    .limit(bindparam("most"))
    for is_send, kind in _KINDS.items()
}
_POSTED = (NotificationState.SENT.value, NotificationState.SENDING.value)


def _refreshing(which: Any) -> Any:
    """The update is due at ``at``. On a row that is being worked on it must differ from the one the lane knows (rule
    3)."""
    at: Any = bindparam("at", type_=BigInteger())
    is_wanted = or_(_own.update_at.is_(None), _own.update_at > at, _own.leased_until.is_not(None))
    is_posted = (_own.channel.in_(bindparam("channels", expanding=True)), _own.state.in_(_POSTED))
    is_known = (_own.leased_until.is_not(None)) & (_own.update_at <= at)
    waits = or_(_own.leased_until.is_not(None), _own.send_at.is_not(None), _own.wake_at < at)
    return (
        update(notification)
        .where(which, *is_posted, is_wanted, _own.purpose != Purpose.CONNECTED.value)
        .values(update_at=case((is_known, _own.update_at - 1), else_=at), wake_at=case((waits, _own.wake_at), else_=at))
        .returning(_own.channel, _own.wake_at)
    )


_REFRESH = _refreshing(_own.alert_id.in_(bindparam("which", expanding=True)))
_REFRESH_KEYS = _refreshing(_own.key.in_(bindparam("which", expanding=True)))


def _claimed(row: NotificationRow, now: datetime, leased_until: int | None) -> tuple[Any, ...]:
    is_send = row.send_at is not None
    state = NotificationState.SENDING if is_send else row.state
    claimed_at = codec.micros((row.claimed_at or now) if is_send else row.claimed_at)
    return row.key, state.value, row.attempts, claimed_at, leased_until, leased_until


def _merged(row: NotificationRow, before: NotificationRow, now_there: NotificationRow) -> NotificationRow:
    """What a lane made of a row, and what others wrote to it meanwhile (rules 3 to 6)."""
    if row.send_at is not None and before.send_at is not None and now_there.send_at is None:
        return now_there
    if now_there.update_at != before.update_at:
        row = row._replace(update_at=now_there.update_at)
    if now_there.outcome == MISSED and not row.outcome:
        row = row._replace(outcome=MISSED, is_stalled=True)
    ended = NotificationState.ENDED
    if now_there.state is ended and before.state is not ended:
        row = row._replace(
            state=ended, send_at=None, follow_at=None, outcome=now_there.outcome, detail=now_there.detail
        )
    return row


def _settle(_: Any) -> Any:
    values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _SETTLED}
    return update(notification).where(_own.key == bindparam("b_key")).values(values | {"leased_until": null()})


def _claim(_: Any) -> Any:
    values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _CLAIM_COLUMNS[1:]}
    return update(notification).where(_own.key == bindparam("b_key")).values(values)


def _release(_: Any) -> Any:
    values: dict[str, Any] = {"wake_at": bindparam("b_wake_at"), "leased_until": null()}
    return update(notification).where(_own.key == bindparam("b_key")).values(values)


_CLAIM_COLUMNS = ("key", "state", "attempts", "claimed_at", "leased_until", "wake_at")
_ADD = Batch(insert_new(notification, ["key"]), COLUMNS)
_CLAIM = Batch(_claim, tuple(f"b_{name}" for name in _CLAIM_COLUMNS))
_RELEASE = Batch(_release, ("b_key", "b_wake_at"))
_SETTLE = Batch(_settle, tuple(f"b_{name}" for name in COLUMNS))
