"""Who follows which alert privately, and what is about to be told to them of it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from bot.store import codec
from bot.store.dialect import insert_new, locking
from bot.store.part import Part, chunks
from bot.store.people_tables import subscription
from bot.store.record import NotificationState
from bot.store.tables import notification
from escalation.command import Purpose

_own = notification.c
_IS_AMONG = subscription.c.alert_id.between(bindparam("first"), bindparam("last"))
_SUBSCRIBERS = select(subscription.c.alert_id, subscription.c.person).where(_IS_AMONG).order_by(subscription.c.person)


class Subscriptions(Part):
    """The part of a transaction that keeps who follows what."""

    async def subscribe(self, alert_id: int, person: str, now: datetime) -> bool:
        """Whether this is new; somebody who follows it already goes on doing so."""
        new = insert_new(subscription, ["alert_id", "person"])(self.connection)
        row = {"alert_id": alert_id, "person": person, "made_at": codec.micros(now)}
        return bool((await self.connection.execute(new.values(row))).rowcount)

    async def unsubscribe(self, alert_id: int, person: str) -> bool:
        """Whether they had followed it; they do no longer."""
        this = (subscription.c.alert_id == alert_id, subscription.c.person == person)
        return bool((await self.connection.execute(delete(subscription).where(*this))).rowcount)

    async def subscribers(self, alert_ids: Collection[int]) -> dict[int, list[str]]:
        """Who follows each of these alerts; alerts that nobody follows are left out."""
        if not alert_ids:
            return {}
        wanted, found = set(alert_ids), dict[int, list[str]]()
        # From the first to the last of them: few are followed, and thousands may be asked for at once.
        ends = {"first": min(wanted), "last": max(wanted)}
        for alert_id, person in await self.connection.execute(_SUBSCRIBERS, ends):
            if alert_id in wanted:
                found.setdefault(alert_id, []).append(person)
        return found

    async def subscriptions_of(self, person: str) -> list[int]:
        """The alerts that somebody follows, newest first."""
        query = select(subscription.c.alert_id).where(subscription.c.person == person)
        return list((await self.connection.execute(query.order_by(subscription.c.alert_id.desc()))).scalars())

    async def end_subscriptions(self, alert_ids: Collection[int]) -> None:
        """Nobody follows these any more."""
        for few in chunks(alert_ids):
            await self.connection.execute(delete(subscription).where(subscription.c.alert_id.in_(few)))

    async def waiting_notice(self, channel: str, person: str, prefix: str) -> tuple[str, str] | None:
        """The key and text of what is about to be told to somebody over a channel, under a key that begins so, and that
        no lane has begun with; kept from other nodes until the commit. None if there is none."""
        is_theirs = (_own.channel == channel, _own.wake_at.is_not(None), _own.person == person)
        waits = (*is_theirs, _own.send_at.is_not(None), _own.purpose == Purpose.DUTY.value)
        fresh = (_own.state == NotificationState.PENDING.value, _own.attempts == 0, _own.key.startswith(prefix))
        query = select(_own.key, _own.text).where(*waits, *fresh).order_by(_own.key).limit(1)
        row = (await self.connection.execute(locking(self.connection, query))).one_or_none()
        return None if row is None else (row.key, row.text)

    async def reword(self, key: str, text: str) -> None:
        """Let a notification that waits say this instead."""
        await self.connection.execute(update(notification).where(_own.key == key).values(text=text))
