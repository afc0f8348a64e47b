"""Why something was decided, in plain sentences, from the events of the decision."""

from collections.abc import Iterable, Iterator

from escalation.alert import Alert
from escalation.command import AlarmKind, Notify, Purpose, RaiseAlarm
from escalation.decided import Event, FireReason, LadderChanged, ReadReached, RungFired, SkipReason, StepWaits
from escalation.event import Acknowledged, Cancelled, Resolved, Snoozed
from escalation.fairness import Choice
from escalation.machine import Decision
from escalation.phrase import N_, Phrase
from escalation.policy import Target, TargetKind

_FIRED = {
    FireReason.DUE: N_("%(step)s is due and %(unread)s"),
    FireReason.UNREACHABLE: N_("%(step)s comes forward: what came before reached nobody"),
    FireReason.ASKED_FOR: N_("%(step)s comes forward: a person asked for it"),
    FireReason.PASSED_ON: N_("%(step)s comes forward: the call was passed on"),
}

_ALARMS = {
    AlarmKind.EXHAUSTED: N_("the administrators are told that the ladder of policy %(detail)s has ended"),
    AlarmKind.NOBODY_REACHED: N_("the administrators are told that nobody was reached: %(detail)s"),
    AlarmKind.NOBODY_NEXT: N_("the administrators are told that nobody is left to pass it on to: %(detail)s"),
    AlarmKind.NO_LADDER: N_("the administrators are told that policy %(detail)s has no ladder for this time"),
    AlarmKind.NO_CONTACT: N_("the administrators are told that there is no such contact: %(detail)s"),
    AlarmKind.NOBODY_ON_CALL: N_("the administrators are told that nobody is on call: %(detail)s"),
}
_ALARM = N_("the administrators are told: %(detail)s")


def of_notification(told: Notify, decision: Decision) -> Phrase:
    """Why this notification left."""
    if told.purpose is Purpose.LAST_RESORT:
        return Phrase("the last resort: %(why)s", why=of_end(decision.alert))
    fired = next(event for event in decision.events if isinstance(event, RungFired) and _has(event, told.key))
    why = _of_fired(fired, decision.alert)
    notified = next(one for one in fired.notified if one.key == told.key)
    if notified.stands_in_for is not None:
        values = {"why": why, "person": told.person, "other": notified.stands_in_for}
        return Phrase("%(why)s; %(person)s stands in for %(other)s, who is on leave", **values)
    if Target.parse(told.target).kind is TargetKind.ROUND_ROBIN:
        values = {"why": why, "person": told.person, "team": Target.parse(told.target).name}
        turn = Phrase("%(why)s; it is the turn of %(person)s in team %(team)s", **values)
        return with_notes(turn, [of_choice(notified.choice)] if notified.choice and notified.choice.other else ())
    if Target.parse(told.target).kind is TargetKind.ONCALL:
        return Phrase("%(why)s; %(person)s is on call", why=why, person=told.person)
    return why


def of_choice(one: Choice, other: str = "") -> Phrase:
    """Why it is this one's turn, and not that of the one who would have been next; ``other`` is their name."""
    values = {"other": other or one.other}
    if one.is_just_told:
        return Phrase("%(other)s was told a moment ago", **values)
    if one.nights != one.other_nights:
        nights = {"n": one.other_nights, "mine": one.nights}
        return Phrase("%(other)s was woken in more nights of late (%(n)d against %(mine)d)", **values, **nights)
    if one.pages != one.other_pages:
        pages = {"n": one.other_pages, "mine": one.pages}
        return Phrase("%(other)s was paged more often of late (%(n)d times against %(mine)d)", **values, **pages)
    return Phrase("%(other)s has had the same load and comes later in the settings", **values)


def _has(fired: RungFired, key: str) -> bool:
    return any(one.key == key for one in fired.notified)


def _of_fired(fired: RungFired, alert: Alert) -> Phrase:
    step = _step(fired, alert)
    if fired.is_else:
        return Phrase("the else of %(step)s: its own targets can't be reached", step=step)
    return Phrase(_FIRED[fired.reason], step=step, unread=_unread(alert))


def _step(fired: RungFired, alert: Alert) -> Phrase:
    """With the ladder's window where there are several, for the one climbed last."""
    step = _numbered(fired, alert)
    ladder, rung = alert.newest or (0, -1)
    if len(alert.policy.ladders) == 1 or rung != fired.rung:
        return step
    return Phrase("%(step)s of “%(window)s”", step=step, window=alert.policy.ladders[ladder].window.name)


def _numbered(fired: RungFired, alert: Alert) -> Phrase:
    if fired.attempt and alert.active_ladder is not None and alert.active_ladder.steps[fired.step].ways:
        return Phrase("step %(step)d (another of their ways)", step=fired.step + 1)
    if fired.attempt:
        return Phrase("step %(step)d (retry %(retry)d)", step=fired.step + 1, retry=fired.attempt)
    return Phrase("step %(step)d", step=fired.step + 1)


def _unread(alert: Alert) -> Phrase:
    readers = sum(alert.has_read(one) for one in alert.recipients)
    if not readers:
        return Phrase("nobody has read")
    return Phrase("%(n)d of %(all)d have read", n=readers, all=len(alert.recipients))


def of_what_was_let_be(decision: Decision, ladder: int | None) -> Iterator[Phrase]:
    """Why there was silence until the next notification: steps that waited or were passed over, and another ladder than
    ``ladder``, which was climbed before."""
    for event in decision.events:
        match event:
            case StepWaits(step=step):
                yield Phrase("step %(step)d had to wait for its time", step=step + 1)
            case RungFired() if any(one.reason is SkipReason.NOT_NOW for one in event.skipped):
                yield Phrase("%(step)s was passed over: it was not its time", step=_numbered(event, decision.alert))
            case RungFired() if is_let_be(event):
                let_be = N_("%(step)s was let be: the call before ended otherwise than it asks for")
                yield Phrase(let_be, step=_numbered(event, decision.alert))
            case LadderChanged(ladder=int(new)) if new != ladder:
                yield Phrase("“%(window)s” has begun", window=decision.alert.policy.ladders[new].window.name)
                ladder = new


def is_let_be(event: RungFired) -> bool:
    """Whether it was a retry that rang nobody, because of what became of the calls before (``redial.py``)."""
    return not event.notified and any(one.reason is SkipReason.NO_REDIAL for one in event.skipped)


def with_notes(why: Phrase, notes: Iterable[Phrase]) -> Phrase:
    """A reason, and what was let be before it."""
    for note in notes:
        why = Phrase("%(why)s; %(note)s", why=why, note=note)
    return why


def of_end(alert: Alert) -> Phrase:
    """Why the ladder is exhausted."""
    return Phrase("the ladder has ended and %(unread)s", unread=_unread(alert))


def of_alarm(alarm: RaiseAlarm) -> Phrase:
    """Why the administrators are told."""
    return Phrase(_ALARMS.get(alarm.kind, _ALARM), detail=alarm.detail)


def of_stop(decision: Decision) -> tuple[str | None, Phrase]:
    """Who stopped the climb (None if time did it), and why it stopped."""
    return next(found for event in decision.events if (found := _stop(event)) is not None)


def _stop(event: Event) -> tuple[str | None, Phrase] | None:
    match event:
        case ReadReached(readers, kind):
            one = readers[0] if len(readers) == 1 else None
            return one, Phrase("%(who)s read it (%(kind)s)", who=", ".join(readers), kind=str(kind))
        case Acknowledged(by):
            return by, Phrase("%(who)s acknowledged it", who=by)
        case Snoozed(by, until):
            return by, Phrase("%(who)s snoozed it until %(until)s", who=by, until=until.isoformat())
        case Resolved(by):
            return by, Phrase("%(who)s closed it: resolved", who=by or Phrase("the timer"))
        case Cancelled(by):
            return by, Phrase("%(who)s closed it: cancelled", who=by or Phrase("the timer"))
    return None
