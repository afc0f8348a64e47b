"""What is known of one channel's calls and connection, and how ``escalation/outage.py`` judges it. In memory alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from bot.clock import Clock
from channels.base import Rejected, RetryLater, SendResult, Sent
from escalation import outage
from escalation.outage import Limits, Outage, State, Try
from escalation.phrase import Phrase

Heard = Callable[[SendResult], None]

SILENCE = Phrase("no answer from the provider")


class ChannelWatch:
    """Hears every call of a channel's provider, and its connection. ``told`` is the outage that the store knows of:
    only by that is anything done."""

    def __init__(self, name: str, clock: Clock, limits: Limits | None = None) -> None:
        self.name = name
        self.clock = clock
        self.limits = limits or Limits()
        self.state = State()
        self.told: Outage | None = None
        self.over: Outage | None = None
        """The outage that was told to be over last: what waited in it may be overtaken yet."""
        self.changed: Callable[[], None] = lambda: None
        """Called when something was heard by which an outage begins or ends that is not told yet."""
        self._asked: dict[int, datetime] = {}
        self._number = 0

    @contextmanager
    def asking(self) -> Iterator[Heard]:
        """Around one call of the provider; what is yielded is told its outcome."""
        self._number += 1
        number = self._number
        self._asked[number] = self.clock.now()
        self._know_the_oldest()
        try:
            yield self._heard
        finally:
            del self._asked[number]
            self._know_the_oldest()

    def _know_the_oldest(self) -> None:
        oldest = min(self._asked.values(), default=None)
        self.state = replace(self.state, record=replace(self.state.record, asked_at=oldest))

    def _heard(self, result: SendResult) -> None:
        one = _try_of(result, self.clock.now(), self.limits)
        if one is not None:
            self.state = outage.tried(self.state, one, self.limits)
            self._notice()

    def connected(self, is_up: bool, since: datetime, why: str) -> None:
        """Its connection came or went."""
        record = replace(
            self.state.record,
            down_since=None if is_up else since,
            down_why=why,
            up_since=since if is_up else None,
        )
        self.state = replace(self.state, record=record)
        self._notice()

    def judge(self) -> Outage | None:
        """The outage that there is now; None if there is none."""
        self.state = outage.judged(self.state, self.limits, self.clock.now())
        return self.state.outage

    def _notice(self) -> None:
        if (self.judge() is None) is not (self.told is None):
            self.changed()

    def restore(self, known: Outage) -> None:
        """An outage that the store knew of at the start: it is over when there is reason to think so."""
        self.told = known
        self.state = replace(self.state, outage=known)

    @property
    def is_out(self) -> bool:
        """Whether what waits for it should wait no longer."""
        return self.told is not None and self.is_troubled

    @property
    def is_troubled(self) -> bool:
        """The same, also before it is told."""
        if self.state.outage is None:
            return False
        return not outage.is_mending(self.state, self.limits, self.clock.now())

    @property
    def next_look(self) -> datetime | None:
        return outage.next_look(self.state, self.limits, self.clock.now())


def _try_of(result: SendResult, now: datetime, limits: Limits) -> Try | None:
    """None for what says nothing of the channel: one notification's own trouble, a wait that is the provider's ordinary
    pace, or the trouble of one way of several."""
    match result:
        case Sent():
            return Try(now, is_good=True)
        case RetryLater(reason, after, is_channel_wide):
            if not is_channel_wide or result.has_other_way or (after is not None and after < limits.pause):
                return None
            return Try(now, is_good=False, until=None if after is None else now + after, why=reason)
        case Rejected():
            return None
