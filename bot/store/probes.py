"""Probes that are under way, and what was learnt of the mail systems of domains."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from bot.store import codec
from bot.store.dialect import upsert
from bot.store.part import Part
from bot.store.people_tables import domain_record, probe
from bot.store.record import DomainRecord, ProbeRow
from bot.store.tables import outgoing_mail

_own = probe.c


class Probes(Part):
    """The part of a transaction that keeps probes."""

    async def add_probe(self, one: ProbeRow) -> None:
        """Keep a new probe, with the alert of its mail."""
        values = {"until_at": codec.micros(one.until), "finished_at": codec.micros(one.finished_at)}
        values |= {name: getattr(one, name) for name in ("alert_id", "address", "has_empty_mdn")}
        await self.connection.execute(insert(probe).values(values))

    async def probe_of(self, address: str) -> ProbeRow | None:
        """The newest probe of an address; None if there is none (any more)."""
        query = select(probe).where(_own.address == address).order_by(_own.alert_id.desc()).limit(1)
        row = (await self.connection.execute(query)).mappings().one_or_none()
        return None if row is None else _probe(dict(row))

    async def is_probe(self, alert_id: int) -> bool:
        """Whether the mail of this alert is a probe."""
        return (
            await self.connection.execute(select(_own.alert_id).where(_own.alert_id == alert_id))
        ).first() is not None

    async def ended_probes(self, now: datetime, limit: int) -> list[ProbeRow]:
        """Those whose time is over by now, and that are not finished."""
        is_due = (_own.until_at <= codec.micros(now), _own.finished_at.is_(None))
        rows = (await self.connection.execute(select(probe).where(*is_due).limit(limit))).mappings()
        return [_probe(dict(row)) for row in rows]

    async def finish_probe(self, alert_id: int, now: datetime) -> None:
        """Its result is kept, or there is none."""
        await self.connection.execute(
            update(probe).where(_own.alert_id == alert_id).values(finished_at=codec.micros(now))
        )

    async def note_empty_mdn(self, alert_id: int) -> None:
        """A read receipt came that proves nothing; of an alert that is no probe, nothing is kept."""
        await self.connection.execute(update(probe).where(_own.alert_id == alert_id).values(has_empty_mdn=True))

    async def put_domain_record(self, one: DomainRecord) -> None:
        """Keep what was learnt of a domain, in the place of what was known."""
        values = {"domain": one.domain, "probed_at": codec.micros(one.probed_at), "data": one.data}
        statement = upsert(domain_record, ["domain"], ["probed_at", "data"])(self.connection)
        await self.connection.execute(statement.values(values))

    async def domain_records(self) -> list[DomainRecord]:
        """What was learnt of every domain, by name."""
        rows = (await self.connection.execute(select(domain_record).order_by(domain_record.c.domain))).all()
        return [DomainRecord(domain, codec.instant_of(at), data) for domain, at, data in rows]

    async def sent_alerts(self) -> list[int]:
        """The alerts of ordinary mails that the team sent, oldest first; no probes."""
        query = select(outgoing_mail.c.alert_id).where(outgoing_mail.c.alert_id.not_in(select(_own.alert_id)))
        return list((await self.connection.execute(query.order_by(outgoing_mail.c.alert_id))).scalars())


def _probe(row: dict[str, Any]) -> ProbeRow:
    finished = codec.instant(row["finished_at"])
    until = codec.instant_of(row["until_at"])
    return ProbeRow(row["alert_id"], row["address"], until, finished, row["has_empty_mdn"])
