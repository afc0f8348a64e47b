"""What leaves first where a lane has a queue."""

import pytest

from bot.desk import due_at_once, priority_of
from escalation.command import Purpose
from escalation.target import Reached
from tests.fakes.policies import AT

PAGES = (Purpose.STEP, Purpose.ELSE, Purpose.LAST_RESORT, Purpose.ASKED, Purpose.MAIL, Purpose.APPROVAL, Purpose.SENDER)


@pytest.mark.parametrize("severity", ["critical", "error", "warning"])
@pytest.mark.parametrize("kind", [Purpose.CHECK, Purpose.DUTY, Purpose.RELAY])
def test_every_page_leaves_before_what_can_wait(severity: str, kind: Purpose) -> None:
    """The weekly test of sixty phones takes a minute of the one line that a page has."""
    other = due_at_once("key", Reached("phone", "+81312345678", "alice", "alice"), kind, AT)
    assert all(priority_of(one, severity) < other.priority for one in PAGES)


def test_the_last_resort_of_something_critical_leaves_before_all_else() -> None:
    every = [priority_of(kind, severity) for kind in Purpose for severity in ("critical", "error", "warning", "info")]
    assert priority_of(Purpose.LAST_RESORT, "critical") == min(every)
