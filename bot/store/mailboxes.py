"""Mailboxes: how far each was read, and the watched mails in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, delete, select, update

from bot.store import codec
from bot.store.dialect import upsert
from bot.store.part import Part
from bot.store.record import MailCopy
from bot.store.tables import alert, mail_copy, mailbox
from channels.imap.mailbox import Cursor, Watched
from escalation.alert import AlertStatus

_CLOSED = (AlertStatus.RESOLVED.value, AlertStatus.CANCELLED.value)
_CURSOR = ["uidvalidity", "uidnext", "modseq", "synced_at"]
_COPY = ["message_id", "alert_id", "recipient_id", "is_seen", "is_answered"]


class Mailboxes(Part):
    """The part of a transaction that reads and writes mailboxes."""

    async def cursor(self, account: str, folder: str) -> Cursor | None:
        """How far this folder was read; None if never."""
        query = select(mailbox).where(mailbox.c.account == account, mailbox.c.folder == folder)
        row = (await self.connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Cursor(row.uidvalidity, row.uidnext, row.modseq, codec.instant_of(row.synced_at))

    async def put_cursor(self, account: str, folder: str, cursor: Cursor) -> None:
        row = {
            "account": account,
            "folder": folder,
            "uidvalidity": cursor.uidvalidity,
            "uidnext": cursor.uidnext,
            "modseq": cursor.modseq,
            "synced_at": codec.micros(cursor.synced_at),
        }
        await self.connection.execute(upsert(self.connection, mailbox, ["account", "folder"], _CURSOR), row)

    async def copies(self, account: str, folder: str) -> dict[int, Watched]:
        """The mails of alerts that are not closed, in this folder, by UID."""
        query = (
            select(mail_copy)
            .join(alert, alert.c.id == mail_copy.c.alert_id)
            .where(mail_copy.c.account == account, mail_copy.c.folder == folder, alert.c.status.not_in(_CLOSED))
        )
        rows = (await self.connection.execute(query)).all()
        return {row.uid: Watched(row.uid, row.message_id, row.is_seen, row.is_answered) for row in rows}

    async def put_copies(self, rows: Sequence[MailCopy]) -> None:
        """Keep these copies; a later one of the same place replaces the earlier."""
        by_place = {(one.account, one.folder, one.uid): _row(one) for one in rows}
        keys = ["account", "folder", "uid"]
        await self.connection.execute(upsert(self.connection, mail_copy, keys, _COPY), list(by_place.values()))

    async def find_copies(self, message_id: str) -> list[MailCopy]:
        """Every place in which this mail is watched."""
        return await self._copies(select(mail_copy).where(mail_copy.c.message_id == message_id))

    async def _copies(self, query: Select[Any]) -> list[MailCopy]:
        return [MailCopy(**row) for row in (await self.connection.execute(query)).mappings()]

    async def drop_copy(self, account: str, folder: str, uid: int) -> None:
        """This mail is no longer there."""
        await self.connection.execute(_at(account, folder).where(mail_copy.c.uid == uid))

    async def renumber_copy(self, account: str, folder: str, message_id: str, uid: int) -> None:
        """The same mail has another UID now."""
        await self.connection.execute(_at(account, folder).where(mail_copy.c.uid == uid))
        statement = update(mail_copy).where(
            mail_copy.c.account == account, mail_copy.c.folder == folder, mail_copy.c.message_id == message_id
        )
        await self.connection.execute(statement.values(uid=uid))


def _at(account: str, folder: str) -> Any:
    return delete(mail_copy).where(mail_copy.c.account == account, mail_copy.c.folder == folder)


def _row(one: MailCopy) -> dict[str, Any]:
    return {
        "account": one.account,
        "folder": one.folder,
        "uid": one.uid,
        "message_id": one.message_id,
        "alert_id": one.alert_id,
        "recipient_id": one.recipient_id,
        "is_seen": one.is_seen,
        "is_answered": one.is_answered,
    }
