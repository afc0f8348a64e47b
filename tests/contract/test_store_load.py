"""What every store must know of how often people were told, without reading everything that ever left."""

from pathlib import Path

from bot.store.record import NotificationState
from bot.store.store import Store
from escalation.command import Purpose
from escalation.load import Page
from tests.fakes.plan import plan_of
from tests.fakes.policies import AT, after
from tests.fakes.stored import row

SENT = {"state": NotificationState.SENT, "send_at": None}
ROWS = [
    row("1.0", person="alice", channel="phone", sent_at=after(5), ref={"sid": "CA1", "key": "1.0"}, **SENT),
    row("1.1", person="alice", purpose=Purpose.LAST_RESORT, sent_at=AT, **SENT),
    row("1.2", person="bob", purpose=Purpose.ELSE, sent_at=after(9), **SENT),
    row("1.3", person="bob", purpose=Purpose.SENDER, sent_at=after(9), **SENT),
    row("1.4", person="bob", sent_at=after(10), **SENT),
    row("1.5", person="carol", sent_at=after(5), **SENT),
    row("1.6", person="alice"),
    row("1.7", sent_at=after(5), **SENT),
    row("x1.0", alert_id=None, person="alice", purpose=Purpose.ALARM, sent_at=after(5), **SENT),
]


async def test_the_pages_of_some_people_in_a_span(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_notifications(ROWS)
        assert await tx.pages(["alice", "bob"], AT, after(10)) == [
            Page("alice", "slack", AT),
            Page("alice", "phone", after(5), "CA1"),
            Page("bob", "slack", after(9)),
        ]
        assert await tx.pages([], AT, after(10)) == []


async def test_what_is_decided_on_and_has_not_left_is_known_too(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.add_notifications([*ROWS, row("2.0", person="bob", purpose=Purpose.SENDER)])
        assert await tx.pages_ahead(["alice", "bob"]) == [Page("alice", "slack", AT)]


async def test_they_are_found_by_the_index(tmp_path: Path) -> None:
    details = await plan_of(tmp_path, lambda tx: tx.pages(["alice", "bob"], AT, after(10)))
    assert any("ix_notification_person_sent_at" in one for one in details), details
    assert not any(one.startswith("SCAN") for one in details), details
