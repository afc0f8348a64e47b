"""What happens next to an alert, and when."""

from datetime import datetime

from bot.language import N_, Words
from bot.wording.name import name_of, targets_of
from escalation.alert import Alert, AlertStatus
from escalation.approval import MOST_ASKED
from escalation.policy import Ladder
from escalation.roster import Roster


def next_step(alert: Alert, words: Words, roster: Roster, now: datetime | None = None) -> str:
    """ "step 2 of 3 at 02:15: phone → Alice". Empty if nothing comes by itself that somebody should know of.

    The day is left out if it is that of ``now``.
    """
    due_at = alert.due_at
    if due_at is None:
        return ""
    at = words.moment(due_at, now) if now else words.instant(due_at)
    if alert.status is AlertStatus.HELD:
        return _approval(alert, words, roster, at)
    if alert.status is not AlertStatus.TRIGGERED:
        return words.gettext("starts again at %(at)s unless it is resolved") % {"at": at} if _is_again(alert) else ""
    ladder = alert.active_ladder
    if ladder is None or alert.rung >= len(ladder.rungs):
        return _after_the_top(alert, words, roster, due_at, at)
    return _step(alert, ladder, words, roster, due_at, at)


def awaited(alert: Alert, ladder: int | None, step: int) -> str | None:
    """The schedule for which a step waits until somebody is on call; None if it waits for a time."""
    condition = None if ladder is None else alert.policy.ladders[ladder].steps[step].condition
    return condition.on_call or None if condition else None


def _approval(alert: Alert, words: Words, roster: Roster, at: str) -> str:
    values = {"who": words.listed([name_of(one, roster, words) for one in alert.approvers]) or "–", "at": at}
    if alert.asked < MOST_ASKED:
        return words.gettext("%(who)s may approve it; the question comes again at %(at)s") % values
    return words.gettext("%(who)s may approve it; else it is cancelled at %(at)s") % values


def round_of(alert: Alert, words: Words) -> str:
    """ "1 of 3": which round of its ladder this alert is in; empty if there is but one."""
    ladder = alert.active_ladder
    if ladder is None or not ladder.repeat or alert.status is not AlertStatus.TRIGGERED:
        return ""
    return words.gettext("%(n)d of %(all)d") % {"n": alert.loop, "all": ladder.repeat + 1}


def _is_again(alert: Alert) -> bool:
    return alert.snoozed_until is not None or (
        alert.policy.ack_timeout is not None and not alert.is_taken_by_reading and not alert.status.is_closed
    )


def _after_the_top(alert: Alert, words: Words, roster: Roster, due_at: datetime, at: str) -> str:
    ladder = alert.active_ladder
    if ladder is not None and alert.loop <= ladder.repeat:
        return words.gettext("once more from the start, from %(at)s") % {"at": at}
    resort = words.gettext("last resort at %(at)s") % {"at": at}
    told = [targets_of(one, roster, words, due_at) for one in alert.policy.last_resort]
    return f"{resort}: {words.listed(told)}" if told else resort


def _step(alert: Alert, ladder: Ladder, words: Words, roster: Roster, due_at: datetime, at: str) -> str:
    rung = ladder.rungs[alert.rung]
    values = {
        "step": rung.step + 1,
        "steps": len(ladder.steps),
        "at": at,
        "told": targets_of(ladder.steps[rung.step].action, roster, words, due_at),
    }
    if alert.waits_since(alert.rung) is not None:
        if (schedule := awaited(alert, alert.ladder, rung.step)) is not None:
            form = N_("step %(step)d of %(steps)d as soon as somebody is on call (%(schedule)s): %(told)s")
            return words.gettext(form) % (values | {"schedule": schedule})
        return words.gettext("step %(step)d of %(steps)d waits until %(at)s: %(told)s") % values
    if rung.attempt:
        return words.gettext("step %(step)d of %(steps)d once more at %(at)s: %(told)s") % values
    return words.gettext("step %(step)d of %(steps)d at %(at)s: %(told)s") % values
