"""The verbs people use on an alert, vendor-free: Slack, Discord, the phone and the command line all call these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import confirm, swap
from bot.chatops.when import MORNING, read_when
from bot.chatops.whom import person_named
from bot.desk import Desk
from bot.language import N_, Words
from bot.refusal import BadArgumentError
from bot.store.record import AuditEntry, AuditOutcome, NotificationState
from bot.wording.name import name_of
from bot.wording.teller import Teller
from channels.message import OF_SWAP, Verb
from escalation.alert import Alert, AlertStatus
from escalation.command import Purpose
from escalation.decided import Event, ToldBeside
from escalation.event import (
    Acknowledged,
    Approved,
    CallBackAsked,
    Cancelled,
    EscalatedNow,
    Input,
    Noted,
    PassedOn,
    RemindedNow,
    Resolved,
    Snoozed,
)
from escalation.roster import Person

CALL_BACK_AFTER = timedelta(minutes=5)
LONGEST_SNOOZE = timedelta(days=7)
MOST_TEXT = 500
MOST_NOTE = 2_000

_TELLING = frozenset({Verb.ESCALATE, Verb.SNOOZE, Verb.PASS_ON, Verb.REMIND})
"""Verbs after which somebody is told, at once or later."""


@dataclass(frozen=True, slots=True)
class Order:
    """A verb on one alert, by somebody who was let in. ``argument``: a snooze's "15m", "until 9:00" or "morning"; a
    reason; a note; whom or which step (from 1) to escalate to; where somebody is to be called again. With the verbs
    ``OF_SWAP`` the number in ``alert_id`` is a swap's."""

    verb: Verb
    alert_id: int
    by: str
    via: str
    argument: str = ""


def snooze_until(argument: str, now: datetime, person: Person | None, zone: str, words: Words) -> datetime:
    """The instant that "15m", "2h", "1d", "until 9:00" or "morning" means. Raises BadArgumentError, worded."""
    when = read_when(argument)
    wall = (person.zone, person.morning) if person else (zone, MORNING)
    if when is None or not timedelta(0) < (until := when.at(now, *wall)) - now <= LONGEST_SNOOZE:
        raise BadArgumentError(
            words.gettext(
                "“%(text)s” is no time to snooze; write 15m, 2h, 1d, until 9:00 or until morning (7 days at most)."
            )
            % {"text": argument[:60]}
        )
    return until


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of an order, in words. ``is_refused``: nothing was changed, and it does not stand as it was asked."""

    text: str
    is_refused: bool = False


async def carry_out(desk: Desk, order: Order, zone: str, words: Words) -> str:
    """Do it, keep it in the audit trail, and say in the person's words what came of it. Raises BadArgumentError."""
    return (await carried_out(desk, order, zone, words)).text


async def carried_out(desk: Desk, order: Order, zone: str, words: Words) -> Carried:
    """The same, with whether it was refused."""
    if order.verb in OF_SWAP:
        text, outcome = await _answer_swap(desk, order, words), AuditOutcome.DONE
    elif order.verb is Verb.CONFIRM:
        text, outcome = await _confirm(desk, order, words), AuditOutcome.DONE
    else:
        text, outcome = await _do(desk, order, zone, words)
    await desk.tx.add_audit(_entry(desk, order, outcome))
    alert = None if outcome is AuditOutcome.DONE else (await desk.load([order.alert_id])).get(order.alert_id)
    return Carried(text, outcome is not AuditOutcome.DONE and not _stands_so(order, alert))


def _stands_so(order: Order, alert: Alert | None) -> bool:
    """Whether an order that changed nothing asked for what is so already."""
    if alert is None or order.verb is Verb.APPROVE:
        return False
    if alert.status.is_closed:
        return (order.verb, alert.status) in _CLOSED_SO
    return alert.status is not AlertStatus.HELD and not (order.verb is Verb.RECALL and not alert.sent_by)


_CLOSED_SO = frozenset({(Verb.RESOLVE, AlertStatus.RESOLVED), (Verb.RECALL, AlertStatus.CANCELLED)})


def _entry(desk: Desk, order: Order, outcome: AuditOutcome) -> AuditEntry:
    """The line of the audit trail. The number of a swap or a check is no alert's; a number to call is nobody's to read
    there."""
    argument = "" if order.verb is Verb.CALL_BACK else order.argument
    is_other = order.verb in OF_SWAP or order.verb is Verb.CONFIRM
    return AuditEntry(
        at=desk.now,
        who=order.by,
        via=order.via,
        verb=order.verb,
        outcome=outcome,
        alert_id=None if is_other else order.alert_id,
        argument=str(order.alert_id) if is_other else argument,
    )


async def _answer_swap(desk: Desk, order: Order, words: Words) -> str:
    """A button under the question of a swap: ``alert_id`` is its number."""
    act = swap.accept if order.verb is Verb.ACCEPT else swap.decline
    return await act(desk, order.alert_id, order.by, words)


async def _confirm(desk: Desk, order: Order, words: Words) -> str:
    """The button of a check of a contact: ``alert_id`` is the check's number."""
    return await confirm.press(desk, order.alert_id, order.by, order.via, words)


async def _do(desk: Desk, order: Order, zone: str, words: Words) -> tuple[str, AuditOutcome]:
    before = (await desk.load([order.alert_id])).get(order.alert_id)
    if before is None:
        return words.gettext("There is no alert #%(id)d.") % {"id": order.alert_id}, AuditOutcome.MISTAKEN
    if refused := await _refused(desk, order, before, words):
        return refused, AuditOutcome.NOTHING
    events = await desk.decided(order.alert_id, _event(desk, order, before, zone, words))
    after = (await desk.load([order.alert_id]))[order.alert_id]
    if not events and order.verb is Verb.CALL_BACK:
        raise BadArgumentError(words.gettext("You can't be called again about this any more."))
    if not events:
        return _nothing_to_do(order, after, words), AuditOutcome.NOTHING
    if order.verb is Verb.RECALL:
        return await _recalled(desk, after, words), AuditOutcome.DONE
    if told := [event for event in events if isinstance(event, ToldBeside)]:
        return _told(desk, after, told, words), AuditOutcome.DONE
    if order.verb is Verb.ACK and before.status is AlertStatus.ACKNOWLEDGED and not before.is_taken_by_reading:
        return _taken_too(desk, before, words), AuditOutcome.DONE
    return answer_when_done(order, after, words), AuditOutcome.DONE


def _taken_too(desk: Desk, before: Alert, words: Words) -> str:
    """For whoever takes it after somebody else: two who press at once must hear of each other."""
    names = words.listed([name_of(one, desk.rules.roster, words) for one in before.taken_by])
    return words.gettext("#%(id)d is yours too; %(names)s took it before you.") % {"id": before.id, "names": names}


async def _refused(desk: Desk, order: Order, alert: Alert, words: Words) -> str:
    """Why this can't be asked of this alert; "" if it can."""
    if order.verb is Verb.RECALL and not alert.sent_by:
        return words.gettext("#%(id)d came in; only a mail that was sent can be recalled.") % {"id": alert.id}
    if order.verb in _TELLING and alert.sent_by and await desk.tx.is_probe(alert.id):
        return words.gettext("#%(id)d is a test: it tells nobody, and ends by itself.") % {"id": alert.id}
    return _not_theirs(desk, order, alert, words) if order.verb is Verb.APPROVE else ""


_BARE: Mapping[Verb, Callable[[str, str], Input]] = {
    Verb.ACK: Acknowledged,
    Verb.PASS_ON: PassedOn,
    Verb.APPROVE: Approved,
    Verb.REMIND: RemindedNow,
}


def _event(desk: Desk, order: Order, alert: Alert, zone: str, words: Words) -> Input:
    if order.verb in _BARE:
        return _BARE[order.verb](order.by, order.via)
    match order.verb:
        case Verb.RESOLVE:
            return Resolved(order.by, order.via, _writable(order.argument, MOST_TEXT))
        case Verb.RECALL:
            return Cancelled(order.by, order.via, _writable(order.argument, MOST_TEXT))
        case Verb.ESCALATE:
            return _escalation(desk, order, alert, words)
        case Verb.CALL_BACK:
            return CallBackAsked(order.by, order.via, order.argument, desk.now + CALL_BACK_AFTER)
        case Verb.NOTE:
            return Noted(order.by, _note(order, words), order.via)
        case Verb.SNOOZE:
            person = desk.rules.roster.people.get(order.by)
            until = snooze_until(order.argument, desk.now, person, zone, words)
            return Snoozed(order.by, until, order.via)
    raise ValueError(f"{order.verb} is no verb on an alert")


def _writable(text: str, most: int) -> str:
    """What any database and any catalogue takes: cut, without half a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most].strip()


def _note(order: Order, words: Words) -> str:
    if not (text := _writable(order.argument, MOST_NOTE)):
        raise BadArgumentError(words.gettext("The note is empty."))
    return text


def _escalation(desk: Desk, order: Order, alert: Alert, words: Words) -> EscalatedNow:
    """The next step; or the step or person that was named. Raises BadArgumentError."""
    named = order.argument.strip()
    if not named:
        return EscalatedNow(order.by, order.via)
    if named.isascii() and named.isdecimal():
        return EscalatedNow(order.by, order.via, step=_step(int(named), desk, alert, words))
    person = person_named(desk.rules.roster, named, order.via)
    if not person.contacts:
        values = {"name": words.name(person.name)}
        raise BadArgumentError(words.gettext("%(name)s has no contact over which Kidoku could tell them.") % values)
    return EscalatedNow(order.by, order.via, to=person.id)


def _step(number: int, desk: Desk, alert: Alert, words: Words) -> int:
    policy = alert.policy
    index = alert.ladder if alert.ladder is not None else policy.ladder_at(desk.now)
    steps = sorted({rung.step for rung in policy.ladders[index].rungs}) if index is not None else []
    if number - 1 not in steps:
        values = {"n": number, "steps": len(steps)}
        raise BadArgumentError(words.gettext("There is no step %(n)d; the ladder has %(steps)d.") % values)
    return number - 1


def _told(desk: Desk, alert: Alert, told: Sequence[Event], words: Words) -> str:
    """Whom a person's wish told, and whom not."""
    teller = Teller(alert, desk.rules.roster, words)
    beside = [event for event in told if isinstance(event, ToldBeside)]
    notified = [one for event in beside for one in event.notified]
    missed = words.listed([teller.skipped(one) for event in beside for one in event.skipped])
    values = {"id": alert.id, "told": teller.places(notified), "missed": missed}
    if notified:
        first = words.gettext("#%(id)d: told at once: %(told)s.") % values
    else:
        first = words.gettext("#%(id)d: nobody could be told.") % values
    return words.sentences(first, words.gettext("Not told: %(missed)s.") % values if missed else "")


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


def _nothing_to_do(order: Order, alert: Alert, words: Words) -> str:
    if alert.status.is_closed:
        return words.gettext("#%(id)d is closed already; nothing was changed.") % {"id": alert.id}
    if alert.status is AlertStatus.HELD:
        return words.gettext("#%(id)d waits for approval; write approve or recall.") % {"id": alert.id}
    if order.verb is Verb.REMIND:
        return words.gettext("#%(id)d: everybody has read it; nobody was reminded.") % {"id": alert.id}
    return words.gettext("#%(id)d stands as you want it already; nothing was changed.") % {"id": alert.id}


_DONE = {
    Verb.RECALL: N_("#%(id)d is recalled: nobody gets the mail."),
    Verb.APPROVE: N_("#%(id)d is approved, and leaves."),
    Verb.ACK: N_("#%(id)d is yours. Nobody else is called."),
    Verb.RESOLVE: N_("#%(id)d is resolved."),
    Verb.ESCALATE: N_("#%(id)d: the next step goes out now."),
    Verb.NOTE: N_("#%(id)d: the note is kept."),
    Verb.REMIND: N_("#%(id)d: reminded."),
    Verb.PASS_ON: N_("#%(id)d is passed on; the next step goes out now."),
    Verb.CALL_BACK: N_("#%(id)d: you will be called again."),
    Verb.SNOOZE: N_("#%(id)d is silent until %(until)s."),
}


def answer_when_done(order: Order, alert: Alert, words: Words) -> str:
    """What whoever gave the order is told, once it is carried out."""
    until = words.instant(alert.snoozed_until) if alert.snoozed_until else ""
    values = {"id": alert.id, "until": until, "n": order.argument.strip()}
    form = _DONE[order.verb]
    if order.verb is Verb.ESCALATE and alert.status is AlertStatus.EXHAUSTED:
        form = N_("#%(id)d: no step is left. The last resort and the administrators are told.")
    elif order.verb is Verb.PASS_ON and alert.status is AlertStatus.EXHAUSTED:
        form = N_("#%(id)d is passed on, but nobody is left to call. The administrators are told.")
    elif order.verb is Verb.ESCALATE and order.argument:
        form = N_("#%(id)d: step %(n)s goes out now.")
    return words.gettext(form) % values
