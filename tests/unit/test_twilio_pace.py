"""The pace of an account."""

import pytest

from channels.twilio.pace import Pace


def test_turns_begin_apart_and_the_first_at_once() -> None:
    pace = Pace(4)
    assert [pace.take(now) for now in (100, 100, 100.1, 100.5)] == pytest.approx([0, 0.25, 0.4, 0.25])


def test_who_asks_after_a_pause_waits_for_nobody_and_no_turns_are_saved_up() -> None:
    pace = Pace(0.5)
    assert [pace.take(now) for now in (7, 1000, 1000)] == [0, 0, 2]
