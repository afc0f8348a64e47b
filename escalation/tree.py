"""The walks of one policy as a tree: what begins alike is decided once.

1. A decision follows from the alert, from what happened, and from what it asks of time: who is on call, whether a
   person's own window or the condition of a step holds, how long the step waits. Each question is noted with its
   answer, and with its instant as it is counted from the coming of the mail. What decides unasked stands in the key of
   each decision: how long after the mail it is made, the ladder that is entered, and who is on leave.
2. So two mails go the same way as long as their keys and answers are the same. Where a mail gets an answer that none
   before it got, it is taken up there: the alert as it stood, with its instants moved.
3. People who could stand for each other (``occasion.py``, rule 2) are told apart by the order in which they are met.
   What was decided about one is taken for the other, and the two change places in all that follows.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from escalation import machine
from escalation.alert import Alert, AlertStatus
from escalation.command import Notify, Purpose
from escalation.decided import ClimbStarted, Exhausted, LadderChanged, RungFired, Skipped
from escalation.event import STALLED_AFTER, DeliveryReported, Outcome, TimerFired
from escalation.machine import Decision
from escalation.occasion import Timeline
from escalation.policy import EscalationPolicy
from escalation.receipt import Recipient
from escalation.roster import Roster
from escalation.simulate import MOST_DECISIONS, opened_at
from escalation.turn import after
from escalation.watch import Question, Watch, watched, watched_roster

_ZERO = timedelta(0)
MOST_KEPT = 20_000
"""Decisions that are kept, some kilobytes each; what is beyond is decided again each time."""

Told = tuple[str, str, str | None, bool]
"""One notification: its key, its channel, the person (None: a room), and whether it is of the last resort."""


@dataclass(slots=True, eq=False)
class Made:
    """A decision about a mail that came at ``at``, ``offset`` after that, and what it did: whom it ``told`` and
    ``missed`` (each with the channel of the step), and whether the ladder ended. ``people`` are those met until then,
    in their order. ``due`` is when the alert is due, since the mail came; ``is_entered``: a ladder was."""

    number: int
    at: datetime
    offset: timedelta
    alert: Alert
    roster: Roster
    people: tuple[str, ...]
    due: timedelta | None
    told: tuple[Told, ...]
    missed: tuple[tuple[str, Skipped], ...]
    is_entered: bool
    is_ended: bool


Fork = tuple[int, Question]
"""A place where a question is asked: its number, and the question."""


@dataclass(slots=True)
class Course:
    """What one mail goes through. ``names`` is who somebody in it is in truth."""

    made: list[Made]
    names: Mapping[str, str]
    ends: bool
    is_fresh: bool = False


@dataclass(slots=True)
class _Mail:
    """A mail on its way: ``waiting`` are the reports that are to come, ``until`` when its ladder's window ends."""

    at: datetime
    offset: timedelta = _ZERO
    report: str | None = None
    key: Hashable = None
    until: datetime | None = None
    waiting: list[tuple[timedelta, str]] = field(default_factory=list)


class Tree:
    """Every walk of one policy."""

    def __init__(
        self,
        policy: EscalationPolicy,
        roster: Roster,
        recipients: Sequence[Recipient],
        timeline: Timeline,
        most_kept: int = MOST_KEPT,
    ) -> None:
        self._most_kept = most_kept
        self._timeline, self._recipients = timeline, recipients
        self._watch = Watch(timeline, roster)
        self._policy = watched(policy, self._watch)
        self._roster = watched_roster(roster, self._watch)
        self._next: dict[tuple[int, Hashable], Fork | Made] = {}
        self._count = 0

    def walk(self, at: datetime, down: str | None) -> Course:
        """What happens to a mail that comes at ``at`` while the channel ``down`` is."""
        self._watch.begin(at)
        mail, course = _Mail(at), Course([], {}, ends=True)
        newest: Made | None = None
        while course.ends:
            mail.key = self._key(mail)
            made = self._known(newest, mail)
            if made is None:
                made = self._made(newest, mail)
                course.is_fresh = True
            newest = made
            course.made.append(made)
            if not self._goes_on(mail, made, down):
                break
            course.ends = len(course.made) < MOST_DECISIONS
        self._watch.take_for(course.made[-1].people)
        course.names = {name: id for id, name in self._watch.names.items()}
        return course

    def _goes_on(self, mail: _Mail, made: Made, down: str | None) -> bool:
        """Whether something more happens, which is next then."""
        if made.is_entered:
            mail.until = self._timeline.ladder_until(mail.at + mail.offset)
        if down is not None:
            mail.waiting += [(mail.offset + STALLED_AFTER, key) for key, channel, *_ in made.told if channel == down]
        due = made.due
        if due is not None and mail.until is not None and made.alert.status is AlertStatus.TRIGGERED:
            due = min(due, mail.until - mail.at)
        assert due is None or due >= mail.offset, "what was due was done"
        mail.report = None
        if mail.waiting and (due is None or mail.waiting[0][0] <= due):
            mail.offset, mail.report = mail.waiting.pop(0)
        elif due is not None:
            mail.offset = due
        return due is not None or mail.report is not None

    def _key(self, mail: _Mail) -> Hashable:
        """With the ladder where one is entered, and with who is on leave."""
        now = mail.at + mail.offset
        ladder = self._timeline.ladder_at(now) if not mail.offset or now == mail.until else None
        return mail.offset, mail.report, ladder, self._timeline.leaves_at(now)

    def _known(self, newest: Made | None, mail: _Mail) -> Made | None:
        found = self._next.get((0 if newest is None else newest.number, mail.key))
        while isinstance(found, tuple):
            number, question = found
            found = self._next.get((number, self._watch.answer(question)))
        return found

    def _made(self, newest: Made | None, mail: _Mail) -> Made:
        """Decide what no mail before came to."""
        watch, now = self._watch, mail.at + mail.offset
        watch.asked = []
        if newest is None:
            opened = opened_at(self._policy, mail.at, self._recipients, "critical")
            roster: Roster = self._roster
            decision = machine.open(1, opened, now, roster)
        else:
            watch.take_for(newest.people)
            roster = newest.roster
            alert = _moved(newest.alert, mail.at - newest.at)._replace(ladder_until=mail.until)
            event = TimerFired() if mail.report is None else DeliveryReported(mail.report, Outcome.STALLED)
            decision = machine.decide(alert, event, now, roster)
        made = self._noted(newest, mail, decision, roster)
        if self._count < self._most_kept:
            self._keep(0 if newest is None else newest.number, mail, made)
        return made

    def _noted(self, newest: Made | None, mail: _Mail, decision: Decision, roster: Roster) -> Made:
        due_at = decision.alert.due_at
        commands = (one for one in decision.commands if isinstance(one, Notify))
        self._count += 1
        return Made(
            number=self._count,
            at=mail.at,
            offset=mail.offset,
            alert=decision.alert,
            roster=after(roster, decision, mail.at + mail.offset),
            people=tuple(self._watch.names.get(one, one) for one in self._watch.met),
            due=None if due_at is None else due_at - mail.at,
            told=tuple((one.key, one.channel, one.person, one.purpose is Purpose.LAST_RESORT) for one in commands),
            missed=tuple(_missed(decision, newest)),
            is_entered=any(isinstance(one, ClimbStarted | LadderChanged) for one in decision.events),
            is_ended=any(isinstance(one, Exhausted) for one in decision.events),
        )

    def _keep(self, number: int, mail: _Mail, made: Made) -> None:
        """After everything that was asked for it: what was known of that, and what is new."""
        place: tuple[int, Hashable] = number, mail.key
        while isinstance(known := self._next.get(place), tuple):
            place = known[0], self._watch.answer(known[1])
        for question, answer in self._watch.asked:
            self._count += 1
            self._next[place] = self._count, question
            place = self._count, answer
        self._next[place] = made


def _missed(decision: Decision, newest: Made | None) -> Iterator[tuple[str, Skipped]]:
    """Whom the rungs that fired did not tell, each with the channel of the step."""
    ladder = None if newest is None else newest.alert.ladder
    for event in decision.events:
        match event:
            case ClimbStarted(ladder=entered) | LadderChanged(ladder=entered):
                ladder = entered
            case RungFired() if event.skipped and ladder is not None:
                channel = decision.alert.policy.ladders[ladder].steps[event.step].action.channel
                yield from ((channel, one) for one in event.skipped)


def _moved(alert: Alert, by: timedelta) -> Alert:
    """The alert of a mail that came so much later, and met the same."""
    if not by:
        return alert
    moved = Alert._make(value + by if isinstance(value, datetime) else value for value in alert)
    return moved._replace(
        waits=tuple((ladder, rung, since + by) for ladder, rung, since in alert.waits),
        recipients=tuple(_reminded(one, by) for one in alert.recipients),
    )


def _reminded(one: Recipient, by: timedelta) -> Recipient:
    return one if one.reminded_at is None else replace(one, reminded_at=one.reminded_at + by)
