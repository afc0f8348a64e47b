"""What every store must do: alerts, mail, transactions. The outbox is in test_store_outbox.py."""

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError

from bot.store.record import Change, ConflictError, StoreError
from bot.store.retention import AT_ONCE
from bot.store.store import Store
from channels.imap.mailbox import Cursor, Watched
from escalation.alert import AlertStatus
from escalation.event import Acknowledged, DeliveryReported, Opened, Outcome, Resolved, Snoozed, TimerFired
from tests.fakes.policies import AT, after, minutes, policy
from tests.fakes.stored import copy, first, load, open_alerts, row, then

# Alerts --------------------------------------------------------------------------------------------------------------


async def test_ids_are_given_once(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        ones = await tx.next_alert_ids(3)
        twos = await tx.next_alert_ids(1)
    async with other.transaction() as tx:
        threes = await tx.next_alert_ids(2)
    assert [ones, twos, threes] == [[1, 2, 3], [4], [5, 6]]


async def test_an_alert_comes_back_as_it_was_with_its_events(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        change = first(1)
        await tx.save([change])
        later = then(change.alert, Acknowledged("alice", "slack"))
        await tx.save([later])
    for one in (store, other):
        assert await load(one, 1) == later.alert
        async with one.reading() as tx:
            events = await tx.events(1)
        assert [(entry.event, entry.at) for entry in events] == [*change.events, *later.events]
        assert [entry.seq for entry in events] == list(range(1, later.alert.seq + 1))


async def test_news_are_what_is_more_than_reports_of_what_was_sent(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        change = first(1)
        await tx.save([change])
        reported = then(change.alert, DeliveryReported("1.0", Outcome.NO_ANSWER))
        await tx.save([reported])
    async with other.reading() as tx:
        assert not await tx.has_news(change.alert)
    async with store.transaction() as tx:
        snoozed = then(reported.alert, Snoozed("alice", after(60)))
        await tx.save([snoozed])
    async with other.reading() as tx:
        assert await tx.has_news(change.alert)
        assert not await tx.has_news(snoozed.alert)
        assert await tx.has_news(snoozed.alert._replace(status=AlertStatus.EXHAUSTED))
        assert await tx.has_news(snoozed.alert._replace(id=7))


async def test_an_unknown_alert_is_no_error(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.alerts([7]) == {}
        assert await tx.events(7) == []


async def test_a_policy_is_stored_once_for_each_content(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 3)
        await open_alerts(tx, 2, policy(resolve_after=minutes(7)))
        count = await tx.connection.exec_driver_sql("SELECT count(*) FROM policy_copy")
        assert count.scalar_one() == 2
    async with other.reading() as tx:
        alerts = await tx.alerts([1, 2, 4])
    assert alerts[1].policy is alerts[2].policy
    assert alerts[4].policy.resolve_after == minutes(7)


async def test_an_alert_whose_policy_changed_comes_back_with_the_new_one(store: Store, other: Store) -> None:
    """Approved, a mail's steps before its deadline have their places."""
    change = first(1)
    placed = change.alert._replace(policy=policy(resolve_after=minutes(7)))
    async with store.transaction() as tx:
        await tx.save([change])
    async with store.transaction() as tx:
        await tx.save([then(placed, Acknowledged("alice"))])
    alert = await load(other, 1)
    assert alert is not None
    assert alert.policy == placed.policy


async def test_many_alerts_are_saved_and_loaded_at_once(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 1201)
    async with store.reading() as tx:
        assert await tx.alerts([one.id for one in made]) == {one.id: one for one in made}


async def test_what_is_open_is_gone_through_in_order(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 5)
        await tx.save([then(made[1], Resolved("alice")), then(made[2], Acknowledged("alice"))])
        await tx.park(4, "KeyError")
        assert await tx.open_ids(0, 2) == [1, 3]
        assert await tx.open_ids(3, 2) == [5]
        assert await tx.open_ids(5, 2) == []


async def test_lists_are_newest_first_and_by_status(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 4)
        await tx.save([then(made[1], Resolved("alice")), then(made[2], Acknowledged("alice"))])
        everything = await tx.list_alerts(limit=3)
        some = await tx.list_alerts(statuses=[AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED])
        assert await tx.list_alerts(statuses=[]) == []
        assert await tx.count_open() == {"triggered": 2, "acknowledged": 1}
    assert [one.id for one in everything] == [4, 3, 2]
    assert [one.id for one in some] == [4, 3, 1]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("2", [2]),
        (" #2 ", [2]),
        ("#99", []),
        ("9" * 40, []),
        ("DISK", [1]),
        ("障害", [2]),
        ("router", [3]),
        ("100%", [4]),
        ("_", []),
        ("", []),
        ("#", []),
    ],
)
async def test_alerts_are_found_by_number_or_subject(store: Store, words: str, found: list[int]) -> None:
    subjects = ["Disk full", "【緊急】障害", "router down", "cpu 100%"]
    async with store.transaction() as tx:
        await tx.save([first(id, subject=subject) for id, subject in enumerate(subjects, 1)])
        assert await tx.find_alerts(words) == found


async def test_open_alerts_are_found_before_closed_ones(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 3)
        await tx.save([then(made[2], Resolved("alice"))])
        assert await tx.find_alerts("disk") == [2, 1]
        await tx.save([then(one, Resolved("alice")) for one in made[:2]])
        assert await tx.find_alerts("disk") == [3, 2, 1]


# What is due ---------------------------------------------------------------------------------------------------------


async def test_due_alerts_come_longest_overdue_first(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 3)
        await tx.save([then(made[0], Snoozed("alice", after(9))), then(made[1], Snoozed("alice", after(7)))])
        assert await tx.earliest_due() == after(5)
        assert list(await tx.due(after(4.9), 10)) == []
        assert list(await tx.due(after(9), 10)) == [3, 2, 1]
        assert list(await tx.due(after(9), 2)) == [3, 2]


async def test_a_closed_alert_is_never_due(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 1)
        await tx.save([then(made[0], Resolved("alice"))])
        assert await tx.earliest_due() is None
        assert list(await tx.due(after(10_000), 10)) == []


async def test_a_parked_alert_is_not_due_until_it_is_saved_by_another_transaction(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 2)
    async with store.transaction() as tx:
        await tx.park(1, "TimerFired: ZeroDivisionError")
        later = then(made[0], Acknowledged("alice"))
        await tx.save([later])
        assert list(await tx.due(after(10_000), 10)) == [2]
    async with store.transaction() as tx:
        assert list(await tx.due(after(10_000), 10)) == [2]
        await tx.save([then(later.alert, Snoozed("alice", after(40)), 2)])
        assert list(await tx.due(after(10_000), 10)) == [2, 1]


async def test_an_instant_keeps_its_microseconds(store: Store) -> None:
    at = after(7).replace(microsecond=123_457)
    async with store.transaction() as tx:
        made = await open_alerts(tx, 1)
        change = then(made[0], Snoozed("alice", at))
        await tx.save([change])
        assert await tx.earliest_due() == at
    assert (await load(store, 1)).due_at == at


# Transactions --------------------------------------------------------------------------------------------------------


async def test_the_slower_of_two_writers_is_told_so_and_saves_nothing(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 3)
    async with other.transaction() as tx:
        await tx.save([then(made[1], Acknowledged("bob"))])
    with pytest.raises(ConflictError):
        async with store.transaction() as tx:
            await tx.put("seen", "yes")
            await tx.save([then(one, Acknowledged("alice")) for one in made])
    assert (await load(store, 1)).status is AlertStatus.TRIGGERED
    assert (await load(store, 2)).taken_by == ("bob",)
    async with store.reading() as tx:
        assert await tx.get("seen") is None


async def test_what_raises_is_rolled_back_and_the_next_transaction_stores_the_policy_again(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            await open_alerts(tx, 1)
            raise ZeroDivisionError
    async with store.transaction() as tx:
        assert await tx.list_alerts() == []
        made = await open_alerts(tx, 1)
    assert await load(store, 1) == made[0]


async def test_a_reader_sees_one_instant_and_waits_for_nobody(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 1)
    async with store.reading() as reader, asyncio.timeout(10):
        before = await reader.alerts([1])
        async with store.transaction() as tx:
            await tx.save([then(made[0], Resolved("alice"))])
            assert await reader.alerts([1]) == before
        assert await reader.alerts([1]) == before
    assert (await load(store, 1)).status is AlertStatus.RESOLVED


async def test_a_reader_can_not_write(store: Store) -> None:
    with pytest.raises((StoreError, DBAPIError)):
        async with store.reading() as tx:
            await tx.put("key", "value")
    async with store.reading() as tx:
        assert await tx.get("key") is None


async def test_writers_wait_their_turn(store: Store) -> None:
    async def open_one() -> None:
        async with store.transaction() as tx:
            await open_alerts(tx, 1)

    await asyncio.gather(*(open_one() for _ in range(20)))
    async with store.reading() as tx:
        assert len(await tx.list_alerts()) == 20


async def test_a_cancelled_writer_saves_nothing_and_blocks_nobody(store: Store) -> None:
    is_inside = asyncio.Event()

    async def write_for_ever() -> None:
        async with store.transaction() as tx:
            await open_alerts(tx, 1)
            is_inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write_for_ever())
    async with asyncio.timeout(10):
        await is_inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with store.transaction() as tx:
            assert await tx.list_alerts() == []
            await open_alerts(tx, 1)
    assert (await load(store, 1)).id == 1


@pytest.mark.parametrize("turns", range(1, 60))
async def test_cancelling_at_any_await_leaves_all_or_nothing(store: Store, turns: int) -> None:
    async def write() -> None:
        async with store.transaction() as tx:
            await open_alerts(tx, 1)
            await tx.add_notifications([row()])

    task = asyncio.create_task(write())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(10), store.transaction() as tx:
        alerts = len(await tx.list_alerts())
        assert len(await tx.notifications_of(1)) == alerts
        await tx.put("key", "value")


async def test_the_version_changes_when_another_process_commits(store: Store, other: Store) -> None:
    before = await store.version()
    assert await store.version() == before
    async with other.transaction() as tx:
        await tx.put("key", "value")
    after_commit = await store.version()
    assert after_commit != before
    assert await store.version() == after_commit


# Mail ----------------------------------------------------------------------------------------------------------------


async def test_a_mail_belongs_to_the_first_alert_that_says_so(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.link_mails({"a@x": 1, "b@x": 1})
        await tx.link_mails({"b@x": 2, "c@x": 2})
        assert await tx.alert_of_mails(["a@x", "b@x", "c@x", "d@x"]) == {"a@x": 1, "b@x": 1, "c@x": 2}
        assert await tx.alert_of_mails([]) == {}


async def test_a_message_id_without_end_is_a_key_all_the_same(store: Store) -> None:
    endless = "緊" * 100_000 + "@x"
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.link_mails({endless: 1, endless + "y": 1})
        await tx.put_copies([copy(5, endless)])
        assert await tx.alert_of_mails([endless]) == {endless: 1}
        assert [one.uid for one in await tx.find_copies(endless)] == [5]
        await tx.drop_copy("alice", "INBOX", 5, endless)
        assert await tx.find_copies(endless) == []


async def test_a_cursor_is_kept_for_each_folder(store: Store) -> None:
    one = Cursor(2**32 - 1, 17, 2**62, after(1))
    two = Cursor(9, 18, None, after(2))
    async with store.transaction() as tx:
        assert await tx.cursor("alice", "INBOX") is None
        await tx.put_cursor("alice", "INBOX", one)
        await tx.put_cursor("alice", "Archive", two)
        assert await tx.cursor("alice", "INBOX") == one
        await tx.put_cursor("alice", "INBOX", two)
        assert await tx.cursor("alice", "INBOX") == two
        assert await tx.cursor("bob", "INBOX") is None


async def test_the_mails_of_open_alerts_are_watched(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 2)
        await tx.save([then(made[1], Resolved("alice"))])
        seen = copy(5, "a@x", is_seen=True, is_answered=True)
        elsewhere = [copy(7, "a@x", folder="Archive"), copy(8, "a@x", account="bob")]
        await tx.put_copies([seen, copy(6, "b@x", alert_id=2), *elsewhere])
        assert await tx.copies("alice", "INBOX") == {5: Watched(5, "a@x", is_seen=True, is_answered=True)}
        found = await tx.find_copies("a@x")
        assert sorted(found, key=lambda one: one.uid) == [seen, *elsewhere]


async def test_a_copy_is_replaced_by_a_later_one_at_its_place(store: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.put_copies([copy(5, "a@x"), copy(6, "b@x")])
        await tx.put_copies([copy(5, "a@x", is_seen=True), copy(6, "c@x")])
        assert await tx.copies("alice", "INBOX") == {5: Watched(5, "a@x", is_seen=True), 6: Watched(6, "c@x")}
        assert await tx.find_copies("b@x") == []


async def test_copies_are_dropped_one_by_one_or_by_folder(store: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.put_copies([copy(5, "a@x"), copy(6, "b@x"), copy(7, "c@x"), copy(5, "a@x", folder="Archive")])
        await tx.drop_copy("alice", "INBOX", 5)
        assert set(await tx.copies("alice", "INBOX")) == {6, 7}
        await tx.drop_copies("alice", "INBOX")
        assert await tx.copies("alice", "INBOX") == {}
        assert set(await tx.copies("alice", "Archive")) == {5}


async def test_uids_may_overlap_when_a_folder_is_renumbered(store: Store) -> None:
    """RFC 3501, 2.3.1.1: after a change of UIDVALIDITY any UID may mean any mail."""
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.put_copies([copy(5, "a@x"), copy(6, "b@x"), copy(7, "c@x")])
        await tx.renumber_copy("alice", "INBOX", "a@x", 6)
        await tx.renumber_copy("alice", "INBOX", "b@x", 5)
        await tx.renumber_copy("alice", "INBOX", "unknown@x", 7)
        await tx.renumber_copy("alice", "INBOX", "b@x", 7)
        await tx.drop_copy("alice", "INBOX", 7, "c@x")
        watched = await tx.copies("alice", "INBOX")
    assert watched == {6: Watched(6, "a@x"), 7: Watched(7, "b@x")}


async def test_two_copies_of_one_mail_that_become_one_are_one(store: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.put_copies([copy(5, "a@x"), copy(7, "a@x")])
        await tx.renumber_copy("alice", "INBOX", "a@x", 9, 5)
        await tx.renumber_copy("alice", "INBOX", "a@x", 9, 7)
        assert set(await tx.copies("alice", "INBOX")) == {9}


async def test_a_copy_moves_to_another_folder_which_is_compared_anew(store: Store) -> None:
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
        await tx.put_cursor("alice", "Done", Cursor(1, 9, 77, AT))
        await tx.put_copies([copy(5, "a@x"), copy(6, "b@x"), copy(4, "b@x", folder="Done", is_seen=True)])
        await tx.move_copy(copy(5, "a@x", is_seen=True), "Done", 3)
        await tx.move_copy(copy(6, "b@x"), "Done", 4)
        assert await tx.copies("alice", "INBOX") == {}
        moved = {3: Watched(3, "a@x", is_seen=True), 4: Watched(4, "b@x", is_seen=True)}
        assert await tx.copies("alice", "Done") == moved
        assert await tx.cursor("alice", "Done") == Cursor(1, 9, None, AT)
        assert await tx.folders_with_copies("alice") == ["Done"]
        assert await tx.folders_with_copies("bob") == []


# Small things --------------------------------------------------------------------------------------------------------


async def test_an_input_is_new_once(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.first_time("press:slack", "1", AT)
        assert not await tx.first_time("press:slack", "1", AT)
        assert await tx.first_time("press:discord", "1", AT)
        assert await tx.first_time("press:slack", "2" * 5000, AT)
    async with other.transaction() as tx:
        assert not await tx.first_time("press:slack", "1", after(1))


async def test_an_alarm_is_raised_once_until_it_is_cleared(store: Store) -> None:
    async with store.transaction() as tx:
        assert not await tx.clear_alarm("down:slack", AT)
        assert await tx.raise_alarm("down:slack", "{}", AT)
        assert not await tx.raise_alarm("down:slack", "{}", after(1))
        assert await tx.raise_alarm("down:" + "x" * 5000, "{}", AT)
        assert await tx.clear_alarm("down:slack", after(2))
        assert not await tx.clear_alarm("down:slack", after(2))
        assert await tx.raise_alarm("down:slack", "{}", after(3))
        assert not await tx.raise_alarm("down:slack", "{}", after(3))


async def test_a_key_has_its_latest_value(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.get("key") is None
        await tx.put("key", "one")
        await tx.put("key", "二")
        assert await tx.get("key") == "二"


# Retention -----------------------------------------------------------------------------------------------------------


async def _ended_long_ago(store: Store) -> None:
    """Alert 1 resolved, 2 exhausted, 3 open, 4 resolved lately; each with a mail, a copy and a notification."""
    async with store.transaction() as tx:
        made = await open_alerts(tx, 4)
        await tx.save([then(made[0], Resolved("alice")), then(made[3], Resolved("alice"), 10_000)])
        exhausted = made[1]._replace(status=AlertStatus.EXHAUSTED, status_at=after(1), due_at=None, seq=made[1].seq + 1)
        await tx.save([Change(exhausted, made[1].seq, ((TimerFired(), after(1)),))])
        for one in made:
            await tx.link_mails({f"{one.id}@x": one.id})
            await tx.put_copies([copy(one.id, f"{one.id}@x", alert_id=one.id)])
            await tx.add_notifications([row(f"a{one.id}.1", alert_id=one.id)])
        await tx.add_notifications([row("x1.0", alert_id=None, send_at=None), row("x2.0", alert_id=None)])


async def test_what_ended_long_ago_is_deleted_with_all_that_belongs_to_it(store: Store) -> None:
    await _ended_long_ago(store)
    async with store.transaction() as tx:
        await tx.first_time("press:slack", "1", AT)
        await tx.first_time("press:slack", "2", after(200))
        assert await tx.purge(after(100)) == 2
        assert await tx.purge(after(100)) == 0
        assert set(await tx.alerts([1, 2, 3, 4])) == {3, 4}
        assert await tx.alert_of_mails([f"{id}@x" for id in range(1, 5)]) == {"3@x": 3, "4@x": 4}
        for id, is_there in {1: False, 2: False, 3: True, 4: True}.items():
            assert bool(await tx.events(id)) is is_there
            assert bool(await tx.notifications_of(id)) is is_there
            assert bool(await tx.find_copies(f"{id}@x")) is is_there
        assert await tx.notification("x1.0") is None
        assert await tx.notification("x2.0") is not None, "an alarm that has not left stays"
        assert await tx.first_time("press:slack", "1", after(100))
        assert not await tx.first_time("press:slack", "2", after(200))


async def test_no_purge_keeps_other_writers_waiting_for_long(store: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, AT_ONCE + 1)
        await tx.save([then(one, Resolved("alice")) for one in made])
    async with store.transaction() as tx:
        assert [await tx.purge(after(100)) for _ in range(3)] == [AT_ONCE, 1, 0]


async def test_an_opened_event_has_its_policy_even_after_others_forgot_it(store: Store, other: Store) -> None:
    async with store.transaction() as tx:
        made = await open_alerts(tx, 1)
        await tx.save([then(made[0], Resolved("alice"))])
        await tx.purge(after(100))
    async with other.transaction() as tx:
        await open_alerts(tx, 1)
    async with store.transaction() as tx:
        await open_alerts(tx, 1)
    async with other.reading() as tx:
        event = (await tx.events(2))[0].event
    assert isinstance(event, Opened)
    assert event.policy == made[0].policy
