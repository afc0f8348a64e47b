"""Which alerts somebody wants to see."""

from dataclasses import dataclass
from datetime import datetime

from escalation.alert import Alert, AlertStatus

MOST_LISTED = 1000
"""Alerts that a list looks at, the newest."""

OPEN = frozenset({AlertStatus.HELD, AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED, AlertStatus.EXHAUSTED})

OVER = frozenset({AlertStatus.RESOLVED, AlertStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a list is to show. ``is_over``: only those that were resolved or recalled. ``person`` is whose: what
    they are to read, have taken, or sent. ``deadline``: only what is to be read by then."""

    everything: bool = False
    is_unread: bool = False
    person: str = ""
    since: datetime | None = None
    deadline: datetime | None = None
    limit: int = 50
    is_over: bool = False

    @property
    def statuses(self) -> frozenset[AlertStatus] | None:
        """None for any."""
        return OVER if self.is_over else None if self.everything else OPEN

    def takes(self, alert: Alert) -> bool:
        is_theirs = self.person in (alert.sent_by, *alert.taken_by, *(one.id for one in alert.recipients))
        return (
            (not self.is_unread or any(not alert.has_read(one) for one in alert.recipients))
            and (not self.person or is_theirs)
            and (self.since is None or alert.opened_at >= self.since)
            and (self.deadline is None or (alert.deadline is not None and alert.deadline <= self.deadline))
        )
