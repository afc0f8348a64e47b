"""Mailboxes: how far each was read, the watched mails in them, and the alerts these belong to."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from bot.store import codec
from bot.store.dialect import insert_new, upsert
from bot.store.part import Part, chunks
from bot.store.record import MailCopy
from bot.store.search import OPEN
from bot.store.statement import Batch
from bot.store.tables import alert, alert_mail, mail_copy, mailbox
from channels.imap.mailbox import Cursor, Watched

_CURSOR = ["uidvalidity", "uidnext", "modseq", "synced_at"]
_PLACE = ["account", "folder", "uid", "message_id"]
_COPY = ["alert_id", "recipient_id", "is_seen", "is_answered", "silence_id"]


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
        """This folder was read so far."""
        at = codec.micros(cursor.synced_at)
        row = (account, folder, cursor.uidvalidity, cursor.uidnext, cursor.modseq, at)
        await _MAILBOX.run(self.connection, [row])

    # Copies of watched mails ----------------------------------------------------------------------------------------

    async def copies(self, account: str, folder: str) -> dict[int, Watched]:
        """The mails of alerts that are not closed, in this folder, by UID."""
        query = select(mail_copy).join(alert, alert.c.id == mail_copy.c.alert_id)
        here = (*_in(account, folder), alert.c.status.in_(OPEN))
        rows = (await self.connection.execute(query.where(*here))).all()
        return {row.uid: Watched(row.uid, row.message_id, row.is_seen, row.is_answered) for row in rows}

    async def put_copies(self, rows: Sequence[MailCopy]) -> None:
        """Keep these copies. One that was known at the same place gives way, whichever mail it was of."""
        newest = {(one.account, one.folder, one.uid): one for one in rows}
        values = [_values(one) for one in newest.values()]
        await _DISPLACE.run(self.connection, [place[:4] for place in values])
        await _PUT_COPY.run(self.connection, values)

    async def mark_copy(self, one: MailCopy) -> None:
        """Its flags are so now; whose it is, stays."""
        here = (
            *_in(one.account, one.folder),
            mail_copy.c.uid == one.uid,
            mail_copy.c.message_id == codec.short(one.message_id),
        )
        flags = {"is_seen": one.is_seen, "is_answered": one.is_answered}
        await self.connection.execute(update(mail_copy).where(*here).values(flags))

    async def find_copies(self, message_id: str) -> list[MailCopy]:
        """Every place in which this mail is watched."""
        return await self._copies(select(mail_copy).where(mail_copy.c.message_id == codec.short(message_id)))

    async def _copies(self, query: Select[Any]) -> list[MailCopy]:
        return [MailCopy(**row) for row in (await self.connection.execute(query)).mappings()]

    async def drop_copy(self, account: str, folder: str, uid: int, message_id: str | None = None) -> None:
        """This mail is no longer there. Name the mail too where a change of UIDVALIDITY may have given its UID to
        another one."""
        gone = delete(mail_copy).where(*_in(account, folder), mail_copy.c.uid == uid)
        if message_id is not None:
            gone = gone.where(mail_copy.c.message_id == codec.short(message_id))
        await self.connection.execute(gone)

    async def move_copy(self, one: MailCopy, folder: str, uid: int) -> None:
        """It is now in this folder of the same account, with these flags; unless it is known there already. That folder
        is to be compared anew: how far it was read, was said without this mail."""
        key = codec.short(one.message_id)
        here = (*_in(one.account, one.folder), mail_copy.c.uid == one.uid, mail_copy.c.message_id == key)
        there = (*_in(one.account, folder), mail_copy.c.uid == uid)
        await self.connection.execute(delete(mail_copy).where(*there, mail_copy.c.message_id != key))
        known = (await self.connection.execute(select(mail_copy.c.uid).where(*there))).first()
        flags = {"is_seen": one.is_seen, "is_answered": one.is_answered}
        change = delete(mail_copy) if known else update(mail_copy).values(folder=folder, uid=uid, **flags)
        await self.connection.execute(change.where(*here))
        read = (mailbox.c.account == one.account, mailbox.c.folder == folder)
        await self.connection.execute(update(mailbox).where(*read).values(modseq=None))

    async def folders_with_copies(self, account: str) -> list[str]:
        """The folders of an account in which mails are, or were, watched."""
        query = select(mail_copy.c.folder).where(mail_copy.c.account == account).distinct()
        return list((await self.connection.execute(query)).scalars())

    async def drop_copies(self, account: str, folder: str) -> None:
        """Nothing that was known of this folder holds any longer."""
        await self.connection.execute(delete(mail_copy).where(*_in(account, folder)))

    async def renumber_copy(
        self, account: str, folder: str, message_id: str, uid: int, old_uid: int | None = None
    ) -> None:
        """The same mail has another UID now. Another mail that was known under that UID stays until it is renumbered
        or dropped itself: after a change of UIDVALIDITY the old and the new UIDs overlap. Of two copies of one mail
        that get the same UID one stays."""
        this = (*_in(account, folder), mail_copy.c.message_id == codec.short(message_id))
        known = set((await self.connection.execute(select(mail_copy.c.uid).where(*this))).scalars())
        others = sorted(known - {uid})
        if not others:
            return
        old = (*this, mail_copy.c.uid == (old_uid if old_uid in others else others[0]))
        change = delete(mail_copy) if uid in known else update(mail_copy).values(uid=uid)
        await self.connection.execute(change.where(*old))

    # Mail identity --------------------------------------------------------------------------------------------------

    async def alert_of_mails(self, message_ids: Collection[str]) -> dict[str, int]:
        """Which of these Message-IDs belong to an alert."""
        asked = {codec.short(one): one for one in message_ids}
        found: dict[str, int] = {}
        for few in chunks(asked):
            for key, number in await self.connection.execute(_ALERTS_OF, {"ids": few}):
                found[asked[key]] = number
        return found

    async def link_mails(self, links: Mapping[str, int]) -> None:
        """Say that these Message-IDs belong to these alerts; the first to say so is right."""
        await _LINK.run(self.connection, [(codec.short(one), number) for one, number in links.items()])

    async def unlink_mail(self, message_id: str) -> None:
        """This Message-ID belongs to no alert any more, so that it can be linked to another."""
        await self.connection.execute(delete(alert_mail).where(alert_mail.c.message_id == codec.short(message_id)))


def _in(account: str, folder: str) -> tuple[Any, Any]:
    return mail_copy.c.account == account, mail_copy.c.folder == folder


def _values(one: MailCopy) -> tuple[Any, ...]:
    key = codec.short(one.message_id)
    place = (one.account, one.folder, one.uid, key)
    return *place, one.alert_id, one.recipient_id, one.is_seen, one.is_answered, one.silence_id


def _displace(_: Any) -> Any:
    place = (mail_copy.c[name] == bindparam(f"b_{name}") for name in _PLACE[:3])
    return delete(mail_copy).where(*place, mail_copy.c.message_id != bindparam("b_message_id"))


_MAILBOX = Batch(upsert(mailbox, ["account", "folder"], _CURSOR), ("account", "folder", *_CURSOR))
_DISPLACE = Batch(_displace, tuple(f"b_{name}" for name in _PLACE))
_PUT_COPY = Batch(upsert(mail_copy, _PLACE, _COPY), (*_PLACE, *_COPY))
_ALERTS_OF = select(alert_mail.c.message_id, alert_mail.c.alert_id).where(
    alert_mail.c.message_id.in_(bindparam("ids", expanding=True))
)
_LINK = Batch(insert_new(alert_mail, ["message_id"]), ("message_id", "alert_id"))
