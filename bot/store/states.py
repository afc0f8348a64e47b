"""Large alerts as they were read or written last: decoding one with a thousand recipients takes milliseconds, and each
of its mails asks for it."""

from collections import OrderedDict

from escalation.alert import Alert

LARGE = 10_000
"""Bytes of a state; a smaller one is decoded sooner than it is kept."""


class States:
    """At most ``most`` of them, the latest used: while one is written the one before is still read. Lives as long as
    the store, beside every transaction. What is found is what those very bytes mean: nothing here can be out of date.
    """

    def __init__(self, most: int = 8) -> None:
        self.most = most
        self._known: OrderedDict[tuple[int, bytes], Alert] = OrderedDict()

    def get(self, id: int, state: bytes) -> Alert | None:
        """The alert with exactly this state, if it is remembered."""
        if len(state) < LARGE or (id, state) not in self._known:
            return None
        self._known.move_to_end((id, state))
        return self._known[id, state]

    def put(self, id: int, state: bytes, alert: Alert) -> None:
        """Remember an alert, if it is large."""
        if len(state) < LARGE:
            return
        self._known[id, state] = alert
        while len(self._known) > self.most:
            self._known.popitem(last=False)
