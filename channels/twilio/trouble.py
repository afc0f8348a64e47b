"""When an account can't be used: it refuses for a reason that somebody must mend, which counts at once, or does not
answer, or with errors of its own, or that it is crowded, for longer than it is given."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from channels.base import Now
from channels.twilio.fault import Fault, RefusedError, UnreachedError, fault_of

IN_A_MOMENT = timedelta(minutes=1)
"""A channel is not out of order while its first account fails, if the second is to step in within this time."""


class Trouble:
    """Of one account, which is given ``after``; ``codes`` go before those of calls. With one of ``crowded`` it refuses
    because too much goes by it, whoever it is for."""

    def __init__(
        self,
        after: timedelta,
        now: Now,
        codes: Mapping[int, Fault] | None = None,
        crowded: Collection[int] = (),
    ) -> None:
        self._after = after
        self._now = now
        self._codes = codes
        self._crowded = crowded
        self._since: datetime | None = None

    def answered(self) -> None:
        """It has answered a request as it should."""
        self._since = None

    @property
    def is_new(self) -> bool:
        """Whether it has failed, and not for long."""
        return self._since is not None and self._now() - self._since < IN_A_MOMENT

    def why_unusable(self, error: RefusedError | UnreachedError) -> str:
        """In words, why the account can't be used; "" if it still can."""
        fault = fault_of(error, self._codes) if isinstance(error, RefusedError) else None
        if fault is not None and fault.is_down:
            return fault.words
        if isinstance(error, RefusedError) and not self._may_pass(error, fault):
            self._since = None
            return ""
        self._since = self._since or self._now()
        words = error.reason if isinstance(error, UnreachedError) else fault.words if fault is not None else ""
        return words if self._now() - self._since >= self._after else ""

    def _may_pass(self, error: RefusedError, fault: Fault | None) -> bool:
        """Whether only time tells if the account works."""
        is_its_error = error.status >= 500 or (fault is not None and fault.maybe_sent)
        return is_its_error or error.code in self._crowded
