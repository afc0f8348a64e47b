"""What the outbox of every store must do: claims, leases, outcomes, and what others write meanwhile."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.store.record import NotificationRow, NotificationState
from bot.store.store import Store
from escalation.command import Purpose
from escalation.event import Outcome
from tests.fakes.plan import plan_of
from tests.fakes.policies import AT, after, minutes
from tests.fakes.stored import row

LEASE = minutes(2)
PENDING, SENDING, SENT = NotificationState.PENDING, NotificationState.SENDING, NotificationState.SENT
POSTED: dict[str, Any] = {"state": SENT, "send_at": None, "sent_at": AT, "ref": {"ts": "1.2"}}


async def add(store: Store, *rows: NotificationRow) -> None:
    async with store.transaction() as tx:
        await tx.add_notifications(rows)


async def claim(store: Store, at: float = 0, limit: int = 10, channel: str = "slack") -> list[NotificationRow]:
    """Of both kinds."""
    async with store.transaction() as tx:
        to_send, sent = [await tx.claim(channel, after(at), limit, LEASE, is_send=is_send) for is_send in (True, False)]
    return to_send + sent


async def settle(store: Store, claimed: NotificationRow, **changes: Any) -> NotificationRow:
    async with store.transaction() as tx:
        await tx.settle([claimed._replace(**changes)], [claimed])
    return await one(store, claimed.key)


async def one(store: Store, key: str = "a1.1") -> NotificationRow:
    async with store.reading() as tx:
        found = await tx.notification(key)
    assert found is not None
    return found


async def next_wake(store: Store, channel: str = "slack") -> object:
    async with store.reading() as tx:
        return await tx.next_wake(channel)


# Rows ----------------------------------------------------------------------------------------------------------------


async def test_a_notification_comes_back_as_it_was(store: Store) -> None:
    full = row(
        target="oncall:noc",
        person="alice",
        purpose=Purpose.LAST_RESORT,
        step=2,
        loop=3,
        priority=1,
        state=SENDING,
        update_at=after(1),
        follow_at=after(2),
        attempts=4,
        failures=5,
        claimed_at=after(3),
        is_stalled=True,
        ref={"sid": "CA1", "名": "値"},
        outcome=Outcome.VOICEMAIL,
        detail="留守番電話",
        digits="42",
        text='{"kind": "exhausted"}',
        sent_at=after(4),
    )
    await add(store, full, row("a1.2"))
    assert await one(store) == full
    assert await one(store, "a1.2") == row("a1.2")
    async with store.reading() as tx:
        assert await tx.notification("a9.9") is None


async def test_a_key_that_is_there_is_left_alone(store: Store) -> None:
    await add(store, row())
    await claim(store)
    await add(store, row(address="D-OTHER"), row("a1.2"))
    assert (await one(store)).address == "C-OPS"
    assert (await one(store)).state is SENDING
    assert (await one(store, "a1.2")).state is PENDING


async def test_an_alerts_notifications_come_in_the_order_in_which_they_were_due(store: Store) -> None:
    await add(store, row("a1.2", due_at=after(1)), row("a1.1"), row("a2.1", alert_id=2), row("a1.3", due_at=after(5)))
    async with store.reading() as tx:
        assert [found.key for found in await tx.notifications_of(1)] == ["a1.1", "a1.2", "a1.3"]


async def test_the_newest_message_that_stands_for_itself_is_the_one_to_go_under(store: Store) -> None:
    def left(key: str, at: float, ref: dict[str, str], **more: Any) -> NotificationRow:
        return row(key, state=SENT, send_at=None, sent_at=after(at), ref=ref, **more)

    await add(
        store,
        left("a1.0", 1, {"ts": "1.0"}),
        left("a1.1", 2, {"ts": "2.0", "root": "1.0"}),
        left("a1.2", 3, {"ts": "3.0"}, address="C-OTHER"),
        left("a2.0", 4, {"ts": "4.0"}, alert_id=2),
        left("a1.3", 5, {"ts": "5.0"}, channel="discord"),
        row("a1.4"),
    )
    async with store.reading() as tx:
        assert await tx.first_posted(1, "slack", "C-OPS") == {"ts": "1.0"}
        assert await tx.first_posted(3, "slack", "C-OPS") == {}
    await add(store, left("a1.5", 6, {"ts": "6.0"}))
    async with store.reading() as tx:
        assert await tx.first_posted(1, "slack", "C-OPS") == {"ts": "6.0"}


async def test_refs_are_found_by_address(store: Store) -> None:
    phone: dict[str, Any] = {"channel": "phone", "address": "+815000"}
    await add(store, row("a1.1", **phone, **POSTED), row("a1.2", **phone), row("a1.3", **POSTED))
    async with store.reading() as tx:
        assert await tx.refs_to("phone", "+815000") == [{"ts": "1.2"}]
        assert await tx.refs_to("phone", "+815001") == []


# Claims --------------------------------------------------------------------------------------------------------------


async def test_the_most_urgent_of_what_is_due_is_claimed_first(store: Store) -> None:
    await add(
        store,
        row("late", priority=1, send_at=after(-9)),
        row("soon", priority=1, send_at=after(-1)),
        row("urgent", priority=0),
        row("future", priority=0, send_at=after(0.1)),
        row("elsewhere", priority=0, channel="phone"),
        row("done", priority=0, **POSTED),
    )
    assert [found.key for found in await claim(store, limit=2)] == ["urgent", "late"]
    assert [found.key for found in await claim(store)] == ["soon"]
    assert [found.key for found in await claim(store, 0.1)] == ["future"]


async def test_a_claimed_row_is_sending_and_nobody_elses_until_the_lease_ends(store: Store, other: Store) -> None:
    await add(store, row())
    assert await claim(store) == [row(attempts=1)], "as it was before, but for the attempts"
    assert await one(store) == row(attempts=1, state=SENDING, claimed_at=AT)
    assert await claim(other, 1.9) == []
    assert await claim(other, 2) == [row(attempts=2, state=SENDING, claimed_at=AT)], "its outcome was lost: ask first"
    assert (await one(store)).claimed_at == AT


async def test_a_claim_to_update_or_follow_is_no_attempt(store: Store) -> None:
    posted = row(**POSTED, update_at=AT)
    await add(store, posted, row("a1.2", **POSTED, follow_at=AT))
    assert await claim(store) == [posted, row("a1.2", **POSTED, follow_at=AT)]
    assert await one(store) == posted


async def test_leases_of_a_dead_process_end_when_the_only_node_starts(store: Store, other: Store) -> None:
    await add(store, row(), row("a1.2", send_at=after(5)))
    await claim(store)
    assert await next_wake(other) == AT + LEASE
    async with other.transaction() as tx:
        await tx.release_leases()
    assert await next_wake(other) == AT
    assert [found.state for found in await claim(other)] == [SENDING]


async def test_two_nodes_never_claim_the_same_row(store: Store, other: Store) -> None:
    await add(store, *(row(f"a{number}.1") for number in range(40)))

    async def take_all(node: Store) -> list[str]:
        keys: list[str] = []
        while claimed := await claim(node, limit=3):
            keys += [found.key for found in claimed]
        return keys

    async with asyncio.timeout(60):
        ones, others = await asyncio.gather(take_all(store), take_all(other))
    assert len(ones) + len(others) == 40
    assert len({*ones, *others}) == 40


async def test_the_next_wake_is_when_a_claim_would_give_something(store: Store) -> None:
    assert await next_wake(store) is None
    await add(store, row(send_at=after(3)), row("a1.2", **POSTED, follow_at=after(1), update_at=after(2)))
    assert await next_wake(store) == after(1)
    assert await next_wake(store, "phone") is None
    assert await claim(store, 0.9) == []
    await claim(store, 1)
    assert await next_wake(store) == after(3)
    await claim(store, 3)
    assert await next_wake(store) == after(5)


async def test_what_is_to_be_sent_and_what_was_are_claimed_and_looked_for_apart(store: Store) -> None:
    await add(store, row(send_at=after(3)), row("a1.2", **POSTED, follow_at=after(1)), row("a1.3", send_at=after(2)))
    async with store.transaction() as tx:
        assert [await tx.next_wake("slack", kind) for kind in (True, False, None)] == [after(2), after(1), after(1)]
        assert [one.key for one in await tx.claim("slack", after(3), 10, LEASE, is_send=True)] == ["a1.3", "a1.1"]
        assert [one.key for one in await tx.claim("slack", after(3), 10, LEASE, is_send=False)] == ["a1.2"]


@pytest.mark.parametrize(("is_send", "kind"), [(True, "to_send"), (False, "sent")])
async def test_thousands_of_one_kind_are_not_read_in_search_of_the_other(
    tmp_path: Path, is_send: bool, kind: str
) -> None:
    claim = await plan_of(tmp_path, lambda tx: tx.claim("slack", AT, 4, LEASE, is_send=is_send))
    wake = await plan_of(tmp_path, lambda tx: tx.next_wake("slack", is_send))
    assert [one.partition(" (")[0] for one in (*claim, *wake)] == [
        f"SEARCH notification USING INDEX ix_notification_{kind}_by_priority",
        f"SEARCH notification USING INDEX ix_notification_{kind}",
    ]
    either = await plan_of(tmp_path, lambda tx: tx.next_wake("slack"))
    assert any(f"USING INDEX ix_notification_{kind} " in one for one in either), either


async def test_who_claimed_a_row_at_an_instant_knows_it_by_its_lease(store: Store) -> None:
    await add(store, row(), row("a1.2"))
    [mine] = await claim(store, limit=1)
    async with store.reading() as tx:
        assert await tx.still_claimed(["a1.1", "a1.2", "a1.3"], AT + LEASE) == {mine.key}
        assert await tx.still_claimed([mine.key], AT + 2 * LEASE) == set()
    await settle(store, mine, **POSTED, outcome=Outcome.SENT)
    async with store.reading() as tx:
        assert await tx.still_claimed([mine.key], AT + LEASE) == set()


async def test_a_refresh_says_when_its_lanes_have_something_to_do(store: Store) -> None:
    await add(store, row(**POSTED), row("a1.2", channel="discord", **POSTED, follow_at=after(-1)), row("a1.3"))
    async with store.transaction() as tx:
        told = await tx.refresh([1], ["slack", "discord"], AT)
        assert told == {"slack": AT, "discord": after(-1)}
        assert await tx.refresh([1], ["slack", "discord"], AT) == {}, "they are to be brought up to date already"
        assert await tx.refresh_keys(["a1.1"], ["slack"], after(-1)) == {"slack": after(-1)}


async def test_depth_is_what_has_not_left(store: Store) -> None:
    await add(store, row(due_at=after(2)), row("a1.2", due_at=after(1)), row("a1.3", **POSTED, update_at=AT))
    await add(store, row("a1.4", channel="phone"))
    async with store.reading() as tx:
        assert await tx.outbox_depth() == {"slack": (2, after(1)), "phone": (1, AT)}


# Outcomes ------------------------------------------------------------------------------------------------------------


async def test_an_outcome_ends_the_lease(store: Store) -> None:
    await add(store, row())
    claimed = (await claim(store))[0]
    settled = await settle(store, claimed, **POSTED, outcome=Outcome.SENT, follow_at=after(1))
    assert settled == row(**POSTED, attempts=1, outcome="sent", follow_at=after(1))
    assert await next_wake(store) == after(1)
    claimed = (await claim(store, 1))[0]
    ended = await settle(store, claimed, state=NotificationState.ENDED, follow_at=None, outcome=Outcome.BUSY)
    assert (ended.state, ended.outcome) == (NotificationState.ENDED, "busy")
    assert await next_wake(store) is None


async def test_a_retry_waits_for_its_instant(store: Store) -> None:
    await add(store, row())
    claimed = (await claim(store))[0]
    await settle(store, claimed, state=PENDING, send_at=after(0.5), failures=1, detail="429", is_stalled=True)
    assert await next_wake(store) == after(0.5)
    again = (await claim(store, 0.5))[0]
    assert (again.state, again.attempts, again.failures, again.is_stalled) == (PENDING, 2, 1, True)


async def test_an_update_that_is_asked_for_while_a_row_is_worked_on_is_not_lost(store: Store) -> None:
    await add(store, row())
    claimed = (await claim(store))[0]
    async with store.transaction() as tx:
        await tx.refresh([1], ["slack"], after(1))
    settled = await settle(store, claimed, **POSTED)
    assert settled.update_at == after(1)
    assert await next_wake(store) == after(1)


async def test_an_update_that_is_asked_for_during_an_update_is_not_lost(store: Store) -> None:
    """Even in the same instant: the lane may have worded the message before."""
    await add(store, row(**POSTED, update_at=AT))
    claimed = (await claim(store))[0]
    async with store.transaction() as tx:
        await tx.refresh([1], ["slack"], AT)
    assert await claim(store) == [], "it is still being worked on"
    settled = await settle(store, claimed, update_at=None, ref={"ts": "new"})
    assert settled.ref == {"ts": "new"}
    assert [found.key for found in await claim(store)] == ["a1.1"]


async def test_an_update_that_nobody_asked_for_anew_is_done(store: Store) -> None:
    await add(store, row(**POSTED, update_at=AT))
    claimed = (await claim(store))[0]
    assert (await settle(store, claimed, update_at=None)).update_at is None
    assert await next_wake(store) is None


async def test_an_end_that_is_reported_during_the_call_stands(store: Store) -> None:
    await add(store, row(channel="phone"))
    claimed = (await claim(store, channel="phone"))[0]
    reported = await one(store)
    await settle(store, reported, state=NotificationState.ENDED, send_at=None, outcome=Outcome.VOICEMAIL, detail="am")
    settled = await settle(store, claimed, **POSTED, outcome=Outcome.SENT, follow_at=after(1))
    assert (settled.state, settled.outcome, settled.detail) == (NotificationState.ENDED, "voicemail", "am")
    assert (settled.ref, settled.sent_at) == ({"ts": "1.2"}, AT)
    assert await next_wake(store, "phone") is None


async def test_a_row_that_is_gone_is_not_settled(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.settle([row()], [row()])
        assert await tx.notification("a1.1") is None


# What alerts ask for -------------------------------------------------------------------------------------------------


async def test_what_has_not_left_is_withdrawn(store: Store) -> None:
    rows = [row("a1.1"), row("a1.2", **POSTED, follow_at=AT), row("a2.1", alert_id=2), row("a3.1", alert_id=3)]
    await add(store, *rows, row("x1.0", alert_id=3, purpose=Purpose.ALARM, send_at=after(1)))
    await add(store, row("a1.3", send_at=after(-1)))
    await claim(store, -1)
    async with store.transaction() as tx:
        await tx.withdraw([1, 3], AT)
    states = {key: (await one(store, key)).state.value for key in ("a1.1", "a1.2", "a1.3", "a2.1", "a3.1", "x1.0")}
    assert states == {
        "a1.1": "dropped",
        "a1.2": "sent",
        "a1.3": "sending",
        "a2.1": "pending",
        "a3.1": "dropped",
        "x1.0": "pending",
    }
    assert sorted(found.key for found in await claim(store)) == ["a1.2", "a2.1"]


async def test_what_was_posted_is_refreshed_on_channels_that_can(store: Store) -> None:
    await add(
        store,
        row("a1.1", **POSTED),
        row("a1.2", **POSTED, update_at=after(9)),
        row("a1.3", **POSTED, update_at=after(-9)),
        row("a1.4"),
        row("a1.5", **POSTED, channel="mail"),
        row("a2.1", **POSTED, alert_id=2),
        row("a1.6", **(POSTED | {"state": NotificationState.ENDED})),
    )
    async with store.transaction() as tx:
        await tx.refresh([1], ["slack", "discord"], after(1))
    keys = ("a1.1", "a1.2", "a1.3", "a1.4", "a1.5", "a2.1", "a1.6")
    updates = [(await one(store, key)).update_at for key in keys]
    assert updates == [after(1), after(1), after(-9), None, None, None, None]
    assert await next_wake(store, "mail") is None


async def test_a_refresh_does_not_cut_short_the_wait_of_a_try_without_an_outcome(store: Store) -> None:
    await add(store, row())
    claimed = (await claim(store))[0]
    await settle(store, claimed, state=SENDING, send_at=after(5), claimed_at=AT)
    async with store.transaction() as tx:
        await tx.refresh([1], ["slack"], after(1))
    assert await next_wake(store) == after(5)
    claimed = (await claim(store, 5))[0]
    settled = await settle(store, claimed, **POSTED)
    assert settled.update_at == after(1), "it was found sent: what was posted then is old"


async def test_nothing_is_asked_of_nobody(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_notifications([])
        await tx.withdraw([], AT)
        await tx.refresh([], ["slack"], AT)
        await tx.settle([], [])


# The clock is set back ------------------------------------------------------------------------------------------------


async def test_what_waits_waits_no_longer_by_a_clock_that_is_set_back(store: Store) -> None:
    by, late = minutes(60), after(10)
    await add(
        store,
        row("a1.1", due_at=late, created_at=late, send_at=after(12)),
        row("a1.2", **POSTED | {"update_at": late, "follow_at": after(15)}),
        row("a1.3", **POSTED),
        row("a1.4", purpose=Purpose.MAIL, due_at=late, send_at=late),
        row("a1.5", purpose=Purpose.MAIL, due_at=after(30), send_at=after(30)),
    )
    [claimed, *_] = await claim(store, at=11)
    assert claimed.key == "a1.4"
    async with store.transaction() as tx:
        wakes = await tx.set_back(by, after(20 - 60))
    assert wakes == {"slack": after(12) - by}
    found = {key: await one(store, key) for key in ("a1.1", "a1.2", "a1.3", "a1.4", "a1.5")}
    assert (found["a1.1"].due_at, found["a1.1"].created_at) == (late - by, late - by)
    assert found["a1.1"].send_at == after(12) - by
    assert found["a1.2"].follow_at == after(15) - by
    assert found["a1.3"].due_at == row().due_at
    assert (found["a1.4"].send_at, found["a1.4"].claimed_at) == (late - by, after(11) - by)
    assert found["a1.5"].send_at == after(30)
    assert await next_wake(store) == after(12) - by


async def test_a_lease_ends_no_later_by_a_clock_that_is_set_back(store: Store) -> None:
    await add(store, row())
    assert [row.key for row in await claim(store)] == ["a1.1"]
    async with store.transaction() as tx:
        await tx.set_back(minutes(60), after(1 - 60))
    assert await claim(store, at=1 - 60) == []
    assert [row.key for row in await claim(store, at=2 - 60)] == ["a1.1"]
