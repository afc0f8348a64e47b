"""The clock. The only place that reads the system's; everybody else is handed an instant or one of these."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells virtual time, and how long a virtual wait takes on the wall."""

    def now(self) -> datetime:
        """The instant, aware UTC."""
        ...

    def real(self, span: timedelta) -> timedelta:
        """How long ``span`` takes in real time: what a timer must wait."""
        ...


class SystemClock:
    """Production's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def real(self, span: timedelta) -> timedelta:
        return span


class FastClock:
    """The demo's clock: starts now and runs ``speed`` times faster, on the monotonic clock."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._start = datetime.now(UTC)
        self._from = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._from) * self.speed)

    def real(self, span: timedelta) -> timedelta:
        return span / self.speed


class ManualClock:
    """A clock that stands still until it is moved: the tests' and the simulation's."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def real(self, span: timedelta) -> timedelta:
        return span

    def set_back(self, by: timedelta) -> None:
        """Show an earlier time, as when somebody corrects a clock."""
        self._at -= by

    def move_to(self, at: datetime) -> None:
        """Go forward to ``at``. Raises ValueError for a step backward."""
        if at < self._at:
            raise ValueError(f"the clock stands at {self._at} and can't go back to {at}")
        self._at = at


def wall() -> datetime:
    """The system's time, for a scheduler that waits in real time."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds on the clock that never jumps, to see when the other one did."""
    return time.monotonic()
