"""What every store must do in an outage: find what waits, mark it once, and find it again by its room."""

from pathlib import Path

from bot.store.record import MISSED, NotificationState
from bot.store.store import Store
from escalation.command import Purpose
from tests.contract.test_store_outbox import add, claim, one, settle
from tests.fakes.plan import plan_of
from tests.fakes.policies import AT, after
from tests.fakes.stored import row


async def waiting(store: Store, minute: float, limit: int = 10) -> list[str]:
    async with store.reading() as tx:
        return sorted(await tx.waiting_pages("slack", after(minute), limit))


async def miss(store: Store, *keys: str) -> None:
    async with store.transaction() as tx:
        await tx.miss(keys, "429")


async def test_what_waits_in_a_lane_is_found_some_at_a_time_and_only_once(store: Store) -> None:
    await add(
        store,
        *(row(f"{n}.0", due_at=after(1), send_at=after(30)) for n in range(1, 5)),
        row("5.0", due_at=after(9), send_at=after(9)),
        row("5.1", created_at=after(9), due_at=after(1), send_at=after(9)),
        row("6.0", channel="discord", due_at=after(1), send_at=after(1)),
        row("7.0", state=NotificationState.SENT, send_at=None, due_at=after(1)),
        row("x8.0", alert_id=None, purpose=Purpose.ALARM, due_at=after(1), send_at=after(1)),
    )
    assert len(await waiting(store, 2, limit=3)) == 3
    assert await waiting(store, 2) == ["1.0", "2.0", "3.0", "4.0"]
    await miss(store, "1.0", "2.0", "7.0")
    assert await waiting(store, 2) == ["3.0", "4.0"]
    found = await one(store, "1.0")
    assert (found.outcome, found.is_stalled, found.detail, found.send_at) == (MISSED, True, "429", after(30))
    assert (await one(store, "7.0")).outcome == ""


async def test_that_it_is_missed_outlives_what_a_lane_makes_of_it_unless_it_leaves(store: Store) -> None:
    await add(store, row("1.0", send_at=AT), row("2.0", send_at=AT))
    first, second = sorted(await claim(store), key=lambda each: each.key)
    await miss(store, "1.0", "2.0")
    later = await settle(store, first, state=NotificationState.PENDING, send_at=after(2), detail="no answer")
    assert (later.outcome, later.is_stalled) == (MISSED, True)
    sent = await settle(store, second, state=NotificationState.SENT, send_at=None, outcome="sent", sent_at=after(1))
    assert sent.outcome == "sent"


async def test_a_room_finds_what_it_missed_withdrawn_or_not(store: Store) -> None:
    await add(
        store,
        row("1.0", alert_id=1, address="C1", due_at=after(1), send_at=after(30)),
        row("2.0", alert_id=2, address="C1", due_at=after(2), send_at=after(30)),
        row("3.0", alert_id=3, address="C2", due_at=after(2), send_at=after(30)),
        row("4.0", alert_id=4, address="C1", due_at=after(2), send_at=after(30)),
    )
    await miss(store, "1.0", "2.0", "3.0")
    async with store.transaction() as tx:
        await tx.withdraw([2], after(3))
    async with store.reading() as tx:
        assert [each.key for each in await tx.missed("slack", "C1", AT, 10)] == ["1.0", "2.0"]
        assert [each.key for each in await tx.missed("slack", "C1", after(2), 10)] == ["2.0"]
        assert [each.key for each in await tx.missed("slack", "C1", AT, 1)] == ["1.0"]


async def test_what_was_due_while_nothing_could_be_saved_and_left_later_was_late(store: Store) -> None:
    sent = NotificationState.SENT
    await add(
        store,
        row("1.0", alert_id=1, due_at=after(1), send_at=after(9)),
        row("2.0", alert_id=2, due_at=after(1), send_at=None, state=sent, sent_at=after(5)),
        row("2.1", alert_id=2, due_at=after(2), send_at=None, state=sent, sent_at=after(5)),
        row("3.0", alert_id=3, due_at=after(1), send_at=None, state=sent, sent_at=after(2)),
        row("4.0", alert_id=4, due_at=after(5), send_at=after(5)),
        row("5.0", alert_id=5, due_at=after(1), send_at=None, state=NotificationState.DROPPED),
        row("6.0", alert_id=6, due_at=after(1), send_at=after(9), purpose=Purpose.MAIL),
    )
    async with store.reading() as tx:
        assert sorted(await tx.late_between(after(1), after(5))) == [1, 2]


async def test_neither_reads_all_of_the_outbox(tmp_path: Path) -> None:
    waits = await plan_of(tmp_path, lambda tx: tx.waiting_pages("slack", AT, 10))
    room = await plan_of(tmp_path, lambda tx: tx.missed("slack", "C1", AT, 10))
    for details, index in ((waits, "ix_notification_to_send "), (room, "ix_notification_missed")):
        assert any(index in one for one in details), details
        assert not any(one.startswith("SCAN") for one in details), details


async def test_an_alarm_that_stands_says_since_when(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.raise_alarm("down:slack", "{}", AT)
        assert await tx.standing_alarm("down:slack") == (AT, "{}")
        await tx.clear_alarm("down:slack", after(1))
        assert await tx.standing_alarm("down:slack") is None
