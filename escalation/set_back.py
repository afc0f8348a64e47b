"""A clock that is set back under an alert, as after a start with a wrong time: no wait becomes longer by it.

The rules:

1. What counts elapsed time is moved back with the clock: when the next rung, the end of a round, of an approval, of an
   acknowledgement or of a snooze is due, and what they are counted from. A snooze until a time of day ends too early
   rather than too late.
2. What is bound to the wall stays: the end of a window, a deadline and a step before it, a mail that leaves at a set
   time, and all that waits for it. A step that waits for its time looks at the clock at once.
3. What was seen of the recipients is moved, too, so that its order stays: who has read since an instant has read since
   then.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from escalation.alert import Alert, AlertStatus
from escalation.receipt import Evidence, Recipient


def moved(alert: Alert, by: timedelta, at: datetime) -> Alert:
    """The alert after its clock was set back ``by`` so much, to ``at``."""
    return alert._replace(
        due_at=_due_at(alert, by, at),
        snoozed_until=_back(alert.snoozed_until, by),
        began_at=_back(alert.began_at, by),
        read_since=_back(alert.read_since, by),
        waits=tuple((ladder, rung, since - by) for ladder, rung, since in alert.waits),
        recipients=tuple(_recipient(one, by) for one in alert.recipients),
    )


def _due_at(alert: Alert, by: timedelta, at: datetime) -> datetime | None:
    if alert.status is not AlertStatus.TRIGGERED or alert.due_at is None:
        return _back(alert.due_at, by)
    has_not_left = alert.starts_at is not None and alert.starts_at > at + by
    ladder = alert.active_ladder
    is_placed = ladder is not None and alert.rung < len(ladder.rungs) and ladder.due_at(alert.rung) is not None
    if has_not_left or is_placed:
        return alert.due_at
    is_waiting = alert.waits_since(alert.rung) is not None and alert.snoozed_until is None
    return at if is_waiting else alert.due_at - by


def _recipient(one: Recipient, by: timedelta) -> Recipient:
    if not one.evidence and one.reminded_at is None:
        return one
    return replace(
        one, evidence=tuple(_seen(item, by) for item in one.evidence), reminded_at=_back(one.reminded_at, by)
    )


def _seen(item: Evidence, by: timedelta) -> Evidence:
    return replace(item, at=_back(item.at, by), withdrawn_at=_back(item.withdrawn_at, by))


def _back(at: datetime | None, by: timedelta) -> datetime | None:
    return None if at is None else at - by
