"""Dialogs that people have before them: what was answered so far, over restarts and on any node."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from bot.store import codec
from bot.store.dialect import locking
from bot.store.part import Part
from bot.store.people_tables import dialog
from bot.store.record import DialogRow


class Dialogs(Part):
    """The part of a transaction that keeps dialogs."""

    async def add_dialog(self, one: DialogRow) -> None:
        """Keep a new one."""
        values = {name: getattr(one, name) for name in ("key", "person", "verb", "alert_id")}
        values |= {
            "answers": _written(one.answers),
            "rooms": json.dumps(one.rooms),
            "made_at": codec.micros(one.made_at),
        }
        await self.connection.execute(insert(dialog).values(values | {"done_at": codec.micros(one.done_at)}))

    async def dialog(self, key: str) -> DialogRow | None:
        """The dialog with this key; None if there is none (any more)."""
        return await self._dialog(select(dialog).where(dialog.c.key == codec.short(key)))

    async def take_dialog(self, key: str) -> DialogRow | None:
        """The same, kept from other nodes until the commit: what is answered twice at once is done once."""
        query = select(dialog).where(dialog.c.key == codec.short(key))
        return await self._dialog(locking(self.connection, query))

    async def _dialog(self, query: Select[Any]) -> DialogRow | None:
        row = (await self.connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        instants = {"made_at": codec.instant_of(row["made_at"]), "done_at": codec.instant(row["done_at"])}
        texts = {"answers": json.loads(row["answers"]), "rooms": tuple(json.loads(row["rooms"]))}
        return DialogRow(**{**row, **instants, **texts})

    async def put_answers(self, key: str, answers: Mapping[str, str]) -> None:
        """Keep what was answered, in place of what was before."""
        await self.connection.execute(update(dialog).where(dialog.c.key == key).values(answers=_written(answers)))

    async def finish_dialog(self, key: str, alert_id: int, now: datetime) -> None:
        """It is done, with this alert; what was answered is forgotten."""
        values = {"answers": "{}", "alert_id": alert_id, "done_at": codec.micros(now)}
        await self.connection.execute(update(dialog).where(dialog.c.key == key).values(values))

    async def forget_dialogs(self, before: datetime) -> None:
        """Delete those that were opened before."""
        await self.connection.execute(delete(dialog).where(dialog.c.made_at < codec.micros(before)))


def _written(answers: Mapping[str, str]) -> str:
    return json.dumps(dict(answers))
