"""Not more calls a second than the account may start."""

import asyncio

MOST_AT_ONCE = 8
"""Requests under way at once: an answer takes Twilio a part of a second, and the rate may be reached all the same."""


def at_once(per_second: float) -> int:
    """How many requests may be under way at once. Never more than start within a second: what was taken up keeps its
    turn before what is more urgent and came later."""
    return min(MOST_AT_ONCE, max(1, int(per_second)))


class Pace:
    """Turns begin at least 1/``per_second`` s after one another, in the order in which they were asked for.

    On the way to Twilio two requests may come closer to each other; it queues what comes too soon
    (https://support.twilio.com/hc/en-us/articles/223180028).
    """

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._free_at = 0.0

    async def turn(self) -> None:
        """Wait for the next turn. One that is cancelled meanwhile is not given to another."""
        await asyncio.sleep(self.take(asyncio.get_running_loop().time()))

    def take(self, now: float) -> float:
        """Take the next turn, at ``now`` of a monotonic clock in seconds; returns the seconds until it begins."""
        begins_at = max(now, self._free_at)
        self._free_at = begins_at + self._interval
        return begins_at - now
