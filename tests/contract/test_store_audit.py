"""What every store must do with the audit trail and with the languages that people chose."""

from dataclasses import replace

import pytest

from bot.store.audits import MOST_ARGUMENT
from bot.store.record import AuditEntry, AuditOutcome
from bot.store.store import Store
from escalation.event import Noted
from tests.fakes.policies import AT, after
from tests.fakes.stored import open_alerts, then

ACK = AuditEntry(at=AT, who="alice", via="slack", verb="ack", outcome=AuditOutcome.DONE, alert_id=1, argument="x")
STRANGE = AuditEntry(at=after(5), who="slack:U1", via="slack", verb="", outcome=AuditOutcome.STRANGER)


async def test_entries_come_back_as_they_were_newest_first(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_audit(ACK)
        await tx.add_audit(STRANGE)
    async with store.reading() as tx:
        assert await tx.audits() == [replace(STRANGE, id=2), replace(ACK, id=1)]
        assert await tx.audits(after(1)) == [replace(STRANGE, id=2)]
        assert await tx.audits(limit=1) == [replace(STRANGE, id=2)]


async def test_what_is_new_comes_oldest_first(store: Store, other: Store) -> None:
    for node in (store, other, store):
        async with node.transaction() as tx:
            await tx.add_audit(ACK)
    async with store.reading() as tx:
        assert [one.id for one in await tx.audits_after(0, 2)] == [1, 2]
        assert [one.id for one in await tx.audits_after(2, 2)] == [3]
        assert await tx.audits_after(3, 2) == []


async def test_what_one_transaction_did_to_an_alert_is_found_by_its_instant(store: Store) -> None:
    async with store.transaction() as tx:
        (alert,) = await open_alerts(tx, 1)
        await tx.save([then(alert, Noted("alice", "x", "cli"), 1)])
    async with store.transaction() as tx:
        alert = (await tx.alerts([1]))[1]
        await tx.save([then(alert, Noted("bob", "y", "slack"), 2)])
    async with store.reading() as tx:
        (found,) = await tx.events_at(1, after(1))
        assert found == next(one for one in await tx.events(1) if one.at == after(1))
        assert await tx.events_at(1, after(1.5)) == await tx.events_at(2, after(1)) == []


async def test_what_is_rolled_back_was_never_asked(store: Store) -> None:
    with pytest.raises(RuntimeError):
        async with store.transaction() as tx:
            await tx.add_audit(ACK)
            raise RuntimeError
    async with store.reading() as tx:
        assert await tx.audits() == []


async def test_an_argument_is_one_short_line_whatever_was_typed(store: Store) -> None:
    async with store.transaction() as tx:
        for argument in ("a\nb\x00c", "\ud800", "長" * 5000):
            await tx.add_audit(replace(ACK, argument=argument))
    async with store.reading() as tx:
        found = [one.argument for one in reversed(await tx.audits())]
    assert found[:2] == ["a b c", "?"]
    assert len(found[2]) == MOST_ARGUMENT


async def test_entries_are_deleted_with_what_else_is_old(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_audit(ACK)
        await tx.add_audit(STRANGE)
        await tx.purge(after(1))
        assert await tx.audits() == [replace(STRANGE, id=2)]


async def test_the_last_language_that_somebody_chose_counts(store: Store) -> None:
    async with store.transaction() as tx:
        for person, language in (("alice", "ja"), ("bob", "zh"), ("alice", "en")):
            await tx.choose_language(person, language, AT)
    async with store.reading() as tx:
        assert await tx.languages() == {"alice": "en", "bob": "zh"}
