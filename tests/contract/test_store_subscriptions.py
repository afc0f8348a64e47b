"""What every store must do with those who follow an alert, and what a report reads of the alerts of a span."""

import asyncio
from dataclasses import replace
from typing import Any

from bot.store.record import Change, NotificationState
from bot.store.reports import SentPage
from bot.store.store import Store
from escalation import machine
from escalation.command import Purpose
from escalation.event import Acknowledged, Resolved
from tests.fakes.policies import AT, after, opened, roster
from tests.fakes.stored import POLICY, first, load, open_alerts, row, then

DUTY: dict[str, Any] = {"alert_id": None, "person": "alice", "purpose": Purpose.DUTY, "text": "one"}


async def test_following_is_idempotent_and_ends(store: Store) -> None:
    async with store.transaction() as tx:
        assert [await tx.subscribe(1, "bob", AT), await tx.subscribe(1, "alice", AT)] == [True, True]
        assert await tx.subscribe(1, "bob", after(1)) is False
        assert await tx.subscribe(2, "bob", AT)
    async with store.reading() as tx:
        assert await tx.subscribers([1, 2, 3]) == {1: ["alice", "bob"], 2: ["bob"]}
        assert await tx.subscribers([]) == {}
        assert (await tx.subscriptions_of("bob"), await tx.subscriptions_of("carol")) == ([2, 1], [])
    async with store.transaction() as tx:
        assert [await tx.unsubscribe(1, "bob"), await tx.unsubscribe(1, "bob")] == [True, False]
        await tx.end_subscriptions([2, 3])
        assert await tx.subscribers([1, 2]) == {1: ["alice"]}


async def test_two_wishes_at_once_are_one(store: Store, other: Store) -> None:
    async def follow(node: Store) -> bool:
        async with node.transaction() as tx:
            return await tx.subscribe(1, "bob", AT)

    assert sorted(await asyncio.gather(follow(store), follow(other))) == [False, True]


async def test_what_is_deleted_is_followed_by_nobody(store: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 2)
        for id in (1, 2):
            await tx.subscribe(id, "bob", AT)
    async with store.transaction() as tx:
        await tx.save([then(await load(store, 1), Resolved("bob"), 1)])
        assert await tx.purge(after(10)) == 1
        assert await tx.subscribers([1, 2]) == {2: ["bob"]}


async def test_what_waits_to_be_told_is_found_until_a_lane_begins_with_it(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_notifications(
            [
                row("f1", **DUTY),
                row("d1", **DUTY),
                row("f2", **DUTY | {"person": "bob"}),
                row("f3", **DUTY, channel="discord"),
                row("f4", **DUTY | {"purpose": Purpose.STEP}),
            ]
        )
        assert await tx.waiting_notice("slack", "alice", "f") == ("f1", "one")
        await tx.reword("f1", "two")
        assert await tx.waiting_notice("slack", "alice", "f") == ("f1", "two")
        assert await tx.waiting_notice("slack", "carol", "f") is None
        claimed = await tx.claim("slack", AT, 10, after(1) - AT, is_send=True)
        assert "f1" in {one.key for one in claimed}
        assert await tx.waiting_notice("slack", "alice", "f") is None
    async with store.reading() as tx:
        kept = await tx.notification("f1")
        assert kept is not None and kept.text == "two"


def severe(id: int, severity: str, **more: Any) -> Change:
    made = machine.open(id, replace(opened(POLICY), severity=severity, **more), AT, roster())
    return Change(made.alert, 0, tuple((one, AT) for one in made.events))


async def test_the_alerts_of_a_span_and_what_came_of_them(store: Store) -> None:
    async with store.transaction() as tx:
        listed = [first(1), severe(2, "warning"), severe(3, "error", is_exercise=True), first(4)]
        await tx.save(listed)
    async with store.transaction() as tx:
        await tx.save([then(listed[0].alert, Acknowledged("alice"), 4), then(listed[1].alert, Resolved("bob"), 6)])
    async with store.reading() as tx:
        found, is_cut = await tx.opened_between(AT, after(1))
        assert [(one.id, one.severity, one.status) for one in found] == [
            (4, "critical", "triggered"),
            (2, "warning", "resolved"),
            (1, "critical", "acknowledged"),
        ]
        assert ({one.at for one in found}, is_cut) == ({AT}, False)
        assert await tx.opened_between(after(1), after(9)) == ([], False)
        assert await tx.taken_at([1, 2, 4]) == {1: after(4)}
        assert await tx.exhausted_at([1, 2, 4]) == {}
        assert await tx.taken_at([]) == {}


async def test_the_pages_that_left_for_these_alerts(store: Store) -> None:
    sent: dict[str, Any] = {"state": NotificationState.SENT, "send_at": None, "sent_at": after(2)}
    async with store.transaction() as tx:
        await tx.add_notifications(
            [
                row("a.1", channel="phone", ref={"price": "0.05", "currency": "USD"}, **sent),
                row("a.2", purpose=Purpose.SENDER, **sent),
                row("a.3"),
                row("a.4", alert_id=2, **sent),
            ]
        )
    async with store.reading() as tx:
        [page] = await tx.sent_about([1])
    assert page._replace(ref="") == SentPage("phone", AT, after(2), "")
    assert "0.05" in page.ref
