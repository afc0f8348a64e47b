"""One-time codes of confidential mails, while their alerts are kept."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from bot.store import codec
from bot.store.part import Part
from bot.store.record import CodeRow
from bot.store.tables import view_code

_own = view_code.c


class Codes(Part):
    """The part of a transaction that keeps codes."""

    async def add_code(self, code: CodeRow) -> None:
        """Keep a new code. Its number must be the next one of its mail."""
        values = asdict(code) | {"made_at": codec.micros(code.made_at), "used_at": codec.micros(code.used_at)}
        await self.connection.execute(insert(view_code).values(values))

    async def codes(self, mail_key: str) -> list[CodeRow]:
        """All codes of a mail, the newest first."""
        query = select(view_code).where(_own.mail_key == mail_key).order_by(_own.number.desc())
        found = (await self.connection.execute(query)).mappings()
        return [
            CodeRow(
                **(dict(row) | {"made_at": codec.instant_of(row["made_at"]), "used_at": codec.instant(row["used_at"])})
            )
            for row in found
        ]

    async def take_try(self, code: CodeRow, most: int) -> bool:
        """Count one more try of an unused code; False if it has had ``most``. Of tries at once none is forgotten."""
        is_open = (_own.tries < most, _own.used_at.is_(None))
        taken = update(view_code).where(*_is(code), *is_open).values(tries=_own.tries + 1)
        return bool((await self.connection.execute(taken)).rowcount)

    async def use_code(self, code: CodeRow, viewer: str, now: datetime) -> None:
        """It was the right one, and is worth nothing from now on."""
        values = {"used_at": codec.micros(now), "viewer": viewer}
        await self.connection.execute(update(view_code).where(*_is(code)).values(values))


def _is(code: CodeRow) -> tuple[ColumnElement[bool], ...]:
    return (_own.mail_key == code.mail_key, _own.number == code.number)
