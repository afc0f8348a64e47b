"""Who has agreed to pictures, and who has declined them or read receipts."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.store import codec
from bot.store.dialect import locking, upsert
from bot.store.part import Part, chunks
from bot.store.people_tables import consent
from bot.store.record import Consent

_own = consent.c
_OF = select(consent).where(_own.subject.in_(bindparam("subjects", expanding=True)))
_GIVEN = ("given_at", "given_by", "ground")
_DECLINED = ("declined_at", "declined_by", "has_declined_receipts")


class Consents(Part):
    """The part of a transaction that keeps consents."""

    async def consents(self, subjects: Collection[str], *, locks: bool = False) -> dict[str, Consent]:
        """What is recorded of these; ``locks``: nobody else changes it before the commit."""
        found: dict[str, Consent] = {}
        for few in chunks(subjects):
            query = locking(self.connection, _OF) if locks else _OF
            rows = (await self.connection.execute(query, {"subjects": few})).mappings()
            found |= {row["subject"]: _consent(dict(row)) for row in rows}
        return found

    async def all_consents(self) -> list[Consent]:
        """Everything that is recorded, by subject."""
        rows = (await self.connection.execute(select(consent).order_by(_own.subject))).mappings()
        return [_consent(dict(row)) for row in rows]

    async def put_given(self, one: Consent) -> None:
        """Keep who agreed, and nothing of what was declined: that another writer may be changing."""
        await self._put(one, _GIVEN)

    async def put_declined(self, one: Consent) -> None:
        """Keep what was declined, and nothing of what was agreed to."""
        await self._put(one, _DECLINED)

    async def forget_consent(self, subject: str) -> bool:
        """Whether something was recorded; nothing is any longer."""
        return bool((await self.connection.execute(delete(consent).where(_own.subject == subject))).rowcount)

    async def purge_consents(self, before: datetime) -> None:
        """Of what was declined before, only the wish is kept; of a whole domain, which has no wish, nothing."""
        is_old = _own.declined_at < codec.micros(before)
        await self.connection.execute(delete(consent).where(is_old, _own.subject.startswith("@")))
        proof: dict[str, Any] = {"given_at": None, "given_by": "", "ground": ""}
        await self.connection.execute(update(consent).where(is_old, _own.given_at.is_not(None)).values(proof))

    async def _put(self, one: Consent, columns: Collection[str]) -> None:
        values = asdict(one) | {
            "given_at": codec.micros(one.given_at),
            "declined_at": codec.micros(one.declined_at),
        }
        await self.connection.execute(upsert(consent, ["subject"], list(columns))(self.connection).values(values))


def _consent(row: dict[str, Any]) -> Consent:
    instants = {name: codec.instant(row[name]) for name in ("given_at", "declined_at")}
    return Consent(**row | instants)
