"""Runs the very ``open`` and ``decide`` over virtual time: who would be told, when, how and why."""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from escalation import machine, reason
from escalation.alert import Alert, AlertStatus
from escalation.command import Notify, Purpose, RaiseAlarm, Withdraw
from escalation.decided import Exhausted, RungFired, Skipped, SkipReason
from escalation.event import STALLED_AFTER, DeliveryReported, Input, Opened, Outcome, TimerFired
from escalation.machine import Decision
from escalation.mail import MailBrief
from escalation.phrase import Phrase
from escalation.policy import EscalationPolicy
from escalation.receipt import Recipient
from escalation.roster import Roster
from escalation.turn import after

MOST_DECISIONS = 200_000
"""More than any policy that the settings allow can need: 100 loops of 100 steps, each with 20 retries."""


class SimulationError(Exception):
    """The simulation was cut short: the policy did not come to an end in the decisions allowed. Says so as a phrase."""


class EntryKind(StrEnum):
    """``exhausted`` is a notification of the last resort, or one bare entry if that reached nobody. ``spared`` is
    somebody who was not told because of their quiet hours."""

    NOTIFY = "notify"
    EXHAUSTED = "exhausted"
    ALARM = "alarm"
    STOPPED = "stopped"
    SPARED = "spared"


_TOLD = frozenset({EntryKind.NOTIFY, EntryKind.EXHAUSTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline. ``at`` is UTC. ``offset_s`` is in seconds since the mail came; ``step`` and
    ``loop`` count from 1.

    ``step``, ``loop``, ``channel``, ``target`` and ``person`` are None where they mean nothing: an alarm has none of
    them, a room has no person.
    """

    at: datetime
    offset_s: float
    kind: EntryKind
    reason: Phrase
    step: int | None = None
    loop: int | None = None
    channel: str | None = None
    target: str | None = None
    person: str | None = None


TimedInput = tuple[timedelta, Input]


def simulate(
    policy: EscalationPolicy,
    roster: Roster,
    at: datetime,
    inputs: Sequence[TimedInput],
    recipients: Sequence[Recipient],
    most: int = MOST_DECISIONS,
    severity: str = "critical",
) -> list[Entry]:
    """The whole story of one mail that arrives at ``at`` (aware), if these inputs come at these offsets.

    Every due time is met exactly; of an input and a due time at one instant the input comes first. Ends when there is
    nothing more to send and no input is left. Raises SimulationError after ``most`` decisions.
    """
    entries: list[Entry] = []
    notes: dict[Phrase, None] = {}
    ladder: int | None = None
    at = at.astimezone(UTC)
    decisions = walk(policy, roster, at, inputs, recipients, severity=severity)
    for number, (now, decision) in enumerate(decisions):
        if number >= most:
            values = {"policy": policy.name, "n": most, "at": now.isoformat()}
            raise SimulationError(Phrase("policy %(policy)s: no end after %(n)d decisions, at %(at)s", **values))
        notes.update(dict.fromkeys(reason.of_what_was_let_be(decision, ladder)))
        ladder = decision.alert.ladder
        made = list(_entries(decision, now, now - at))
        if any(one.kind in _TOLD for one in made):
            entries += [_noted(one, notes) for one in made]
            notes.clear()
        else:
            entries += made
    return entries


def _noted(entry: Entry, notes: Iterable[Phrase]) -> Entry:
    """With what was let be since the last notification; an alarm has its own reason."""
    is_told = entry.kind in _TOLD
    return replace(entry, reason=reason.with_notes(entry.reason, notes)) if is_told else entry


def walk(
    policy: EscalationPolicy,
    roster: Roster,
    at: datetime,
    inputs: Sequence[TimedInput],
    recipients: Sequence[Recipient],
    down: Collection[str] = (),
    severity: str = "critical",
) -> Iterator[tuple[datetime, Decision]]:
    """Every decision about one mail that arrives at ``at`` (UTC), with its instant.

    Channels that are ``down`` stay down: what would leave over them is reported as stalled, as late as a lane of the
    outbox reports it at most.
    """
    is_lost = (lambda told, offset: _stalled(told, offset, down)) if down else None
    return story(opened_at(policy, at, recipients, severity), roster, at, inputs, is_lost)


Reports = Callable[[Notify, timedelta], Iterable[TimedInput]]
"""What comes back of a notification that is made at this offset."""


def story(
    opened: Opened, roster: Roster, at: datetime, inputs: Sequence[TimedInput], reports: Reports | None = None
) -> Iterator[tuple[datetime, Decision]]:
    """Every decision about a mail that comes like this at ``at`` (UTC), if these inputs come at these offsets."""
    now, decision = at, machine.open(1, opened, at, roster)
    waiting = sorted(inputs, key=_offset)
    while True:
        yield now, decision
        for command in decision.commands if reports is not None else ():
            for report in reports(command, now - at) if reports and isinstance(command, Notify) else ():
                insort(waiting, report, key=_offset)
        if (happening := _next(decision.alert, at, waiting)) is None:
            return
        roster = after(roster, decision, now)
        now, event = happening
        decision = machine.decide(decision.alert, event, now, roster)


def _offset(timed: TimedInput) -> timedelta:
    return timed[0]


def _stalled(told: Notify, offset: timedelta, down: Collection[str]) -> Iterator[TimedInput]:
    if told.channel in down:
        yield offset + STALLED_AFTER, DeliveryReported(told.key, Outcome.STALLED)


def opened_at(policy: EscalationPolicy, at: datetime, recipients: Sequence[Recipient], severity: str) -> Opened:
    """What opens the alert of a mail that comes at ``at`` and is nobody's."""
    mail = MailBrief(message_id="simulated@kidoku.invalid", subject="", sender="", sender_name="", received_at=at)
    return Opened(mail=mail, policy=policy, recipients=tuple(recipients), rule="simulate", severity=severity)


def _next(alert: Alert, at: datetime, waiting: list[TimedInput]) -> tuple[datetime, Input] | None:
    """What happens next, taken from ``waiting`` if it is an input; None at the end."""
    due_at = None if _is_settled(alert) and not waiting else alert.wake_at
    if waiting and (due_at is None or at + waiting[0][0] <= due_at):
        offset, event = waiting.pop(0)
        return at + offset, event
    return None if due_at is None else (due_at, TimerFired())


def _is_settled(alert: Alert) -> bool:
    """Acknowledged, and all that time would still do is to resolve it."""
    starts_again = alert.policy.ack_timeout and not alert.is_taken_by_reading
    return alert.status is AlertStatus.ACKNOWLEDGED and alert.snoozed_until is None and not starts_again


def _entries(decision: Decision, now: datetime, offset: timedelta) -> Iterator[Entry]:
    seconds = offset.total_seconds()
    offset_s = int(seconds) if seconds.is_integer() else seconds
    for command in decision.commands:
        match command:
            case Notify():
                yield _told(command, decision, now, offset_s)
            case RaiseAlarm():
                why = reason.of_alarm(command)
                yield Entry(at=now, offset_s=offset_s, kind=EntryKind.ALARM, reason=why)
    for event in decision.events:
        if isinstance(event, RungFired):
            yield from (_spared(one, event, now, offset_s) for one in event.skipped if _is_quiet(one))
    if any(isinstance(command, Withdraw) for command in decision.commands):
        person, why = reason.of_stop(decision)
        yield Entry(at=now, offset_s=offset_s, kind=EntryKind.STOPPED, reason=why, person=person)
    if any(isinstance(event, Exhausted) and not event.notified for event in decision.events):
        why = reason.of_end(decision.alert)
        yield Entry(at=now, offset_s=offset_s, kind=EntryKind.EXHAUSTED, reason=why)


def _is_quiet(one: Skipped) -> bool:
    return one.reason is SkipReason.QUIET_HOURS


def _spared(one: Skipped, fired: RungFired, now: datetime, offset_s: float) -> Entry:
    return Entry(
        at=now,
        offset_s=offset_s,
        kind=EntryKind.SPARED,
        reason=Phrase("%(person)s keeps quiet hours, and this is not severe enough to break them", person=one.person),
        step=fired.step + 1,
        loop=fired.loop,
        target=one.target,
        person=one.person,
    )


def _told(told: Notify, decision: Decision, now: datetime, offset_s: float) -> Entry:
    is_last = told.purpose is Purpose.LAST_RESORT
    return Entry(
        at=now,
        offset_s=offset_s,
        kind=EntryKind.EXHAUSTED if is_last else EntryKind.NOTIFY,
        reason=reason.of_notification(told, decision),
        step=None if is_last else told.step + 1,
        loop=None if is_last else told.loop,
        channel=told.channel,
        target=told.target,
        person=told.person,
    )
