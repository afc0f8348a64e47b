"""Mail that goes on as it was handed in, until it has left to everybody."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select

from bot.store import codec
from bot.store.dialect import insert_new
from bot.store.part import Part
from bot.store.record import RelayedMail
from bot.store.tables import notification, relayed_mail

_own = relayed_mail.c
ID_LENGTH = 17


class Relays(Part):
    """The part of a transaction that keeps relayed mail."""

    async def put_relayed(self, mail: RelayedMail) -> None:
        """Keep a mail; one with this id that is there already stays."""
        values = asdict(mail) | {"taken_at": codec.micros(mail.taken_at)}
        await self.connection.execute(insert_new(relayed_mail, ["id"])(self.connection).values(values))

    async def relayed(self, id: str) -> RelayedMail | None:
        """The mail; None once it has left to everybody."""
        query = select(relayed_mail).where(_own.id == id)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else RelayedMail(**dict(row) | {"taken_at": codec.instant_of(row["taken_at"])})

    async def drop_relayed(self, before: datetime, id: str | None = None) -> None:
        """Delete what was taken before, or the one with this id, if it has left to everybody."""
        which = _own.taken_at < codec.micros(before) if id is None else _own.id == id
        await self.connection.execute(delete(relayed_mail).where(which, ~_is_leaving()))


def _is_leaving() -> ColumnElement[bool]:
    mail_id = func.substr(notification.c.key, 1, ID_LENGTH)
    waits = (notification.c.wake_at.is_not(None), notification.c.send_at.is_not(None))
    still = (*waits, notification.c.purpose == "relay", mail_id == _own.id)
    return select(notification.c.key).where(*still).exists()
