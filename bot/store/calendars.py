"""What the calendars of others said last: kept, so that a restart with a calendar out of reach changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, select

from bot.store import codec
from bot.store.dialect import upsert
from bot.store.duty_tables import calendar_feed
from bot.store.part import Part
from escalation.feed import FeedEvent

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[FeedEvent, ...]).decode


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One calendar. ``source`` is a digest of where ``data`` (compressed) came from, ``etag`` the server's name of it.
    ``events`` were made of it at ``expanded_at``; ``version`` grows when they change. ``failures`` are the tries after
    ``read_at`` that came to nothing, the last because of ``fault`` (JSON, of a phrase)."""

    name: str
    source: str = ""
    etag: str = ""
    data: bytes = b""
    events: tuple[FeedEvent, ...] = ()
    version: int = 0
    read_at: datetime | None = None
    expanded_at: datetime | None = None
    failures: int = 0
    fault: str = ""


class Calendars(Part):
    """The part of a transaction that keeps calendars."""

    async def feed(self, name: str) -> FeedRow | None:
        """One calendar; None if it was never tried."""
        query = select(calendar_feed).where(calendar_feed.c.name == name)
        found = (await self.connection.execute(query)).mappings().one_or_none()
        if found is None:
            return None
        row = dict(found) | {key: codec.instant(found[key]) for key in ("read_at", "expanded_at")}
        return FeedRow(**row | {"events": _decode(found["events"])})

    async def put_feed(self, row: FeedRow) -> None:
        """Keep a calendar in place of what was kept of it."""
        values = {column.key: getattr(row, column.key) for column in calendar_feed.columns}
        values |= {key: codec.micros(values[key]) for key in ("read_at", "expanded_at")}
        values["events"] = _encode(row.events)
        statement = upsert(calendar_feed, ["name"], [key for key in values if key != "name"])(self.connection)
        await self.connection.execute(statement.values(values))

    async def feed_versions(self) -> Mapping[str, int]:
        """The version of each calendar."""
        query = select(calendar_feed.c.name, calendar_feed.c.version)
        return {row.name: row.version for row in await self.connection.execute(query)}

    async def drop_feeds(self, known: Collection[str]) -> None:
        """Forget the calendars that the settings have no more."""
        for name in set(await self.feed_versions()) - set(known):
            await self.connection.execute(delete(calendar_feed).where(calendar_feed.c.name == name))
