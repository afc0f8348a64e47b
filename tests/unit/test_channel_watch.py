"""What is heard of a channel's calls, and when somebody is called for it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channel_watch import ChannelWatch
from bot.clock import ManualClock
from channels.base import Rejected, RetryLater, SendResult, Sent
from escalation.outage import Outage, Sign

START = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIMITED = RetryLater("429", timedelta(minutes=30), is_channel_wide=True)
DOWN = RetryLater("can't be reached", is_channel_wide=True)


@pytest.fixture
def watch() -> ChannelWatch:
    return ChannelWatch("slack", ManualClock(START))


def hear(watch: ChannelWatch, result: SendResult, span: timedelta = SECOND) -> None:
    assert isinstance(watch.clock, ManualClock)
    watch.clock.move_to(watch.clock.now() + span)
    with watch.asking() as heard:
        heard(result)


def test_what_is_no_failure_of_the_channel_is_never_an_outage(watch: ChannelWatch) -> None:
    for _ in range(20):
        hear(watch, Rejected("no such room"))
        hear(watch, RetryLater("greylisted"))
        hear(watch, RetryLater("429", timedelta(seconds=30), is_channel_wide=True))
        hear(watch, RetryLater("5 s more", timedelta(seconds=5), is_channel_wide=True))
    assert watch.judge() is None
    assert watch.state.record.tries == ()


def test_failures_over_ten_seconds_are_one_and_in_an_instant_are_none(watch: ChannelWatch) -> None:
    for _ in range(9):
        hear(watch, DOWN, timedelta(0))
    assert watch.judge() is None
    hear(watch, DOWN, 10 * SECOND)
    assert watch.judge() == Outage(watch.clock.now(), Sign.FAILING, "can't be reached")


def test_a_call_without_an_answer_is_known_by_the_oldest(watch: ChannelWatch) -> None:
    assert isinstance(watch.clock, ManualClock)
    with watch.asking():
        watch.clock.move_to(START + 29 * SECOND)
        with watch.asking() as heard:
            heard(Sent({}))
        assert watch.judge() is None
        assert watch.next_look == START + 30 * SECOND
        watch.clock.move_to(START + 30 * SECOND)
        found = watch.judge()
        assert found is not None
        assert found.sign is Sign.SILENT
    assert watch.next_look is None


def test_somebody_is_called_for_what_is_not_told_yet_and_for_nothing_else(watch: ChannelWatch) -> None:
    calls: list[datetime] = []
    watch.changed = lambda: calls.append(watch.clock.now())
    hear(watch, LIMITED)
    assert len(calls) == 1
    assert watch.is_troubled
    assert not watch.is_out, "not told yet"
    # What the store knows of it began a little later.
    watch.told = Outage(START + 2 * SECOND, Sign.PAUSED, "429")
    assert watch.is_out
    for _ in range(3):
        watch.judge()
        hear(watch, LIMITED)
    assert len(calls) == 1


def test_an_outage_that_the_store_knew_of_is_over_when_something_gets_through(watch: ChannelWatch) -> None:
    watch.restore(Outage(START, Sign.PAUSED, "429"))
    assert watch.is_out
    hear(watch, Sent({}))
    assert not watch.is_out
    assert watch.judge() is not None
    hear(watch, Sent({}), 60 * SECOND)
    assert watch.judge() is None
