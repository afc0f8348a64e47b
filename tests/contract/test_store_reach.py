"""What every store must know of whom notifications reached."""

from bot.store.reach import LastTry
from bot.store.record import NotificationRow, NotificationState
from bot.store.store import Store
from tests.fakes.policies import AT, after
from tests.fakes.stored import row


async def keep(store: Store, *rows: NotificationRow) -> None:
    async with store.transaction() as tx:
        await tx.add_notifications(rows)


def told(key: str, minute: int, state: NotificationState, **others: object) -> NotificationRow:
    at = after(minute)
    sent_at = at if state in (NotificationState.SENT, NotificationState.ENDED) else None
    values: dict[str, object] = {"alert_id": None, "channel": "phone", "address": "+81", "person": "bob"}
    values |= {"due_at": at, "created_at": at, "sent_at": sent_at, "send_at": None, "state": state}
    return row(key, **(values | others))


async def test_the_last_try_to_each_address_counts(store: Store) -> None:
    rejected, sent = NotificationState.REJECTED, NotificationState.SENT
    await keep(
        store,
        told("a", 1, sent),
        told("b", 2, rejected, detail="invalid number"),
        told("c", 3, NotificationState.DROPPED),
        told("d", 4, NotificationState.PENDING, send_at=after(9)),
        told("e", 1, rejected, address="+82", detail="busy line"),
        told("f", 2, NotificationState.ENDED, address="+82", detail="so it was"),
        told("g", 2, NotificationState.PENDING, address="+83", is_stalled=True, send_at=after(9), detail="429"),
        told("h", 2, rejected, person="carol", address="+84"),
        told("i", 2, rejected, person=None),
    )
    async with store.reading() as tx:
        assert await tx.last_tries(["alice", "bob"], AT) == [
            LastTry("bob", "phone", "+81", after(2), True, "invalid number"),
            LastTry("bob", "phone", "+82", after(2), False, ""),
            LastTry("bob", "phone", "+83", after(2), True, "429"),
        ]
        assert await tx.last_tries(["bob"], after(3)) == []
        assert await tx.last_tries([], AT) == []


async def test_what_is_down_is_what_an_alarm_stands_for(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.raise_alarm("down:slack", '{"detail": "slack: token revoked"}', AT)
        await tx.raise_alarm("down:phone", '{"detail": "phone: 401"}', AT)
        await tx.raise_alarm("downhill", "{}", AT)
        await tx.clear_alarm("down:phone", after(1))
    async with store.reading() as tx:
        assert await tx.names_down() == {"slack": "token revoked"}


async def test_which_alerts_somebody_was_told_of(store: Store) -> None:
    sent, rejected = NotificationState.SENT, NotificationState.REJECTED
    await keep(
        store,
        told("1.0", 1, sent, alert_id=1),
        told("1.1", 2, NotificationState.ENDED, alert_id=1),
        told("2.0", 1, rejected, alert_id=2),
        told("3.0", 1, sent, alert_id=3, person="carol"),
        told("4.0", 1, NotificationState.PENDING, alert_id=4, send_at=after(9)),
        told("5.0", 1, sent, alert_id=5),
    )
    async with store.reading() as tx:
        assert await tx.alerts_told("bob", [1, 2, 3, 4]) == {1}
        assert await tx.alerts_told("carol", [1, 3]) == {3}
        assert await tx.alerts_told("bob", []) == set()
