"""How many requests one client may make: a token bucket an address, in bounded memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.web.network import is_loopback, network_of

MOST_ADDRESSES = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a second, and so many at once after a pause."""

    per_second: float
    at_once: int


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limiter:
    """``seconds`` is a clock that never jumps.

    Loopback is not limited: it is a proxy on this machine that hides its clients, and one bucket for all of them would
    let any of them lock the others out. An IPv6 client is its network, because it has more addresses than fit here.
    """

    def __init__(self, rate: Rate, seconds: Callable[[], float]) -> None:
        self._rate = rate
        self._seconds = seconds
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def admits(self, address: str) -> bool:
        """Whether this client may make one more request now."""
        if is_loopback(address):
            return True
        bucket = self._bucket(network_of(address) if ":" in address else address)
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def _bucket(self, client: str) -> _Bucket:
        now = self._seconds()
        bucket = self._buckets.setdefault(client, _Bucket(self._rate.at_once, now))
        bucket.left = min(self._rate.at_once, bucket.left + (now - bucket.at) * self._rate.per_second)
        bucket.at = now
        self._buckets.move_to_end(client)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket
