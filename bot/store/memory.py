"""Small things to remember: once-only inputs, alarms that stand, keys and their values."""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from bot.store import codec
from bot.store.dialect import insert_new, upsert
from bot.store.part import Part
from bot.store.people_tables import stopped_contact
from bot.store.tables import alarm, key_value, once


class Memory(Part):
    """The part of a transaction that remembers small things."""

    async def first_time(self, kind: str, id: str, now: datetime) -> bool:
        """Whether this input is new; it is not the next time."""
        row = {"kind": kind, "id": codec.short(id), "at": codec.micros(now)}
        statement = insert_new(once, ["kind", "id"])(self.connection).values(row)
        return bool((await self.connection.execute(statement)).rowcount)

    async def forget_time(self, kind: str, id: str) -> None:
        """What ``first_time`` noted did not happen after all."""
        await self.connection.execute(delete(once).where(once.c.kind == kind, once.c.id == codec.short(id)))

    async def count_times(self, kind: str, since: datetime, but: str = "") -> int:
        """How many inputs of a kind were new since then, without the one with the id ``but``."""
        is_counted = (once.c.kind == kind, once.c.at >= codec.micros(since), once.c.id != codec.short(but))
        query = select(func.count()).where(*is_counted)
        return int((await self.connection.execute(query)).scalar_one())

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

    async def standing_alarm(self, key: str) -> tuple[datetime, str] | None:
        """Since when this alarm stands, and its text; None if it does not."""
        standing = (alarm.c.key == codec.short(key), alarm.c.cleared_at.is_(None))
        row = (await self.connection.execute(select(alarm.c.raised_at, alarm.c.text).where(*standing))).first()
        return None if row is None else (codec.instant_of(row.raised_at), row.text)

    async def stop_contact(self, channel: str, address: str, now: datetime, *, is_asked: bool) -> None:
        """Whoever has this address wants nothing more there. Who asked for it keeps having asked."""
        row = {"channel": channel, "address": address, "is_asked": is_asked, "stopped_at": codec.micros(now)}
        here = (stopped_contact.c.channel == channel, stopped_contact.c.address == address)
        await self.connection.execute(insert_new(stopped_contact, ["channel", "address"])(self.connection).values(row))
        if is_asked:
            await self.connection.execute(update(stopped_contact).where(*here).values(is_asked=True))

    async def start_contact(self, channel: str, address: str) -> bool:
        """They want to be told there again; False if they always did."""
        here = (stopped_contact.c.channel == channel, stopped_contact.c.address == address)
        return bool((await self.connection.execute(delete(stopped_contact).where(*here))).rowcount)

    async def stopped_contacts(self) -> dict[tuple[str, str], bool]:
        """(channel, address) of whoever wants nothing more there, with whether they asked us."""
        rows = (await self.connection.execute(select(stopped_contact))).all()
        return {(row.channel, row.address): row.is_asked for row in rows}

    async def get(self, key: str) -> str | None:
        """The value of a key; None if it has none."""
        query = select(key_value.c.value).where(key_value.c.key == codec.short(key))
        value: str | None = (await self.connection.execute(query)).scalar_one_or_none()
        return value

    async def put(self, key: str, value: str) -> None:
        """Give a key a value, in place of the one it had."""
        statement = upsert(key_value, ["key"], ["value"])(self.connection)
        await self.connection.execute(statement.values(key=codec.short(key), value=value))
