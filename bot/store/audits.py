"""Who asked Kidoku for what, and the languages that people chose."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select

from bot.store import codec
from bot.store.dialect import inserting, upsert
from bot.store.part import Part
from bot.store.people_tables import audit, person_language
from bot.store.record import AuditEntry, AuditOutcome
from bot.store.tables import counter

MOST_ARGUMENT = 200


class Audits(Part):
    """The part of a transaction that keeps the audit trail."""

    async def add_audit(self, entry: AuditEntry) -> None:
        """Append an entry; its number is the next."""
        row = {
            "id": await self._next_entry(),
            "at": codec.micros(entry.at),
            "who": entry.who,
            "via": entry.via,
            "verb": entry.verb,
            "alert_id": entry.alert_id,
            "argument": shortened(entry.argument),
            "outcome": entry.outcome.value,
        }
        await self.connection.execute(insert(audit).values(row))

    async def audits(self, since: datetime | None = None, limit: int = 100) -> list[AuditEntry]:
        """The newest entries since then, newest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(audit.c.at >= codec.micros(since))
        return await self._read_audits(query)

    async def audits_after(self, id: int, limit: int) -> list[AuditEntry]:
        """The entries since the one with this number, oldest first. Numbers are in the order of the commits."""
        return await self._read_audits(select(audit).where(audit.c.id > id).order_by(audit.c.id).limit(limit))

    async def _read_audits(self, query: Select[Any]) -> list[AuditEntry]:
        rows = (await self.connection.execute(query)).mappings()
        return [
            AuditEntry(**{**row, "at": codec.instant_of(row["at"]), "outcome": AuditOutcome(row["outcome"])})
            for row in rows
        ]

    async def purge_audits(self, before: datetime) -> None:
        """Delete what is older."""
        await self.connection.execute(delete(audit).where(audit.c.at < codec.micros(before)))

    async def languages(self) -> dict[str, str]:
        """The language of each person who chose one."""
        rows = await self.connection.execute(select(person_language.c.person, person_language.c.language))
        return {row.person: row.language for row in rows}

    async def choose_language(self, person: str, language: str, now: datetime) -> None:
        """Keep what a person chose, in place of what they chose before."""
        statement = upsert(person_language, ["person"], ["language", "set_at"])(self.connection)
        await self.connection.execute(statement.values(person=person, language=language, set_at=codec.micros(now)))

    async def _next_entry(self) -> int:
        statement = inserting(self.connection, counter).values(name="audit", value=1)
        added = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        id: int = (await self.connection.execute(added.returning(counter.c.value))).scalar_one()
        return id


def shortened(text: str) -> str:
    """One line, cut, that any database takes."""
    line = " ".join(text.replace("\x00", " ").encode("utf-8", "replace").decode().split())
    return line if len(line) <= MOST_ARGUMENT else f"{line[: MOST_ARGUMENT - 1]}…"
