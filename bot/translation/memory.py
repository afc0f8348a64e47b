"""What was translated, for a while: in memory alone, bounded, and shorter than any retention."""

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.clock import Clock

MOST_KEPT = 1_000
Key = tuple[str, str]
"""A text and a language."""


class Memory:
    """The least recently used goes first where there are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Key, tuple[str, datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> str | None:
        """None for what is not known, or not any more."""
        found = self._kept.get(key)
        if found is None or found[1] <= self._clock.now():
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Key, text: str, span: timedelta) -> None:
        self._kept[key] = (text, self._clock.now() + span)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """Drop what has had its time."""
        now = self._clock.now()
        for key in [key for key, (_, until) in self._kept.items() if until <= now]:
            del self._kept[key]
