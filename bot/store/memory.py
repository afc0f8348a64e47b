"""Small things to remember: once-only inputs, alarms that stand, keys and their values."""

from datetime import datetime

from sqlalchemy import select, update

from bot.store import codec
from bot.store.dialect import insert_new, upsert
from bot.store.part import Part
from bot.store.tables import alarm, key_value, once


class Memory(Part):
    """The part of a transaction that remembers small things."""

    async def first_time(self, kind: str, id: str, now: datetime) -> bool:
        """Whether this input is new; it is not the next time."""
        row = {"kind": kind, "id": codec.short(id), "at": codec.micros(now)}
        statement = insert_new(once, ["kind", "id"])(self.connection).values(row)
        return bool((await self.connection.execute(statement)).rowcount)

    async def raise_alarm(self, key: str, text: str, now: datetime) -> bool:
        """Whether this alarm did not stand already; it does now."""
        row = {"key": codec.short(key), "text": text, "raised_at": codec.micros(now), "cleared_at": None}
        new = insert_new(alarm, ["key"])(self.connection).values(row)
        if (await self.connection.execute(new)).rowcount:
            return True
        again = update(alarm).where(alarm.c.key == row["key"], alarm.c.cleared_at.is_not(None)).values(row)
        return bool((await self.connection.execute(again)).rowcount)

    async def clear_alarm(self, key: str, now: datetime) -> bool:
        """Whether this alarm stood; it does no longer."""
        standing = update(alarm).where(alarm.c.key == codec.short(key), alarm.c.cleared_at.is_(None))
        return bool((await self.connection.execute(standing.values(cleared_at=codec.micros(now)))).rowcount)

    async def get(self, key: str) -> str | None:
        """The value of a key; None if it has none."""
        query = select(key_value.c.value).where(key_value.c.key == codec.short(key))
        value: str | None = (await self.connection.execute(query)).scalar_one_or_none()
        return value

    async def put(self, key: str, value: str) -> None:
        """Give a key a value, in place of the one it had."""
        statement = upsert(key_value, ["key"], ["value"])(self.connection)
        await self.connection.execute(statement.values(key=codec.short(key), value=value))
