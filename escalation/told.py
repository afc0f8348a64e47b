"""What an alert keeps of those whom its steps told, or missed."""

from dataclasses import replace
from datetime import datetime

from escalation.alert import Alert
from escalation.decided import Notified, RungFired, Skipped
from escalation.policy import MAIL
from escalation.redial import Called, with_calls
from escalation.target import UNREACHABLE, Reached


def tried_by(one: Notified | Reached | Skipped, channel: str) -> tuple[str, str]:
    """What ``Alert.tried`` keeps of somebody whom a step told over this channel, or missed."""
    return channel, f"?{one.person or one.target}" if isinstance(one, Skipped) else one.address


def tried(alert: Alert, event: RungFired) -> tuple[tuple[str, str], ...]:
    """Reminders by mail have bounds of their own, and may be to thousands."""
    ladder = alert.active_ladder
    if ladder is None or len(alert.policy.ladders) == 1:
        return ()
    channel = ladder.steps[event.step].action.channel
    told = [tried_by(one, one.channel) for one in event.notified if one.channel != MAIL]
    missed = [tried_by(one, channel) for one in event.skipped if one.reason in UNREACHABLE]
    return tuple(dict.fromkeys((*alert.tried, *told, *missed)))


def called(alert: Alert, event: RungFired) -> tuple[Called, ...]:
    """Kept only where a retry of the step will ask."""
    ladder = alert.active_ladder
    if event.is_else or ladder is None or ladder.steps[event.step].retry_on is None:
        return alert.called
    return with_calls(alert.called, (alert.ladder or 0, event.step), event.attempt, event.notified)


def reminded(alert: Alert, notified: tuple[Notified, ...], at: datetime) -> Alert:
    """Counts the reminders by mail of whom this told."""
    told = {one.address for one in notified if one.channel == MAIL}
    if not told:
        return alert
    return alert._replace(
        recipients=tuple(
            replace(one, reminders=one.reminders + 1, reminded_at=at) if one.address in told else one
            for one in alert.recipients
        )
    )
