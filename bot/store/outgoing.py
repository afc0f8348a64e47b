"""The mails that the team sends, while their alerts are kept."""

import msgspec
from sqlalchemy import insert, select

from bot.store.part import Part
from bot.store.record import OutgoingMail
from bot.store.tables import outgoing_mail

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OutgoingMail).decode


class Outgoing(Part):
    """The part of a transaction that keeps what is sent."""

    async def put_outgoing(self, alert_id: int, mail: OutgoingMail) -> None:
        """Keep the mail of a new alert."""
        await self.connection.execute(insert(outgoing_mail).values(alert_id=alert_id, data=_encode(mail)))

    async def outgoing(self, alert_id: int) -> OutgoingMail | None:
        """The mail that the team sent; None for an alert whose mail came in."""
        query = select(outgoing_mail.c.data).where(outgoing_mail.c.alert_id == alert_id)
        data = (await self.connection.execute(query)).scalar_one_or_none()
        return None if data is None else _decode(data)
