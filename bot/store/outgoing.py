"""The mails that the team sends, while their alerts are kept; what is confidential in them until it expires."""

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, insert, select, text, update

from bot.store import codec
from bot.store.dialect import is_sqlite, locking
from bot.store.part import Part
from bot.store.record import OutgoingMail
from bot.store.tables import outgoing_mail

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OutgoingMail).decode
_DATA = select(outgoing_mail.c.data).where(outgoing_mail.c.alert_id == bindparam("id"))

AT_ONCE = 100
"""Mails of which the content is deleted in one transaction: each may hold 20 MB."""


class Outgoing(Part):
    """The part of a transaction that keeps what is sent."""

    async def put_outgoing(self, alert_id: int, mail: OutgoingMail) -> None:
        """Keep the mail of a new alert."""
        values = {"alert_id": alert_id, "data": _encode(mail), "expires_at": codec.micros(mail.expires_at)}
        await self.connection.execute(insert(outgoing_mail).values(values))

    async def outgoing(self, alert_id: int) -> OutgoingMail | None:
        """The mail that the team sent; None for an alert whose mail came in."""
        data = (await self.connection.execute(_DATA, {"id": alert_id})).scalar_one_or_none()
        return None if data is None else _decode(data)

    async def delete_expired(self, now: datetime) -> list[int]:
        """Delete what is said in mails that have expired by now; returns their alerts' ids, at most ``AT_ONCE``."""
        if is_sqlite(self.connection):
            # What is deleted is overwritten, not only given free (SQLite, PRAGMA secure_delete).
            await self.connection.execute(text("PRAGMA secure_delete = ON"))
        is_due = (outgoing_mail.c.expires_at.is_not(None), outgoing_mail.c.expires_at <= codec.micros(now))
        query = select(outgoing_mail.c.alert_id, outgoing_mail.c.data).where(*is_due).limit(AT_ONCE)
        found = (await self.connection.execute(locking(self.connection, query, skips=True))).all()
        for alert_id, data in found:
            values = {"data": _encode(_emptied(_decode(data))), "expires_at": None}
            await self.connection.execute(
                update(outgoing_mail).where(outgoing_mail.c.alert_id == alert_id).values(values)
            )
        return [alert_id for alert_id, _ in found]


def _emptied(mail: OutgoingMail) -> OutgoingMail:
    """What remains: who sent it, and that it has expired."""
    return replace(mail, subject="", text="", html="", enclosures=(), fields={})
