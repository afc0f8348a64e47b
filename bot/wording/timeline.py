"""An alert's events as the lines of a thread: what people care about, a line each, short.

A thread shows what was added since it was last brought up to date: so no line may change or go once it was there.
Each depends on its event alone, and on those before it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from bot.language import N_, Words
from bot.wording.name import plain, short_sender_of
from bot.wording.reason import failure_words
from bot.wording.receipt import receipt_word
from bot.wording.teller import Listed, Teller
from bot.wording.upcoming import awaited
from escalation.alert import Alert
from escalation.decided import (
    ApprovalAsked,
    CallBackPromised,
    ClimbReason,
    ClimbStarted,
    Event,
    Exhausted,
    LadderChanged,
    LoopEnded,
    NotApproved,
    ReadReached,
    RungFired,
    SkipReason,
    StepWaits,
    TakenForward,
    ToldBeside,
)
from escalation.event import (
    Acknowledged,
    Approved,
    Cancelled,
    ClockSetBack,
    DeliveryReported,
    EscalatedNow,
    MailJoined,
    Noted,
    Opened,
    Outcome,
    PassedOn,
    ReceiptReported,
    ReceiptWithdrawn,
    RecipientAdded,
    RemindedNow,
    Resolved,
    SenderCalled,
    Snoozed,
)
from escalation.reason import is_let_be
from escalation.receipt import ReceiptKind
from escalation.roster import Roster

_QUIET = frozenset({ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED, ReceiptKind.OPENED_BY_MACHINE})
"""Receipts that say nothing about a person."""

_DETAILED = frozenset({ReceiptKind.FAILED, ReceiptKind.DELAYED})
"""Receipts of which the mail server's own words are worth reading."""

_CLIMBS = {
    ClimbReason.ACK_TIMEOUT: N_("Taken, but not resolved in time: the ladder begins again."),
    ClimbReason.MARKED_UNREAD: N_("Marked as unread again: the ladder begins again."),
    ClimbReason.MAIL_JOINED: N_("A later mail is unread: the ladder begins again."),
    ClimbReason.RECIPIENT_ADDED: N_("One more recipient has not read: the ladder begins again."),
    ClimbReason.SNOOZE_ENDED: N_("The snooze is over: the ladder begins again."),
    ClimbReason.ASKED_FOR: N_("The climb goes on, because somebody asked for it."),
}


def timeline_of(alert: Alert, events: Listed, roster: Roster, words: Words) -> tuple[str, ...]:
    """The lines by now, oldest first: "02:05 Step 1: Slack → #ops". Days other than the first one are named."""
    teller = Teller(alert, roster, words)
    lines = ((line_of(teller, event), at) for event, at in events)
    return tuple(f"{words.moment(at, alert.opened_at)} {line}" for line, at in lines if line)


def line_of(teller: Teller, event: Event) -> str:
    """The line of the event that the teller has come to; empty if nobody cares."""
    teller.note(event)
    tell = _LINES.get(type(event))
    return tell(teller, event) if tell else ""


def _opened(teller: Teller, event: Opened) -> str:
    sender = short_sender_of(event.mail, teller.words)
    if event.sent_by:
        return teller.said(N_("%(who)s sends an urgent mail."), who=teller.name(event.sent_by))
    if event.is_exercise:
        values = {"who": teller.name(event.opened_by), "policy": event.policy.name}
        return teller.said(N_("%(who)s began an exercise of policy %(policy)s."), **values)
    if event.is_junk:
        return teller.said(N_("An urgent mail from %(sender)s came, and was filed as junk."), sender=sender)
    return teller.said(N_("An urgent mail from %(sender)s came."), sender=sender)


def _recipient_added(teller: Teller, event: RecipientAdded) -> str:
    return teller.said(N_("The same mail is for %(who)s too."), who=teller.recipient(event.recipient.id))


def _mail_joined(teller: Teller, event: MailJoined) -> str:
    return teller.said(N_("A later mail of the thread came: %(subject)s"), subject=plain(event.mail.subject))


def _receipt_reported(teller: Teller, event: ReceiptReported) -> str:
    if event.kind in _QUIET:
        return ""
    who = teller.recipient(event.recipient)
    if event.by and event.by != event.recipient:
        who = f"{who}: {teller.name(event.by)}"
    said = teller.said(N_("%(who)s: %(how)s."), who=who, how=receipt_word(event.kind, teller.words, event.via))
    why = failure_words(event.detail, event.via, teller.words) if event.kind in _DETAILED else ""
    return f"{said} {why}".rstrip()


def _receipt_withdrawn(teller: Teller, event: ReceiptWithdrawn) -> str:
    if event.kind in _QUIET:
        return ""
    how = receipt_word(event.kind, teller.words)
    return teller.said(N_("%(who)s: no longer %(how)s."), who=teller.recipient(event.recipient), how=how)


def _acknowledged(teller: Teller, event: Acknowledged) -> str:
    if not event.via:
        return teller.said(N_("%(who)s took it. Everything stops."), who=teller.name(event.by))
    where = teller.channel(event.via)
    return teller.said(N_("%(who)s took it (%(where)s). Everything stops."), who=teller.name(event.by), where=where)


def _passed_on(teller: Teller, event: PassedOn) -> str:
    form = N_("%(who)s was reached and passed it on.")
    if teller.is_exhausted:
        form = N_("%(who)s was reached and passed it on. Nobody was left to call: the administrators are told.")
    return teller.said(form, who=teller.name(event.by))


def _call_back_promised(teller: Teller, event: CallBackPromised) -> str:
    at = teller.words.moment(event.due_at, teller.alert.opened_at)
    return teller.said(N_("%(who)s was reached and will be called again at %(at)s."), who=teller.name(event.by), at=at)


def _escalated(teller: Teller, event: EscalatedNow) -> str:
    who = teller.name(event.by)
    if event.to:
        return teller.said(N_("%(who)s asked for %(person)s."), who=who, person=teller.name(event.to))
    if event.step is not None:
        return teller.said(N_("%(who)s asked for step %(step)d."), who=who, step=event.step + 1)
    return teller.said(N_("%(who)s asked for the next step."), who=who)


def _reminded(teller: Teller, event: RemindedNow) -> str:
    return teller.said(N_("%(who)s reminded whoever has not read it."), who=teller.name(event.by))


def _noted(teller: Teller, event: Noted) -> str:
    return teller.said(N_("Note by %(who)s: %(text)s"), who=teller.name(event.by), text=plain(event.text))


_SENDER_CALLS = {
    Outcome.ENDED: N_("Call to the sender, %(name)s: answered, by a person or a machine. It lasted %(length)s."),
    Outcome.HUNG_UP: N_("Call to the sender, %(name)s: they hung up before they were connected."),
    Outcome.BUSY: N_("Call to the sender, %(name)s: busy."),
    Outcome.NO_ANSWER: N_("Call to the sender, %(name)s: no answer."),
    Outcome.REJECTED: N_("Call to the sender, %(name)s: it could not be made."),
}


def _sender_called(teller: Teller, event: SenderCalled) -> str:
    """Whoever answers there answers for nothing: it is never said that a person did."""
    if (form := _SENDER_CALLS.get(event.outcome)) is None:
        return teller.said(
            N_("%(who)s calls the sender, %(name)s."), who=teller.name(event.by), name=teller.name(event.to)
        )
    length = teller.words.duration(timedelta(seconds=event.seconds))
    return teller.said(form, name=teller.name(event.to), length=length)


def _clock_set_back(teller: Teller, event: ClockSetBack) -> str:
    by = teller.words.duration(event.by)
    return teller.said(N_("The clock of Kidoku's machine was set back by %(by)s. No step comes later by that."), by=by)


def _told_beside(teller: Teller, event: ToldBeside) -> str:
    missed = teller.words.listed([teller.skipped(one) for one in event.skipped])
    if not event.notified:
        return teller.said(N_("Told nobody: %(missed)s"), missed=missed or "–")
    told = teller.said(N_("Told at once: %(told)s"), told=teller.places(event.notified))
    return teller.words.sentences(told, teller.said(N_("Not told: %(who)s."), who=missed)) if missed else told


def _snoozed(teller: Teller, event: Snoozed) -> str:
    until = teller.words.moment(event.until, teller.alert.opened_at)
    return teller.said(N_("%(who)s asked for silence until %(until)s."), who=teller.name(event.by), until=until)


def _resolved(teller: Teller, event: Resolved) -> str:
    if event.by is None:
        return teller.words.gettext("Resolved by itself after some time.")
    if why := plain(event.why):
        return teller.said(N_("%(who)s resolved it: %(why)s"), who=teller.name(event.by), why=why)
    return teller.said(N_("%(who)s resolved it."), who=teller.name(event.by))


def _cancelled(teller: Teller, event: Cancelled) -> str:
    if why := plain(event.why):
        return teller.said(N_("%(who)s cancelled it: %(why)s"), who=teller.name(event.by), why=why)
    return teller.said(N_("%(who)s cancelled it."), who=teller.name(event.by))


def _approval_asked(teller: Teller, event: ApprovalAsked) -> str:
    asked = [one for one in event.notified if one.person in teller.alert.approvers]
    if not asked:
        return teller.words.gettext("Somebody else must approve it, and NOBODY who may could be asked.")
    return teller.said(N_("Somebody else must approve it. Asked: %(told)s"), told=teller.places(asked))


def _approved(teller: Teller, event: Approved) -> str:
    return teller.said(N_("%(who)s approved it."), who=teller.name(event.by))


def _not_approved(teller: Teller, event: NotApproved) -> str:
    return teller.words.gettext("Nobody approved it in time: it does not leave.")


def _delivered(teller: Teller, event: DeliveryReported) -> str:
    return teller.outcome(event.key, event.outcome, event.detail)


def _climb_started(teller: Teller, event: ClimbStarted) -> str:
    form = _CLIMBS.get(event.reason)
    return teller.words.gettext(form) if form else ""


def _ladder_changed(teller: Teller, event: LadderChanged) -> str:
    if event.ladder is None or event.is_gap:
        return ""
    window = teller.alert.policy.ladders[event.ladder].window.name
    return teller.said(N_("From here on the ladder for “%(window)s” holds."), window=window)


def _step_waits(teller: Teller, event: StepWaits) -> str:
    """Once, although who waits for somebody on call looks again and again."""
    place = (event.loop, teller.ladder, event.step)
    if place in teller.waiting:
        return ""
    teller.waiting.add(place)
    values = {"step": event.step + 1, "until": teller.words.moment(event.until, teller.alert.opened_at)}
    if (schedule := awaited(teller.alert, teller.ladder, event.step)) is not None:
        return teller.said(
            N_("Step %(step)d waits until somebody is on call: %(schedule)s."), **values, schedule=schedule
        )
    return teller.said(N_("Step %(step)d waits until %(until)s."), **values)


def is_idle(event: RungFired) -> bool:
    """Whether it was only the time of somebody else's next way."""
    return not event.notified and {one.reason for one in event.skipped} == {SkipReason.NO_NEW_WAY}


def _rung_fired(teller: Teller, event: RungFired) -> str:
    step = event.step + 1
    if is_idle(event):
        return ""
    if is_let_be(event):
        missed = teller.words.listed([teller.skipped(one) for one in event.skipped])
        return teller.said(N_("Step %(step)d did not try again: %(missed)s"), step=step, missed=missed)
    if not event.notified:
        missed = teller.words.listed([teller.skipped(one) for one in event.skipped])
        return teller.said(N_("Step %(step)d told nobody: %(missed)s"), step=step, missed=missed or "–")
    told = teller.places(event.notified)
    if event.is_else:
        return teller.said(N_("Step %(step)d, its fallback: %(told)s"), step=step, told=told)
    if event.attempt:
        return teller.said(N_("Step %(step)d once more: %(told)s"), step=step, told=told)
    return teller.said(N_("Step %(step)d: %(told)s"), step=step, told=told)


def _taken_forward(teller: Teller, event: TakenForward) -> str:
    values = {"who": teller.recipient(event.recipient), "how": receipt_word(event.kind, teller.words)}
    if not event.notified:
        return teller.said(N_("%(who)s can't be reached by mail (%(how)s), nor otherwise."), **values)
    told = teller.places(event.notified)
    return teller.said(N_("%(who)s can't be reached by mail (%(how)s). Told at once: %(told)s"), **values, told=told)


def _loop_ended(teller: Teller, event: LoopEnded) -> str:
    return teller.said(N_("Round %(loop)d of the ladder ended and nobody came."), loop=event.loop)


def _read_reached(teller: Teller, event: ReadReached) -> str:
    return teller.said(N_("Read by %(names)s: that is enough. Everything stops."), names=teller.names(event.readers))


def _exhausted(teller: Teller, event: Exhausted) -> str:
    if not event.notified:
        return teller.words.gettext("The ladder ended and NOBODY came. The last resort told nobody.")
    told = teller.places(event.notified)
    return teller.said(N_("The ladder ended and NOBODY came. The last resort: %(told)s"), told=told)


_LINES: Mapping[type, Callable[[Teller, Any], str]] = MappingProxyType(
    {
        Opened: _opened,
        RecipientAdded: _recipient_added,
        MailJoined: _mail_joined,
        ReceiptReported: _receipt_reported,
        ReceiptWithdrawn: _receipt_withdrawn,
        Acknowledged: _acknowledged,
        PassedOn: _passed_on,
        CallBackPromised: _call_back_promised,
        EscalatedNow: _escalated,
        RemindedNow: _reminded,
        Noted: _noted,
        SenderCalled: _sender_called,
        Snoozed: _snoozed,
        Resolved: _resolved,
        ApprovalAsked: _approval_asked,
        Approved: _approved,
        NotApproved: _not_approved,
        Cancelled: _cancelled,
        ClockSetBack: _clock_set_back,
        DeliveryReported: _delivered,
        ClimbStarted: _climb_started,
        LadderChanged: _ladder_changed,
        StepWaits: _step_waits,
        RungFired: _rung_fired,
        TakenForward: _taken_forward,
        ToldBeside: _told_beside,
        LoopEnded: _loop_ended,
        ReadReached: _read_reached,
        Exhausted: _exhausted,
    }
)
