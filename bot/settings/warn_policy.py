"""Warnings about policies: hours in which nobody is told, ladders and steps that change nothing."""

from collections.abc import Iterator
from datetime import date, datetime

from bot.settings.build import Settings
from bot.settings.coverage import coverage
from bot.settings.places import ladder_loc
from bot.settings.policy_shape import LadderShape
from bot.settings.problem import Fault, Loc
from escalation.policy import EscalationPolicy, Step

_MOST_GAPS = 3


def policy_warnings(settings: Settings) -> Iterator[Fault]:
    """What is odd in each policy, by itself."""
    for name, policy in settings.escalation_policies().items():
        shape = settings.document.policies[name]
        yield from _window_warnings(name, policy, settings.today, shape.ladders)
        for number, ladder in enumerate(policy.ladders):
            yield from _step_warnings((*ladder_loc(name, shape, number), "steps"), ladder.steps)


def _window_warnings(
    name: str, policy: EscalationPolicy, today: date, ladders: list[LadderShape] | None
) -> Iterator[Fault]:
    if ladders is None:
        return
    found = coverage(policy, today)
    for number in found.unused:
        loc = ("policies", name, "ladders", number)
        message = f"this ladder is never climbed: an earlier one covers the window {ladders[number].when}"
        yield Fault(loc, message, "put it first, or take it away", is_warning=True)
    if found.gaps:
        shown = ", ".join(_span(*gap) for gap in found.gaps[:_MOST_GAPS])
        more = f" and {len(found.gaps) - _MOST_GAPS} more times" if len(found.gaps) > _MOST_GAPS else ""
        message = f"it pages nobody {shown}{more}"
        yield Fault(("policies", name, "ladders"), message, "add a last ladder with when: always", is_warning=True)


def _span(start: datetime, end: datetime) -> str:
    return f"from {start:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M} ({start.tzinfo})"


def _step_warnings(loc: Loc, steps: tuple[Step, ...]) -> Iterator[Fault]:
    due = steps[0].after - steps[0].after
    seen: dict[tuple[object, ...], int] = {}
    for number, step in enumerate(steps):
        due += step.after
        for target in step.action.targets:
            first = seen.setdefault((due, step.action.channel, target), number)
            if first != number:
                message = f"step {first + 1} tells {target} over {step.action.channel} at the same moment"
                yield Fault((*loc, number), message, "give it a delay with after, or take it away", is_warning=True)
        if len(set(step.action.targets)) < len(step.action.targets):
            yield Fault((*loc, number, "to"), "somebody is named twice", "name each once", is_warning=True)
        if step.otherwise == step.action:
            message = "else says the same as its step, and can't help where the step can't"
            yield Fault((*loc, number, "else"), message, "name another channel or somebody else", is_warning=True)
