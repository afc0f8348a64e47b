"""Escalation policies: ladders of steps, and the flat list of rungs that a ladder climbs.

The rules of time:

1. A step is due ``after`` its predecessor's due time; the first one ``after`` the loop began.
2. A retry is one more rung of the same step, ``retry_every`` after the step or the last retry; so is a later way of
   the people of a step over ``CONTACTS``. Rungs are climbed in order of time; of two at one instant the earlier step
   goes first. A retry that is let be because of what became of the calls before (``redial.py``) takes its time too.
3. A loop ends ``wait`` after its last rung. Then the next loop begins, or the ladder is exhausted.
4. A step ``before`` a deadline is placed when its mail is sent, between the others; one that would be past comes first.
   Without a deadline there is no such step.
5. A step whose ``condition`` does not hold when it is due is passed over, or waits a week at most (``condition.py``).
   One that may wait comes after every retry of the steps before it, so that none of these waits with it.
6. So every ladder ends: ``(repeat + 1) * (last rung + wait)`` after it began, and the waits of its steps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from escalation.action import (
    CONSOLE as CONSOLE,
)
from escalation.action import (
    MAIL as MAIL,
)
from escalation.action import (
    PHONE as PHONE,
)
from escalation.action import (
    SMS as SMS,
)
from escalation.action import (
    WHATSAPP as WHATSAPP,
)
from escalation.action import (
    Action as Action,
)
from escalation.action import (
    Target as Target,
)
from escalation.action import (
    TargetKind as TargetKind,
)
from escalation.calendar import ALWAYS, Window
from escalation.condition import Condition
from escalation.outcome import Outcome
from escalation.phase import Phase, first_holding, phase_at
from escalation.receipt import ANY, READ_BY_DEFAULT, ReadBy, ReceiptKind


class StopOn(StrEnum):
    """What ends the climb: a read as ``read_by`` demands, or nothing less than an acknowledgement."""

    READ = "read"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder. ``otherwise`` (written ``else``) is for when none of its targets can be reached.

    One with ``before`` waits for a deadline: it is no rung until ``EscalationPolicy.placed`` gives it a place. Then
    ``due_at`` is the instant that its deadline means: in the first loop it is due then at the latest.
    ``condition`` says at what times it may be climbed.
    ``ways``, of a step over ``CONTACTS``: 0, and the delays of the people's own ways (``contact.py``).
    ``retry_on``: the outcomes of a call after which a retry makes it again; None: all.
    """

    action: Action
    after: timedelta = timedelta(0)
    retry_times: int = 0
    retry_every: timedelta = timedelta(minutes=2)
    otherwise: Action | None = None
    before: timedelta | None = None
    due_at: datetime | None = None
    condition: Condition | None = None
    ways: tuple[timedelta, ...] = ()
    retry_on: frozenset[Outcome] | None = None

    @property
    def offsets(self) -> tuple[timedelta, ...]:
        """Its rungs, by how long after the step they are due: those of the people's ways, or the retries."""
        return self.ways or tuple(self.retry_every * number for number in range(self.retry_times + 1))


@dataclass(frozen=True, slots=True)
class Rung:
    """One due moment of a loop: ``offset`` since the loop began; ``attempt`` 0 is the step, then its retries."""

    offset: timedelta
    step: int
    attempt: int


def _rungs(steps: Iterable[Step]) -> tuple[Rung, ...]:
    rungs: list[Rung] = []
    due = timedelta(0)
    for number, step in enumerate(steps):
        if step.before is not None:
            continue
        due += step.after
        if step.condition is not None and step.condition.is_waiting:
            due = max([due, *(rung.offset for rung in rungs)])
        rungs += [Rung(due + offset, number, n) for n, offset in enumerate(step.offsets)]
    return tuple(sorted(rungs, key=lambda rung: (rung.offset, rung.step, rung.attempt)))


@dataclass(frozen=True)
class Ladder:
    """The steps for one window, climbed ``repeat`` + 1 times; ``wait`` is what the last step gets to be answered."""

    steps: tuple[Step, ...]
    window: Window = ALWAYS
    repeat: int = 0
    wait: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rungs", _rungs(self.steps))

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The due moments of one loop, in order."""
        rungs: tuple[Rung, ...] = self.__dict__["_rungs"]
        return rungs

    @property
    def loop_length(self) -> timedelta:
        return (self.rungs[-1].offset if self.rungs else timedelta(0)) + self.wait

    def offset_of(self, rung: int) -> timedelta:
        """From the beginning of a loop to this rung; to the end of the loop if ``rung`` is past the last one."""
        return self.rungs[rung].offset if rung < len(self.rungs) else self.loop_length

    def latest_due(self, rung: int) -> datetime | None:
        """When this rung is due at the latest, because it or one above it was placed before a deadline."""
        dues = (self.steps[one.step].due_at for one in self.rungs[rung:] if not one.attempt)
        return min((due_at for due_at in dues if due_at is not None), default=None)

    def due_at(self, rung: int) -> datetime | None:
        """When this rung is due if it was placed before a deadline; None if it is due by the climb alone."""
        return self.steps[self.rungs[rung].step].due_at

    def gap_after(self, rung: int) -> timedelta:
        """From this rung to the next, or to the end of the loop."""
        return self.offset_of(rung + 1) - self.offset_of(rung)


def _placed(ladder: Ladder, begins_at: datetime, deadline: datetime | None) -> Ladder:
    """The ladder of a mail that has this deadline, or none (rule 4)."""
    due = timedelta(0)
    timed: list[tuple[timedelta, Step]] = []
    for step in ladder.steps:
        if step.before is None:
            due += step.after
            timed.append((due, step))
        elif deadline is not None:
            due_at = max(begins_at, deadline - step.before)
            timed.append((due_at - begins_at, replace(step, before=None, due_at=due_at)))
    timed.sort(key=lambda one: one[0])
    offsets = [timedelta(0), *(offset for offset, _ in timed)]
    steps = tuple(replace(step, after=offset - before) for before, (offset, step) in zip(offsets, timed, strict=False))
    return replace(ladder, steps=steps)


@dataclass(frozen=True, kw_only=True)
class EscalationPolicy:
    """Who is told, in which order, and what makes it stop. An alert keeps a copy of its policy.

    No recipient is reminded by mail twice within ``remind_every``, nor more often than ``remind_most`` times.
    """

    name: str
    ladders: tuple[Ladder, ...]
    last_resort: tuple[Action, ...]
    read_by: ReadBy = ANY
    counts: frozenset[ReceiptKind] = READ_BY_DEFAULT
    stop_on: StopOn = StopOn.READ
    ack_timeout: timedelta | None = None
    resolve_after: timedelta = timedelta(days=1)
    reopen_on_unread: bool = False
    remind_every: timedelta = timedelta(hours=1)
    remind_most: int = 3

    def placed(self, begins_at: datetime, deadline: datetime | None) -> "EscalationPolicy":
        """This policy for one mail: its steps before the deadline stand where they are due."""
        if not any(step.before is not None for ladder in self.ladders for step in ladder.steps):
            return self
        return replace(self, ladders=tuple(_placed(ladder, begins_at, deadline) for ladder in self.ladders))

    @property
    def has_turns(self) -> bool:
        """Whether any of its targets goes round the members of a team. Kept: each decision asks."""
        known: bool | None = self.__dict__.get("_has_turns")
        if known is None:
            known = any(target.kind is TargetKind.ROUND_ROBIN for one in self._actions() for target in one.targets)
            object.__setattr__(self, "_has_turns", known)
        return known

    def _actions(self) -> Iterator[Action]:
        for step in (step for ladder in self.ladders for step in ladder.steps):
            yield from (one for one in (step.action, step.otherwise) if one is not None)
        yield from self.last_resort

    def ladder_at(self, at: datetime) -> int | None:
        """The index of the first ladder whose window holds ``at``; None if there is none."""
        return first_holding([ladder.window for ladder in self.ladders], at)

    def phase_at(self, at: datetime) -> Phase:
        """The ladder that holds at this instant, and until when. The last answer is kept: alerts come in bursts."""
        known: Phase | None = self.__dict__.get("_phase")
        if known is None or not known.holds(at):
            known = phase_at([ladder.window for ladder in self.ladders], at)
            object.__setattr__(self, "_phase", known)
        return known
