"""What stands against a swap; ``tests/property/test_handoff_property.py`` shows what an accepted one does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from escalation.schedule import Leave, taking_turns
from escalation.swap import Stretch, Swap, why_not

MONDAY, HOUR = datetime(2026, 5, 4, tzinfo=UTC), timedelta(hours=1)


LEAVE = Leave("bob", MONDAY, MONDAY + 30 * HOUR)


@pytest.mark.parametrize(("entered", "imported"), [((LEAVE,), ()), ((), (LEAVE,))], ids=["entered", "of a calendar"])
def test_nobody_takes_a_shift_during_their_leave(entered: tuple[Leave, ...], imported: tuple[Leave, ...]) -> None:
    schedule = taking_turns("noc", ("alice", "bob"), "UTC", MONDAY.date(), days=7)
    mine = Stretch(MONDAY + 10 * HOUR, MONDAY + 20 * HOUR)
    swap = Swap(schedule="noc", asker="alice", other="bob", mine=mine, at=MONDAY, ends_at=mine.start)
    assert why_not(schedule, swap, MONDAY) is None
    assert str(why_not(replace(schedule, leaves=entered, away=imported), swap, MONDAY)) == "bob is on leave then"
