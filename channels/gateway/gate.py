"""How much one client and one user may do."""

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from channels.base import Now

PER_CLIENT = 20
"""Connections of one client at once."""
MOST_FAILURES = 10
"""Failed logins of one client within ``LOCKED_FOR``; then its logins are not looked at for a while."""
LOCKED_FOR = timedelta(minutes=10)
MOST_CLIENTS = 10_000
"""Clients whose failed logins are remembered; those that failed longest ago are forgotten first."""


def client_of(peer: object) -> str:
    """Who is at the other end: an address, or the /64 of an IPv6 address, which is one customer's (RFC 6177)."""
    host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.exploded[:19]
    return str(address)


class Gate:
    """Counts connections, failed logins and mails."""

    def __init__(self, now: Now, most_connections: int, per_minute: int) -> None:
        self._now = now
        self._most_connections = most_connections
        self._per_minute = per_minute
        self._open: dict[Hashable, str] = {}
        self._clients: Counter[str] = Counter()
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._mails: dict[str, deque[datetime]] = {}

    def enter(self, connection: Hashable, client: str) -> bool:
        """Whether one more connection is let in. It counts until ``leave``, whatever the answer."""
        self._open[connection] = client
        self._clients[client] += 1
        return len(self._open) <= self._most_connections and self._clients[client] <= PER_CLIENT

    def leave(self, connection: Hashable) -> None:
        client = self._open.pop(connection, None)
        if client is not None:
            self._clients[client] -= 1
            self._clients += Counter()

    def is_locked(self, client: str) -> bool:
        """Whether this client has failed too often."""
        failures = self._failures.get(client)
        if failures is None:
            return False
        _forget(failures, self._now() - LOCKED_FOR)
        return len(failures) >= MOST_FAILURES

    def failed(self, client: str) -> None:
        """One more failed login."""
        self._failures.setdefault(client, deque(maxlen=MOST_FAILURES)).append(self._now())
        self._failures.move_to_end(client)
        while len(self._failures) > MOST_CLIENTS:
            self._failures.popitem(last=False)

    def takes(self, user: str) -> bool:
        """Whether this user may hand in one more mail now; if so, it counts."""
        mails = self._mails.setdefault(user, deque())
        _forget(mails, self._now() - timedelta(minutes=1))
        if len(mails) >= self._per_minute:
            return False
        mails.append(self._now())
        return True


def _forget(instants: deque[datetime], before: datetime) -> None:
    while instants and instants[0] <= before:
        instants.popleft()
