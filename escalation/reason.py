"""Why something was decided, in plain sentences, from the events of the decision."""

from escalation.alert import Alert
from escalation.command import AlarmKind, Notify, Purpose, RaiseAlarm
from escalation.event import (
    Acknowledged,
    Cancelled,
    Event,
    FireReason,
    ReadReached,
    Resolved,
    RungFired,
    Snoozed,
)
from escalation.machine import Decision
from escalation.policy import Target, TargetKind

_FIRED = {
    FireReason.DUE: "{step} is due and {unread}",
    FireReason.UNREACHABLE: "{step} comes forward: what came before reached nobody",
    FireReason.ASKED_FOR: "{step} comes forward: a person asked for it",
    FireReason.PASSED_ON: "{step} comes forward: the call was passed on",
}

_ALARMS = {
    AlarmKind.EXHAUSTED: "the administrators are told that the ladder of policy {detail} has ended",
    AlarmKind.NOBODY_REACHED: "the administrators are told that nobody was reached: {detail}",
    AlarmKind.NO_LADDER: "the administrators are told that policy {detail} has no ladder for this time",
    AlarmKind.NO_CONTACT: "the administrators are told that there is no such contact: {detail}",
    AlarmKind.NOBODY_ON_CALL: "the administrators are told that nobody is on call: {detail}",
}


def of_notification(told: Notify, decision: Decision) -> str:
    """Why this notification left."""
    if told.purpose is Purpose.LAST_RESORT:
        return f"the last resort: {of_end(decision.alert)}"
    fired = next(event for event in decision.events if isinstance(event, RungFired) and _has(event, told.key))
    step = f"step {fired.step + 1}" + (f" (retry {fired.attempt})" if fired.attempt else "")
    words = _FIRED[fired.reason].format(step=step, unread=_unread(decision.alert))
    if fired.is_else:
        words = f"the else of {step}: its own targets can't be reached"
    return words + _holder(told)


def _has(fired: RungFired, key: str) -> bool:
    return any(one.key == key for one in fired.notified)


def _holder(told: Notify) -> str:
    is_on_call = Target.parse(told.target).kind is TargetKind.ONCALL
    return f"; {told.person} is on call" if is_on_call else ""


def _unread(alert: Alert) -> str:
    readers = sum(alert.has_read(one) for one in alert.recipients)
    return f"{readers} of {len(alert.recipients)} have read" if readers else "nobody has read"


def of_end(alert: Alert) -> str:
    """Why the ladder is exhausted."""
    return f"the ladder has ended and {_unread(alert)}"


def of_alarm(alarm: RaiseAlarm) -> str:
    """Why the administrators are told."""
    return _ALARMS.get(alarm.kind, "the administrators are told: {detail}").format(detail=alarm.detail)


def of_stop(decision: Decision) -> tuple[str | None, str]:
    """Who stopped the climb (None if time did it), and why it stopped."""
    return next(found for event in decision.events if (found := _stop(event, decision.alert)) is not None)


def _stop(event: Event, alert: Alert) -> tuple[str | None, str] | None:
    match event:
        case ReadReached(readers, kind):
            return readers[0] if len(readers) == 1 else None, f"{', '.join(readers)} read it ({kind})"
        case Acknowledged(by):
            return by, f"{by} acknowledged it"
        case Snoozed(by, until):
            return by, f"{by} snoozed it until {until.isoformat()}"
        case Resolved(by) | Cancelled(by):
            return by, f"{by or 'the timer'} closed it: {alert.status}"
    return None
