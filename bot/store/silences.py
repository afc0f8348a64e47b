"""Silences, and the mail that they swallowed."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, func, insert, select, update

from bot.store import codec
from bot.store.dialect import insert_new, inserting, locking
from bot.store.duty_tables import silence, swallowed_mail
from bot.store.part import Part, chunks
from bot.store.record import MailCopy, Swallowed
from bot.store.tables import alert_mail, counter, mail_copy
from channels.imap.mailbox import Watched
from escalation.silence import Silence

WATCHED_FOR = timedelta(days=7)
"""How long after its silence a swallowed mail is still looked at for having been read."""

AT_ONCE = 100
_NOW: Any = bindparam("now")
_STANDING = select(silence).where(silence.c.end_at > _NOW, silence.c.start_at <= _NOW)
_WERE_SWALLOWED = select(swallowed_mail.c.message_id).where(
    swallowed_mail.c.message_id.in_(bindparam("ids", expanding=True))
)
_ENDED = select(silence.c.id).where(silence.c.report_at <= _NOW).order_by(silence.c.report_at).limit(AT_ONCE)
_NEXT_END = select(silence.c.report_at).where(silence.c.report_at > _NOW).order_by(silence.c.report_at).limit(1)
_MOST_FOUND = 20
_encode = msgspec.json.Encoder().encode
_silence = msgspec.json.Decoder(Silence).decode
_swallowed = msgspec.json.Decoder(Swallowed).decode


class Silences(Part):
    """The part of a transaction that keeps silences."""

    async def add_silence(self, one: Silence) -> int:
        """Keep a silence; returns its number. It will end, and say what it swallowed, at its end."""
        id = await self._next_silence()
        await self.connection.execute(insert(silence).values(_row(replace(one, id=id), f"#{id}")))
        return id

    async def time_of(self, one: Silence) -> int:
        """The number of this time of a maintenance window; it gets one when it is first asked for."""
        key = codec.short(f"{codec.micros(one.end)} {one.maintenance}")
        query = select(silence.c.id).where(silence.c.key == key)
        found: int | None = (await self.connection.execute(query)).scalar_one_or_none()
        if found is not None:
            return found
        row = _row(replace(one, id=await self._next_silence()), key)
        await self.connection.execute(insert_new(silence, ["key"])(self.connection).values(row))
        id: int = (await self.connection.execute(query)).scalar_one()
        return id

    async def _next_silence(self) -> int:
        statement = inserting(self.connection, counter).values(name="silence", value=1)
        added = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        id: int = (await self.connection.execute(added.returning(counter.c.value))).scalar_one()
        return id

    # Reading --------------------------------------------------------------------------------------------------------

    async def silences(self, since: datetime) -> list[Silence]:
        """Those that were not over at ``since``, by their beginning; those to come among them."""
        over = func.coalesce(silence.c.lifted_at, silence.c.end_at)
        found = select(silence).where(silence.c.end_at > codec.micros(since), over > codec.micros(since))
        return await self._silences(found.order_by(silence.c.start_at, silence.c.id))

    async def all_silences(self) -> list[Silence]:
        """All that are kept, by their beginning."""
        return await self._silences(select(silence).order_by(silence.c.start_at, silence.c.id))

    async def standing_silences(self, now: datetime) -> list[Silence]:
        """What a mail is compared with: begun, and not at its planned end; lifted ones among them."""
        return await self._silences(_STANDING, now=codec.micros(now))

    async def silence(self, id: int) -> Silence | None:
        found = await self._silences(select(silence).where(silence.c.id == min(id, 2**62)))
        return found[0] if found else None

    async def _silences(self, query: Select[Any], **values: Any) -> list[Silence]:
        return [_of(row) for row in (await self.connection.execute(query, values)).mappings()]

    async def swallowed(self, id: int) -> list[Swallowed]:
        """What this silence swallowed, oldest first, as it stands now."""
        read = exists().where(mail_copy.c.message_id == swallowed_mail.c.message_id, mail_copy.c.is_seen)
        opened = alert_mail.c.message_id == swallowed_mail.c.message_id
        query = select(swallowed_mail.c.data, read.label("is_read"), alert_mail.c.alert_id)
        query = query.outerjoin(alert_mail, opened).where(swallowed_mail.c.silence_id == id)
        rows = await self.connection.execute(query.order_by(swallowed_mail.c.at, swallowed_mail.c.message_id))
        return [replace(_swallowed(data), is_read=bool(is_read), alert_id=alert) for data, is_read, alert in rows]

    async def find_swallowed(self, words: str) -> list[int]:
        """The silences that swallowed a mail with this part of a subject, newest first."""
        asked = words.strip()
        if not asked:
            return []
        has_words = swallowed_mail.c.subject.icontains(asked, autoescape=True)
        query = select(swallowed_mail.c.silence_id).where(has_words).distinct()
        listed = query.order_by(swallowed_mail.c.silence_id.desc()).limit(_MOST_FOUND)
        return list((await self.connection.execute(listed)).scalars())

    async def count_silences(self, now: datetime) -> int:
        """How many hold now."""
        at = codec.micros(now)
        holds = (silence.c.report_at.is_not(None), silence.c.start_at <= at, silence.c.end_at > at)
        count: int = (
            await self.connection.execute(select(func.count()).select_from(silence).where(*holds))
        ).scalar_one()
        return count

    # Swallowing -----------------------------------------------------------------------------------------------------

    async def swallow(self, one: Swallowed) -> bool | None:
        """Keep a mail as swallowed: True if it is new, False if this silence swallowed it already. None if the silence
        has ended meanwhile: nothing is swallowed that nobody would be told of."""
        this = (silence.c.id == one.silence_id, silence.c.report_at.is_not(None))
        held = await self.connection.execute(update(silence).where(*this).values(swallowed=silence.c.swallowed))
        if not held.rowcount:
            return None
        row = {
            "silence_id": one.silence_id,
            "message_id": codec.short(one.mail.message_id),
            "at": codec.micros(one.at),
            "subject": one.mail.subject,
            "data": _encode(one),
        }
        new = insert_new(swallowed_mail, ["silence_id", "message_id"])(self.connection).values(row)
        if not (await self.connection.execute(new)).rowcount:
            return False
        await self.connection.execute(update(silence).where(*this).values(swallowed=silence.c.swallowed + 1))
        return True

    async def were_swallowed(self, message_ids: Collection[str]) -> set[str]:
        """Which of these mails a silence has swallowed before."""
        asked = {codec.short(one): one for one in message_ids}
        found: set[str] = set()
        for few in chunks(asked):
            found |= {asked[key] for key in (await self.connection.execute(_WERE_SWALLOWED, {"ids": few})).scalars()}
        return found

    async def swallowed_copies(self, account: str, folder: str, now: datetime) -> dict[int, Watched]:
        """The swallowed mails in this folder that nobody is known to have read, by UID."""
        recent = silence.c.end_at > codec.micros(now - WATCHED_FOR)
        here = (mail_copy.c.account == account, mail_copy.c.folder == folder, mail_copy.c.silence_id != 0)
        query = select(mail_copy).join(silence, silence.c.id == mail_copy.c.silence_id)
        rows = (await self.connection.execute(query.where(*here, recent, mail_copy.c.is_seen.is_(False)))).all()
        return {row.uid: Watched(row.uid, row.message_id, row.is_seen, row.is_answered) for row in rows}

    async def silent_copies(self, message_id: str) -> list[MailCopy]:
        """Where a swallowed mail lies."""
        query = select(mail_copy).where(*_silent(message_id))
        return [MailCopy(**row) for row in (await self.connection.execute(query)).mappings()]

    async def hand_over(self, message_id: str, alert_id: int) -> None:
        """The copies of a swallowed mail are this alert's from now on."""
        change = update(mail_copy).where(*_silent(message_id)).values(alert_id=alert_id, silence_id=0)
        await self.connection.execute(change)

    async def hold_silence(self, id: int) -> None:
        """Keep other nodes from opening what this silence swallowed until the commit."""
        await self.connection.execute(locking(self.connection, select(silence.c.id).where(silence.c.id == id)))

    # The end --------------------------------------------------------------------------------------------------------

    async def end_silence(self, id: int, lifted_at: datetime | None = None, lifted_by: str = "") -> bool:
        """Whether it had not ended; it has now, and swallows nothing more. ``lifted_at``: before its time."""
        this = (silence.c.id == id, silence.c.report_at.is_not(None))
        ended = await self.connection.execute(update(silence).where(*this).values(report_at=None))
        if not ended.rowcount:
            return False
        one = await self.silence(id)
        if one is not None and lifted_at is not None:
            values = _row(replace(one, lifted_at=lifted_at, lifted_by=lifted_by), "")
            changed = {"lifted_at": values["lifted_at"], "data": values["data"]}
            await self.connection.execute(update(silence).where(silence.c.id == id).values(changed))
        return True

    async def ended_silences(self, now: datetime) -> list[int]:
        """Those that are to end by now, first come first; at most ``AT_ONCE``."""
        return list((await self.connection.execute(_ENDED, {"now": codec.micros(now)})).scalars())

    async def next_silence_end(self, now: datetime) -> datetime | None:
        """When one ends next after ``now``."""
        found = await self.connection.execute(_NEXT_END, {"now": codec.micros(now)})
        return codec.instant(found.scalar_one_or_none())

    async def purge_silences(self, before: datetime) -> None:
        """Delete what was over before, with what it swallowed."""
        over = func.coalesce(silence.c.lifted_at, silence.c.end_at) < codec.micros(before)
        query = select(silence.c.id).where(silence.c.report_at.is_(None), over)
        for few in chunks(list((await self.connection.execute(query)).scalars())):
            for table in (swallowed_mail, mail_copy):
                await self.connection.execute(delete(table).where(table.c.silence_id.in_(few)))
            await self.connection.execute(delete(silence).where(silence.c.id.in_(few)))


def _silent(message_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return mail_copy.c.message_id == codec.short(message_id), mail_copy.c.silence_id != 0


def _row(one: Silence, key: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": key,
        "start_at": codec.micros(one.start),
        "end_at": codec.micros(one.end),
        "lifted_at": codec.micros(one.lifted_at),
        "report_at": codec.micros(one.end),
        "swallowed": one.swallowed,
        "data": _encode(one),
    }


def _of(row: Mapping[str, Any]) -> Silence:
    return replace(_silence(row["data"]), swallowed=row["swallowed"])
