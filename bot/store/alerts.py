"""Alerts: their lists of events, their projections, what is due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.store import codec
from bot.store.dialect import upsert
from bot.store.part import Part
from bot.store.record import Change, ConflictError, EventRow
from bot.store.tables import alarm, alert, alert_event, alert_mail, counter, mail_copy, notification, once, policy_copy
from escalation.alert import Alert, AlertStatus
from escalation.policy import EscalationPolicy

_CLOSED = (AlertStatus.RESOLVED.value, AlertStatus.CANCELLED.value)
_PROJECTION = ["seq", "status", "status_at", "due_at", "subject", "policy_digest", "state"]
_FEW = 500
"""Ids in one IN list."""


class Alerts(Part):
    """The part of a transaction that reads and writes alerts."""

    async def next_alert_ids(self, count: int) -> list[int]:
        """The next free ids. A number is never given twice; a transaction that fails may leave a gap."""
        statement = upsert(self.connection, counter, ["name"], [])
        await self.connection.execute(statement, {"name": "alert", "value": 0})
        await self.connection.execute(
            update(counter).where(counter.c.name == "alert").values(value=counter.c.value + count)
        )
        last: int = (
            await self.connection.execute(select(counter.c.value).where(counter.c.name == "alert"))
        ).scalar_one()
        return list(range(last - count + 1, last + 1))

    async def alerts(self, ids: Collection[int]) -> dict[int, Alert]:
        """Those of the alerts that exist."""
        listed = list(ids)
        found: dict[int, Alert] = {}
        for start in range(0, len(listed), _FEW):
            query = select(alert.c.id, alert.c.policy_digest, alert.c.state).where(
                alert.c.id.in_(listed[start : start + _FEW])
            )
            for number, digest, state in (await self.connection.execute(query)).all():
                found[number] = codec.decode_alert(state, await self.policy(digest))
        return found

    async def policy(self, digest: str) -> EscalationPolicy:
        """The policy with this digest; read once, then remembered."""
        if digest not in self.policies:
            query = select(policy_copy.c.data).where(policy_copy.c.digest == digest)
            data = (await self.connection.execute(query)).scalar_one()
            self.policies[digest] = codec.decode_policy(data)
        return self.policies[digest]

    async def save(self, changes: Sequence[Change]) -> None:
        """Append the events and write the projections. Raises ConflictError if another writer appended first."""
        digests = {one.alert.id: await self._digest(one.alert.policy) for one in changes}
        events = [
            {
                "alert_id": one.alert.id,
                "seq": one.seq_before + number,
                "at": codec.micros(at),
                "kind": kind,
                "data": data,
            }
            for one in changes
            for number, (event, at) in enumerate(one.events, 1)
            for kind, data in [codec.encode_event(event, digests[one.alert.id])]
        ]
        try:
            await self.connection.execute(insert(alert_event), events)
        except IntegrityError as error:
            raise ConflictError([one.alert.id for one in changes]) from error
        fresh = [_row(one.alert, digests[one.alert.id]) for one in changes if one.seq_before == 0]
        known = [_row(one.alert, digests[one.alert.id]) for one in changes if one.seq_before > 0]
        if fresh:
            await self.connection.execute(insert(alert), fresh)
        if known:
            await self.connection.execute(upsert(self.connection, alert, ["id"], _PROJECTION), known)

    async def _digest(self, policy: EscalationPolicy) -> str:
        """The digest of a policy, which is stored if it is new."""
        known = self.digests.get(id(policy))
        if known is None:
            digest, data = codec.encode_policy(policy)
            statement = upsert(self.connection, policy_copy, ["digest"], [])
            await self.connection.execute(statement, {"digest": digest, "data": data})
            known = self.digests[id(policy)] = (policy, digest)
        return known[1]

    async def events(self, alert_id: int) -> list[EventRow]:
        """An alert's list, in order."""
        query = select(alert_event).where(alert_event.c.alert_id == alert_id).order_by(alert_event.c.seq)
        rows = (await self.connection.execute(query)).all()
        digest_of = select(alert.c.policy_digest).where(alert.c.id == alert_id)
        digest = (await self.connection.execute(digest_of)).scalar_one_or_none()
        known = {digest: await self.policy(digest)} if digest else {}
        return [
            EventRow(
                alert_id, row.seq, codec.instant_of(row.at), codec.decode_event(row.kind, row.data, known.__getitem__)
            )
            for row in rows
        ]

    async def list_alerts(self, *, statuses: Collection[AlertStatus] | None = None, limit: int = 100) -> list[Alert]:
        """The newest alerts, of these statuses."""
        query = select(alert.c.id).order_by(alert.c.id.desc()).limit(limit)
        if statuses is not None:
            query = query.where(alert.c.status.in_([one.value for one in statuses]))
        ids = (await self.connection.execute(query)).scalars().all()
        found = await self.alerts(ids)
        return [found[id] for id in ids]

    async def find_alerts(self, words: str) -> list[int]:
        """The alert with this number ("42", "#42"), or those with this part of a subject: open ones, else all."""
        number = words.strip().removeprefix("#")
        if number.isdecimal():
            query = select(alert.c.id).where(alert.c.id == min(int(number), 2**62))
            return list((await self.connection.execute(query)).scalars())
        by_subject = select(alert.c.id).where(alert.c.subject.icontains(words, autoescape=True)).limit(20)
        for query in (by_subject.where(alert.c.status.not_in(_CLOSED)), by_subject):
            if found := list((await self.connection.execute(query.order_by(alert.c.id.desc()))).scalars()):
                return found
        return []

    async def due(self, now: datetime, limit: int) -> list[int]:
        """Alerts that are due by now, longest overdue first."""
        query = (
            select(alert.c.id)
            .where(alert.c.due_at <= codec.micros(now), alert.c.is_parked.is_(False))
            .order_by(alert.c.due_at)
            .limit(limit)
        )
        return list((await self.connection.execute(query)).scalars())

    async def earliest_due(self) -> datetime | None:
        """When something is due next."""
        query = (
            select(alert.c.due_at)
            .where(alert.c.due_at.is_not(None), alert.c.is_parked.is_(False))
            .order_by(alert.c.due_at)
            .limit(1)
        )
        return codec.instant((await self.connection.execute(query)).scalar_one_or_none())

    async def park(self, alert_id: int, why: str) -> None:
        """Take an alert that can't be decided out of the clockwork."""
        await self.connection.execute(
            update(alert).where(alert.c.id == alert_id).values(is_parked=True, parked_why=why)
        )

    async def count_open(self) -> dict[str, int]:
        """Alerts that are not closed, by status."""
        query = select(alert.c.status, func.count()).where(alert.c.status.not_in(_CLOSED)).group_by(alert.c.status)
        return dict((await self.connection.execute(query)).tuples().all())

    # Mail identity --------------------------------------------------------------------------------------------------

    async def alert_of_mails(self, message_ids: Collection[str]) -> dict[str, int]:
        """Which of these Message-IDs belong to an alert."""
        listed = list(message_ids)
        found: dict[str, int] = {}
        for start in range(0, len(listed), _FEW):
            query = select(alert_mail.c.message_id, alert_mail.c.alert_id).where(
                alert_mail.c.message_id.in_(listed[start : start + _FEW])
            )
            found.update((await self.connection.execute(query)).tuples().all())
        return found

    async def link_mails(self, links: Mapping[str, int]) -> None:
        """Say that these Message-IDs belong to these alerts; the first to say so is right."""
        rows = [{"message_id": message_id, "alert_id": id} for message_id, id in links.items()]
        await self.connection.execute(upsert(self.connection, alert_mail, ["message_id"], []), rows)

    # Once-only inputs, alarms, retention ----------------------------------------------------------------------------

    async def first_time(self, kind: str, id: str, now: datetime) -> bool:
        """Whether this input is new; it is not the next time."""
        statement = upsert(self.connection, once, ["kind", "id"], [])
        result = await self.connection.execute(statement, {"kind": kind, "id": id, "at": codec.micros(now)})
        return bool(result.rowcount)

    async def raise_alarm(self, key: str, text: str, now: datetime) -> bool:
        """Whether this alarm was not raised already."""
        row: dict[str, Any] = {"key": key, "text": text, "raised_at": codec.micros(now), "cleared_at": None}
        result = await self.connection.execute(upsert(self.connection, alarm, ["key"], []), row)
        if result.rowcount:
            return True
        again = update(alarm).where(alarm.c.key == key, alarm.c.cleared_at.is_not(None)).values(row)
        return bool((await self.connection.execute(again)).rowcount)

    async def clear_alarm(self, key: str, now: datetime) -> bool:
        """Whether this alarm stood; it does no longer."""
        statement = update(alarm).where(alarm.c.key == key, alarm.c.cleared_at.is_(None))
        result = await self.connection.execute(statement.values(cleared_at=codec.micros(now)))
        return bool(result.rowcount)

    async def purge(self, before: datetime) -> int:
        """Delete alerts that ended before, with all that belongs to them, and once-only inputs of that age."""
        ended = (*_CLOSED, AlertStatus.EXHAUSTED.value)
        query = (
            select(alert.c.id)
            .where(alert.c.status.in_(ended), alert.c.status_at < codec.micros(before), alert.c.due_at.is_(None))
            .limit(_FEW)
        )
        ids = list((await self.connection.execute(query)).scalars())
        for table in (alert_event, alert_mail, mail_copy, notification):
            await self.connection.execute(delete(table).where(table.c.alert_id.in_(ids)))
        await self.connection.execute(delete(alert).where(alert.c.id.in_(ids)))
        await self.connection.execute(delete(once).where(once.c.at < codec.micros(before)))
        await self.connection.execute(delete(alarm).where(alarm.c.raised_at < codec.micros(before)))
        used = select(alert.c.policy_digest)
        await self.connection.execute(delete(policy_copy).where(policy_copy.c.digest.not_in(used)))
        if ids:
            self.digests.clear()
        return len(ids)


def _row(one: Alert, digest: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "seq": one.seq,
        "status": one.status.value,
        "opened_at": codec.micros(one.opened_at),
        "status_at": codec.micros(one.status_at or one.opened_at),
        "due_at": codec.micros(one.due_at),
        "is_parked": False,
        "parked_why": None,
        "subject": one.mail.subject,
        "policy_digest": digest,
        "state": codec.encode_alert(one, digest),
    }
