"""Which calls of a step its retries make again. A policy may say after which outcomes they do (``Step.retry_on``).

The rules:

1. Without ``retry_on`` a retry tells whomever the step names, whatever became of those told before.
2. With it, nobody is called again whose last call by this step in this loop ended otherwise. A call that may be under
   way yet, of whose end nobody heard, or that was held back is made again; and whoever was not called before is called
   now.
3. Those who have their turn are one: the next member is called only if the call to the one before asks for it.
4. What calls off a call (a snooze, or that somebody takes it) or begins another loop forgets what became of it.
5. A retry that lets somebody be and tells nobody changes nothing else: what is due next is due when it would have
   been, those told before may still turn out to be unreached, and nobody whom it can't tell takes it to its ``else``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from escalation.decided import Notified
from escalation.event import DeliveryReported
from escalation.outcome import Outcome
from escalation.policy import Step, Target, TargetKind

_UNDER_WAY = frozenset({Outcome.SENT, Outcome.STALLED, Outcome.HELD_BACK})


@dataclass(frozen=True, slots=True)
class Called:
    """The last call that a step made to somebody; ``who`` is what ``who_of`` says. ``outcome`` is None until it is
    over."""

    key: str
    ladder: int
    step: int
    who: str
    outcome: Outcome | None = None


def who_of(target: str, person: str | None) -> str:
    """Who is called: a person, or, where turns are taken, whoever has the turn."""
    return target if person is None or Target.parse(target).kind is TargetKind.ROUND_ROBIN else person


def with_calls(
    called: tuple[Called, ...], place: tuple[int, int], attempt: int, notified: Iterable[Notified]
) -> tuple[Called, ...]:
    """With those whom the step at ``place`` (its ladder, its number) tells now; its first attempt begins anew."""
    new = {one.who: one for one in (Called(one.key, *place, who_of(one.target, one.person)) for one in notified)}
    kept = (one for one in called if (one.ladder, one.step) != place or (attempt and one.who not in new))
    return (*kept, *new.values())


def with_outcome(called: tuple[Called, ...], event: DeliveryReported) -> tuple[Called, ...]:
    """With what became of one of them."""
    if event.outcome in _UNDER_WAY or all(one.key != event.key for one in called):
        return called
    return tuple(replace(one, outcome=event.outcome) if one.key == event.key else one for one in called)


def not_again(called: Iterable[Called], place: tuple[int, int], step: Step) -> frozenset[str]:
    """Whom a retry of this step leaves alone."""
    wanted = step.retry_on
    if wanted is None:
        return frozenset()
    of_step = (one for one in called if (one.ladder, one.step) == place)
    return frozenset(one.who for one in of_step if one.outcome is not None and one.outcome not in wanted)
