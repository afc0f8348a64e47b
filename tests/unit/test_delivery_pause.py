"""The pauses of a channel."""

from datetime import timedelta

from bot.delivery import NO_PAUSE, Pause
from tests.fakes.policies import AT

MINUTE, NONE = timedelta(minutes=1), timedelta(0)


def test_a_pause_ends_by_itself() -> None:
    pause = Pause(AT, AT + MINUTE)
    assert [pause.left(AT + passed * MINUTE / 2) for passed in range(4)] == [MINUTE, MINUTE / 2, NONE, NONE]
    assert NO_PAUSE.left(AT) == NONE


def test_a_clock_that_is_set_back_prolongs_no_pause() -> None:
    """Else a channel that had failed for a second would be silent for as long as the clock was wrong."""
    pause = Pause(AT, AT + MINUTE)
    assert pause.left(AT - timedelta(hours=1)) == NONE
    assert pause.left(AT - timedelta(microseconds=1)) == NONE
