"""The verbs people use on an alert, vendor-free: Slack, Discord, the phone and the command line all call these."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import swap
from bot.desk import Desk
from bot.duty import BadDutyError
from bot.language import N_, Words
from bot.store.record import NotificationState
from bot.wording.name import name_of
from channels.base import OF_SWAP, Verb
from escalation.alert import Alert, AlertStatus
from escalation.calendar import next_morning
from escalation.command import Purpose
from escalation.event import (
    Acknowledged,
    Approved,
    CallBackAsked,
    Cancelled,
    EscalatedNow,
    Input,
    PassedOn,
    Resolved,
    Snoozed,
)
from escalation.roster import Person

CALL_BACK_AFTER = timedelta(minutes=5)
LONGEST_SNOOZE = timedelta(days=7)
_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?")

_TELLING = frozenset({Verb.ESCALATE, Verb.SNOOZE, Verb.PASS_ON})
"""Verbs after which somebody is told, at once or later."""


@dataclass(frozen=True, slots=True)
class Order:
    """A verb on one alert, by somebody who was let in. ``argument``: a snooze's "15m", "1h30m" or "morning";
    where somebody is to be called again."""

    verb: Verb
    alert_id: int
    by: str
    via: str
    argument: str = ""


class BadArgumentError(ValueError):
    """What was typed can't be understood; the message says what to type instead."""


def snooze_until(argument: str, now: datetime, person: Person | None, zone: str, words: Words) -> datetime:
    """The instant that "15m", "2h", "1d" or "morning" means. Raises BadArgumentError, worded."""
    if argument in ("morning", "until morning"):
        return next_morning(now, person.zone, person.morning) if person else next_morning(now, zone)
    match = _DURATION.fullmatch(argument.strip())
    days, hours, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if not timedelta(0) < span <= LONGEST_SNOOZE:
        raise BadArgumentError(
            words.gettext("“%(text)s” is no time to snooze; write 15m, 2h, 1d or morning (7 days at most).")
            % {"text": argument}
        )
    return now + span


async def carry_out(desk: Desk, order: Order, zone: str, words: Words) -> str:
    """Do it, and say in the person's words what came of it. Raises BadArgumentError."""
    if order.verb in OF_SWAP:
        return await _answer_swap(desk, order, words)
    before = (await desk.load([order.alert_id])).get(order.alert_id)
    if before is None:
        return words.gettext("There is no alert #%(id)d.") % {"id": order.alert_id}
    if order.verb is Verb.RECALL and not before.sent_by:
        return words.gettext("#%(id)d came in; only a mail that was sent can be recalled.") % {"id": order.alert_id}
    if order.verb in _TELLING and before.sent_by and await desk.tx.is_probe(order.alert_id):
        return words.gettext("#%(id)d is a test: it tells nobody, and ends by itself.") % {"id": order.alert_id}
    if order.verb is Verb.APPROVE and (refused := _not_theirs(desk, order, before, words)):
        return refused
    event = _event(desk, order, zone, words)
    is_changed = await desk.feed(order.alert_id, event)
    after = (await desk.load([order.alert_id]))[order.alert_id]
    if not is_changed and order.verb is Verb.CALL_BACK:
        raise BadArgumentError(words.gettext("You can't be called again about this any more."))
    if not is_changed:
        return _nothing_to_do(after, words)
    if order.verb is Verb.RECALL:
        return await _recalled(desk, after, words)
    return _done(order, after, words)


async def _answer_swap(desk: Desk, order: Order, words: Words) -> str:
    """A button under the question of a swap: ``alert_id`` is its number."""
    act = swap.accept if order.verb is Verb.ACCEPT else swap.decline
    try:
        return await act(desk, order.alert_id, order.by, words)
    except BadDutyError as error:
        raise BadArgumentError(words.said(error.args[0])) from error


def _event(desk: Desk, order: Order, zone: str, words: Words) -> Input:
    match order.verb:
        case Verb.ACK:
            return Acknowledged(order.by, order.via)
        case Verb.RESOLVE:
            return Resolved(order.by, order.via, order.argument[:500])
        case Verb.ESCALATE:
            return EscalatedNow(order.by, order.via)
        case Verb.PASS_ON:
            return PassedOn(order.by, order.via)
        case Verb.CALL_BACK:
            return CallBackAsked(order.by, order.via, order.argument, desk.now + CALL_BACK_AFTER)
        case Verb.APPROVE:
            return Approved(order.by, order.via)
        case Verb.RECALL:
            return Cancelled(order.by, order.via, order.argument[:500])
        case Verb.SNOOZE:
            person = desk.rules.roster.people.get(order.by)
            until = snooze_until(order.argument, desk.now, person, zone, words)
            return Snoozed(order.by, until, order.via)
        case Verb.ACCEPT | Verb.DECLINE:
            raise ValueError(f"{order.verb} is no verb on an alert")


def _not_theirs(desk: Desk, order: Order, alert: Alert, words: Words) -> str:
    """Why this person can't approve it; "" if they can."""
    values = {"id": alert.id, "who": words.listed([name_of(one, desk.rules.roster, words) for one in alert.approvers])}
    if alert.status is not AlertStatus.HELD:
        return words.gettext("#%(id)d waits for nobody's approval.") % values
    if order.by == alert.sent_by:
        return words.gettext("You sent #%(id)d yourself; it can be approved by %(who)s.") % values
    if order.by not in alert.approvers:
        return words.gettext("#%(id)d can be approved by %(who)s only.") % values
    return ""


async def _recalled(desk: Desk, alert: Alert, words: Words) -> str:
    """What a recall could still do: what has left, has left."""
    rows = await desk.tx.notifications_of(alert.id)
    left = sum(row.purpose == Purpose.MAIL and row.state is not NotificationState.PENDING for row in rows)
    values = {"id": alert.id, "n": left, "all": len(alert.recipients)}
    if not left:
        return words.gettext("#%(id)d is recalled: nobody gets the mail.") % values
    return words.gettext("#%(id)d is cancelled, but the mail had left to %(n)d of %(all)d already.") % values


def _nothing_to_do(alert: Alert, words: Words) -> str:
    if alert.status.is_closed:
        return words.gettext("#%(id)d is closed already; nothing was changed.") % {"id": alert.id}
    if alert.status is AlertStatus.HELD:
        return words.gettext("#%(id)d waits for approval; write approve or recall.") % {"id": alert.id}
    return words.gettext("#%(id)d stands as you want it already; nothing was changed.") % {"id": alert.id}


_DONE = {
    Verb.RECALL: N_("#%(id)d is recalled: nobody gets the mail."),
    Verb.APPROVE: N_("#%(id)d is approved, and leaves."),
    Verb.ACK: N_("#%(id)d is yours. Nobody else is called."),
    Verb.RESOLVE: N_("#%(id)d is resolved."),
    Verb.ESCALATE: N_("#%(id)d: the next step goes out now."),
    Verb.PASS_ON: N_("#%(id)d is passed on; the next step goes out now."),
    Verb.CALL_BACK: N_("#%(id)d: you will be called again."),
    Verb.SNOOZE: N_("#%(id)d is silent until %(until)s."),
}


def _done(order: Order, alert: Alert, words: Words) -> str:
    until = words.instant(alert.snoozed_until) if alert.snoozed_until else ""
    if order.verb is Verb.ESCALATE and alert.status is AlertStatus.EXHAUSTED:
        form = N_("#%(id)d: no step is left. The last resort and the administrators are told.")
        return words.gettext(form) % {"id": alert.id}
    return words.gettext(_DONE[order.verb]) % {"id": alert.id, "until": until}
