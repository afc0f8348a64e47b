"""Alerts: their lists of events, their projections, what is due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.store import codec
from bot.store.dialect import insert_new, inserting
from bot.store.part import Part, chunks
from bot.store.record import Change, ConflictError, EventRow
from bot.store.statement import Batch, Row
from bot.store.tables import alert, alert_event, counter, policy_copy
from escalation.alert import Alert
from escalation.policy import EscalationPolicy

_NEWEST = 100
_CHANGED = ("seq", "status", "status_at", "due_at", "is_parked", "policy_digest", "state")


class Alerts(Part):
    """The part of a transaction that reads and writes alerts."""

    async def next_alert_ids(self, count: int) -> list[int]:
        """The next ``count`` free ids. A transaction that is rolled back gives them back."""
        statement = inserting(self.connection, counter).values(name="alert", value=count)
        added = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + count})
        last: int = (await self.connection.execute(added.returning(counter.c.value))).scalar_one()
        return list(range(last - count + 1, last + 1))

    async def alerts(self, ids: Collection[int]) -> dict[int, Alert]:
        """Those of the alerts that exist."""
        found: dict[int, Alert] = {}
        for few in chunks(ids):
            found |= await self._read(_STATES_OF, ids=few)
        return found

    async def _read(self, query: Any, **values: Any) -> dict[int, Alert]:
        rows = (await self.connection.execute(query, values)).all()
        policies = await self._policies({digest for _, digest, _ in rows})
        return {number: self._decode(number, state, policies[digest]) for number, digest, state in rows}

    def _decode(self, id: int, state: bytes, policy: EscalationPolicy) -> Alert:
        known = self.states.get(id, state)
        if known is not None:
            return known
        alert = codec.decode_alert(state, policy)
        self.states.put(id, state, alert)
        return alert

    async def _policies(self, digests: Iterable[str]) -> dict[str, EscalationPolicy]:
        """Those policies, read once and then remembered."""
        found = {digest: self.policies.get(digest) for digest in digests}
        missing = [digest for digest, policy in found.items() if policy is None]
        for few in chunks(missing):
            query = select(policy_copy.c.digest, policy_copy.c.data).where(policy_copy.c.digest.in_(few))
            for digest, data in await self.connection.execute(query):
                found[digest] = self.policies.read(digest, data)
        return {digest: policy for digest, policy in found.items() if policy is not None}

    async def save(self, changes: Sequence[Change]) -> None:
        """Append the events and write the projections; an alert that had been parked takes part again.

        Raises ConflictError if another writer appended to one of the alerts first: the transaction must end then.
        """
        digests = await self._store_policies(changes)
        await self._append(changes, digests)
        rows = [(one.seq_before, self._row(one.alert, digests[id(one.alert.policy)])) for one in changes]
        await _NEW.run(self.connection, [row for seq_before, row in rows if seq_before == 0])
        await _KNOWN.run(self.connection, [row for seq_before, row in rows if seq_before > 0])

    async def _store_policies(self, changes: Sequence[Change]) -> dict[int, str]:
        """The digest of each policy, by its identity; those that are new are stored."""
        policies = {id(one.alert.policy): one.alert.policy for one in changes}
        digests = {key: self.policies.digest_of(policy) for key, policy in policies.items()}
        for key, digest in digests.items():
            if digest not in self.policies.stored:
                await _POLICY.run(self.connection, [codec.encode_policy(policies[key])])
                self.policies.will_be_stored(digest)
        return digests

    async def _append(self, changes: Sequence[Change], digests: Mapping[int, str]) -> None:
        rows = [
            (one.alert.id, one.seq_before + number, codec.micros(at), *codec.encode_event(event, digest))
            for one in changes
            for digest in (digests[id(one.alert.policy)],)
            for number, (event, at) in enumerate(one.events, 1)
        ]
        try:
            await _EVENT.run(self.connection, rows)
        except IntegrityError as error:
            raise ConflictError("another writer appended to one of these alerts first") from error

    def _row(self, one: Alert, digest: str) -> Row:
        state = codec.encode_alert(one, digest)
        self.states.put(one.id, state, one)
        return (
            one.id,
            one.seq,
            one.status.value,
            codec.micros(one.opened_at),
            codec.micros(one.status_at or one.opened_at),
            codec.micros(one.wake_at),
            one.id in self.parked,
            one.mail.subject,
            digest,
            state,
        )

    async def has_news(self, known: Alert) -> bool:
        """Whether more has happened to an alert than receipts and outcomes of notifications that left its status as it
        was; without reading all of it."""
        found = (await self.connection.execute(_NEWS, {"id": known.id, "seq": known.seq})).first()
        return found is None or found[0] != known.status or found[1]

    async def events(self, alert_id: int) -> list[EventRow]:
        """An alert's list, in order. Raises UnknownEventError if a later release wrote some of it."""
        return await self._decoded(alert_id, (await self.connection.execute(_EVENTS, {"id": alert_id})).all())

    async def events_at(self, alert_id: int, at: datetime) -> list[EventRow]:
        """What happened to an alert at this very instant, which is what one transaction did to it; as far as it is
        among the newest of its list. Raises UnknownEventError as ``events`` does."""
        query = select(alert_event).where(alert_event.c.alert_id == alert_id).order_by(alert_event.c.seq.desc())
        newest = (await self.connection.execute(query.limit(_NEWEST))).all()
        return await self._decoded(alert_id, [row for row in reversed(newest) if row.at == codec.micros(at)])

    async def _decoded(self, alert_id: int, rows: Sequence[Any]) -> list[EventRow]:
        policies = await self._policies({codec.digest_in(row.data) for row in rows if row.kind == codec.OPENED})
        return [
            EventRow(
                alert_id,
                row.seq,
                codec.instant_of(row.at),
                codec.decode_event(row.kind, row.data, policies.__getitem__),
            )
            for row in rows
        ]

    async def due(self, now: datetime, limit: int) -> dict[int, Alert]:
        """Alerts that are due by now, longest overdue first."""
        return await self._read(_DUE, now=codec.micros(now), most=limit)

    async def earliest_due(self) -> datetime | None:
        """When something is due next."""
        earliest = await self.connection.execute(_EARLIEST)
        return codec.instant(earliest.scalar_one_or_none())

    async def park(self, alert_id: int, error: str) -> None:
        """Take an alert that can't be decided out of the clockwork, until another transaction saves a change of it."""
        self.parked.add(alert_id)
        parked = {"is_parked": True, "parked_why": error}
        await self.connection.execute(update(alert).where(alert.c.id == alert_id).values(parked))


def _known(_: Any) -> Any:
    """A parked alert that was saved again is parked no longer, and forgets why."""
    values: dict[str, Any] = {name: bindparam(f"b_{name}") for name in _CHANGED}
    values["parked_why"] = case((bindparam("b_is_parked"), alert.c.parked_why))
    return update(alert).where(alert.c.id == bindparam("b_id")).values(values)


_STATES = select(alert.c.id, alert.c.policy_digest, alert.c.state)
_STATES_OF = _STATES.where(alert.c.id.in_(bindparam("ids", expanding=True)))
_IS_CLIMBING = (alert.c.due_at.is_not(None), alert.c.is_parked.is_(False))
_EVENTS = select(alert_event).where(alert_event.c.alert_id == bindparam("id")).order_by(alert_event.c.seq)
_EARLIEST = select(alert.c.due_at).where(*_IS_CLIMBING).order_by(alert.c.due_at).limit(1)
_DUE = (
    _STATES.where(alert.c.due_at <= bindparam("now"), alert.c.is_parked.is_(False))
    .order_by(alert.c.due_at)
    .limit(bindparam("most"))
)
_COLUMNS = ("id", "seq", "status", "opened_at", "status_at", "due_at", "is_parked", "subject", "policy_digest", "state")
_LATER = (alert_event.c.alert_id == alert.c.id) & (alert_event.c.seq > bindparam("seq"))
_NEWS = select(
    alert.c.status, select(alert_event.c.seq).where(_LATER, alert_event.c.kind.not_in(codec.REPORTS)).exists()
).where(alert.c.id == bindparam("id"))
_POLICY = Batch(insert_new(policy_copy, ["digest"]), ("digest", "data"))
_EVENT = Batch(lambda _: insert(alert_event), ("alert_id", "seq", "at", "kind", "data"))
_NEW = Batch(lambda _: insert(alert), _COLUMNS)
_KNOWN = Batch(_known, tuple(f"b_{name}" for name in _COLUMNS))
