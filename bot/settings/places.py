"""Every place in the settings where somebody is told, with the place to point at."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.settings.model import Document
from bot.settings.policy_shape import PolicyShape, StepShape, TellShape
from bot.settings.problem import Loc


@dataclass(frozen=True, slots=True)
class TellPlace:
    """One ``{via, to}`` and where it stands. ``is_alarm``: it tells of Kidoku itself, not of a mail; ``is_handoff``: of
    a shift."""

    loc: Loc
    tell: TellShape
    is_alarm: bool = False
    is_handoff: bool = False


def tells(document: Document) -> Iterator[TellPlace]:
    """All of them: alarms, handoffs, steps, their else, last resorts."""
    for number, tell in enumerate(document.alarms):
        yield TellPlace(("alarms", number), tell, is_alarm=True)
    for name, schedule in document.schedules.items():
        for number, tell in enumerate(schedule.handoff_to):
            yield TellPlace(("schedules", name, "handoff_to", number), tell, is_handoff=True)
    for name, policy in document.policies.items():
        for number, tell in enumerate(policy.last_resort):
            yield TellPlace(("policies", name, "last_resort", number), tell)
        for loc, step in steps(name, policy):
            yield TellPlace(loc, step)
            if step.otherwise is not None:
                yield TellPlace((*loc, "else"), step.otherwise)


def steps(name: str, policy: PolicyShape) -> Iterator[tuple[Loc, StepShape]]:
    """Every step of a policy and its place."""
    for number, ladder in enumerate(policy.all_ladders()):
        for step_number, step in enumerate(ladder.steps):
            yield (*ladder_loc(name, policy, number), "steps", step_number), step


def ladder_loc(name: str, policy: PolicyShape, number: int) -> Loc:
    """Where a ladder stands: a policy of steps alone is its own ladder."""
    return ("policies", name) if policy.ladders is None else ("policies", name, "ladders", number)
