"""The outbox: notifications, and the leases of those that a lane is working on."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select, update

from bot.store import codec
from bot.store.dialect import locking, upsert
from bot.store.part import Part
from bot.store.record import NotificationRow, NotificationState
from bot.store.tables import notification

_PENDING, _SENDING, _SENT = "pending", "sending", "sent"
_INSTANTS = ("due_at", "created_at", "send_at", "update_at", "follow_at", "claimed_at", "sent_at")
_SETTLED = (
    "state",
    "send_at",
    "update_at",
    "follow_at",
    "next_at",
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
        statement = upsert(self.connection, notification, ["key"], [])
        await self.connection.execute(statement, [_values(row) for row in rows])

    async def notification(self, key: str) -> NotificationRow | None:
        rows = await self._rows(select(notification).where(notification.c.key == key))
        return rows[0] if rows else None

    async def notifications_of(self, alert_id: int) -> list[NotificationRow]:
        """Everything that was ever to be sent for an alert, in the order in which it was due."""
        query = select(notification).where(notification.c.alert_id == alert_id)
        return await self._rows(query.order_by(notification.c.due_at, notification.c.created_at, notification.c.key))

    async def withdraw(self, alert_ids: Collection[int], now: datetime) -> None:
        """Drop what has not left yet."""
        for ids in _chunks(alert_ids):
            statement = update(notification).where(notification.c.alert_id.in_(ids), notification.c.state == _PENDING)
            await self.connection.execute(statement.values(state="dropped", send_at=None, next_at=None))

    async def refresh(self, alert_ids: Collection[int], channels: Collection[str], now: datetime) -> None:
        """Ask for what was posted, or is being posted, to be brought up to date."""
        at = codec.micros(now)
        for ids in _chunks(alert_ids):
            statement = update(notification).where(
                notification.c.alert_id.in_(ids),
                notification.c.channel.in_(sorted(channels)),
                notification.c.state.in_([_SENT, _SENDING]),
                or_(notification.c.update_at.is_(None), notification.c.update_at > at),
            )
            sooner = case((notification.c.next_at < at, notification.c.next_at), else_=at)
            await self.connection.execute(statement.values(update_at=at, next_at=sooner))

    async def claim(self, channel: str, now: datetime, limit: int, lease: timedelta) -> list[NotificationRow]:
        """Take up to ``limit`` rows that are due, most urgent first, and keep others from them until the lease ends.

        Each row is returned as it was before: ``sending`` tells of a try whose outcome was lost. One that is to be
        sent is *sending* from the commit on.
        """
        at = codec.micros(now)
        query = (
            select(notification)
            .where(notification.c.channel == channel, notification.c.next_at <= at, _is_free(at))
            .order_by(notification.c.priority, notification.c.next_at)
            .limit(limit)
        )
        rows = await self._rows(locking(self.connection, query))
        if rows:
            await self.connection.execute(_claim, [_claimed(row, now, lease) for row in rows])
        return [replace(row, attempts=row.attempts + (row.send_at is not None)) for row in rows]

    async def release_leases(self) -> None:
        """At the start of the only node: nobody works on anything."""
        leased = update(notification).where(notification.c.next_at.is_not(None))
        await self.connection.execute(leased.where(notification.c.leased_until.is_not(None)).values(leased_until=None))

    async def settle(self, rows: Sequence[NotificationRow], claimed: Sequence[NotificationRow]) -> None:
        """Write outcomes and end the leases. If somebody asked for another update since the claim, that stands."""
        values = [_settled(row, before) for row, before in zip(rows, claimed, strict=True)]
        await self.connection.execute(_settle, values)

    async def next_wake(self, channel: str) -> datetime | None:
        """The earliest instant at which ``claim`` would give something."""
        leased_until = func.coalesce(notification.c.leased_until, 0)
        free = case((leased_until > notification.c.next_at, leased_until), else_=notification.c.next_at)
        nearest = (
            select(free.label("free_at"))
            .where(notification.c.channel == channel, notification.c.next_at.is_not(None))
            .order_by(notification.c.next_at)
            .limit(64)
            .subquery()
        )
        query = select(func.min(nearest.c.free_at))
        return codec.instant((await self.connection.execute(query)).scalar_one_or_none())

    async def outbox_depth(self) -> dict[str, tuple[int, datetime | None]]:
        """For each channel: how many have not left, and when the oldest of them was due."""
        query = (
            select(notification.c.channel, func.count(), func.min(notification.c.due_at))
            .where(notification.c.next_at.is_not(None), notification.c.send_at.is_not(None))
            .group_by(notification.c.channel)
        )
        rows = (await self.connection.execute(query)).all()
        return {channel: (count, codec.instant(oldest)) for channel, count, oldest in rows}

    async def _rows(self, query: Any) -> list[NotificationRow]:
        return [_row(row) for row in (await self.connection.execute(query)).mappings()]


def _is_free(at: int | None) -> Any:
    return or_(notification.c.leased_until.is_(None), notification.c.leased_until <= at)


def _chunks(ids: Collection[int]) -> list[list[int]]:
    listed = list(ids)
    return [listed[start : start + 500] for start in range(0, len(listed), 500)]


_claim = (
    update(notification)
    .where(notification.c.key == bindparam("b_key"))
    .values(
        state=bindparam("b_state"),
        attempts=bindparam("b_attempts"),
        claimed_at=bindparam("b_claimed_at"),
        leased_until=bindparam("b_leased_until"),
    )
)


def _claimed(row: NotificationRow, now: datetime, lease: timedelta) -> dict[str, Any]:
    is_send = row.send_at is not None
    return {
        "b_key": row.key,
        "b_state": NotificationState.SENDING.value if is_send else row.state.value,
        "b_attempts": row.attempts + is_send,
        "b_claimed_at": codec.micros((row.claimed_at or now) if is_send else row.claimed_at),
        "b_leased_until": codec.micros(now + lease),
    }


_is_asked_again = notification.c.update_at.is_distinct_from(bindparam("b_was_update_at"))
_settle = (
    update(notification)
    .where(notification.c.key == bindparam("b_key"))
    .values(
        {name: bindparam(f"b_{name}") for name in _SETTLED if name not in ("update_at", "next_at")}
        | {
            "leased_until": None,
            "update_at": case((_is_asked_again, notification.c.update_at), else_=bindparam("b_update_at")),
            "next_at": case((_is_asked_again, bindparam("b_next_at_asked")), else_=bindparam("b_next_at")),
        }
    )
)


def _settled(row: NotificationRow, before: NotificationRow) -> dict[str, Any]:
    values = {f"b_{name}": value for name, value in _values(row).items() if name in _SETTLED}
    return values | {
        "b_key": row.key,
        "b_was_update_at": codec.micros(before.update_at),
        # An update that was asked for meanwhile is due at once; the epoch is soon enough.
        "b_next_at_asked": 0,
    }


def _values(row: NotificationRow) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    values |= {name: codec.micros(values[name]) for name in _INSTANTS}
    return values | {
        "state": row.state.value,
        "purpose": str(row.purpose),
        "outcome": str(row.outcome),
        "ref": json.dumps(dict(row.ref), ensure_ascii=False),
        "next_at": codec.micros(row.next_at),
    }


def _row(found: Any) -> NotificationRow:
    values = {name: found[name] for name in _COLUMNS}
    values |= {name: codec.instant(values[name]) for name in _INSTANTS}
    values |= {"state": NotificationState(values["state"]), "ref": json.loads(values["ref"])}
    return NotificationRow(**values)


_COLUMNS = tuple(NotificationRow.__dataclass_fields__)
