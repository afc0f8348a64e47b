"""Warnings about policies: hours in which nobody is told, ladders and steps that change nothing."""

from collections.abc import Iterator
from datetime import datetime

from bot.settings.build import Settings
from bot.settings.coverage import coverage, has_time
from bot.settings.places import ladder_loc
from bot.settings.policy_shape import LadderShape
from bot.settings.problem import Fault, Loc
from escalation.phrase import N_, Phrase, Series
from escalation.policy import EscalationPolicy, Step

_MOST_GAPS = 3
_WEEKDAYS = (Phrase("Mon"), Phrase("Tue"), Phrase("Wed"), Phrase("Thu"), Phrase("Fri"), Phrase("Sat"), Phrase("Sun"))


def policy_warnings(settings: Settings) -> Iterator[Fault]:
    """What is odd in each policy, by itself."""
    for name, policy in settings.escalation_policies().items():
        shape = settings.document.policies[name]
        yield from _window_warnings(name, policy, settings, shape.ladders)
        for number, ladder in enumerate(policy.ladders):
            loc = (*ladder_loc(name, shape, number), "steps")
            yield from _step_warnings(loc, ladder.steps)
            yield from _time_warnings(loc, policy, number, settings)


def _window_warnings(
    name: str, policy: EscalationPolicy, settings: Settings, ladders: list[LadderShape] | None
) -> Iterator[Fault]:
    if ladders is None:
        return
    found = coverage(policy, settings.today)
    # Days that a calendar gives are known to the running bot only.
    for number in (one for one in found.unused if not settings.has_calendar(ladders[one].when)):
        loc = ("policies", name, "ladders", number)
        form = N_("this ladder is never climbed: an earlier one covers the window %(window)s")
        fix = Phrase("put it first, or take it away")
        yield Fault(loc, Phrase(form, window=ladders[number].when), fix, is_warning=True)
    if found.gaps:
        fix = Phrase("add a last ladder with when: always")
        yield Fault(("policies", name, "ladders"), _gaps(found.gaps), fix, is_warning=True)


def _gaps(gaps: tuple[tuple[datetime, datetime], ...]) -> Phrase:
    spans = Series(_span(*gap) for gap in gaps[:_MOST_GAPS])
    more = len(gaps) - _MOST_GAPS
    if more > 0:
        return Phrase("it pages nobody %(spans)s and %(n)d more times", spans=spans, n=more)
    return Phrase("it pages nobody %(spans)s", spans=spans)


def _span(start: datetime, end: datetime) -> Phrase:
    values = {"start": _instant(start), "end": _instant(end), "zone": str(start.tzinfo)}
    return Phrase("from %(start)s to %(end)s (%(zone)s)", **values)


def _instant(at: datetime) -> Phrase:
    values = {"weekday": _WEEKDAYS[at.weekday()], "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"}
    return Phrase("%(weekday)s %(date)s %(time)s", **values)


def _time_warnings(loc: Loc, policy: EscalationPolicy, ladder: int, settings: Settings) -> Iterator[Fault]:
    for number, step in enumerate(policy.ladders[ladder].steps):
        if step.condition is None:
            continue
        windows = (policy.ladders[ladder].window, step.condition.only, step.condition.never)
        if any(window is not None and settings.has_calendar(window.name) for window in windows):
            continue
        if not has_time(policy, ladder, step.condition, settings.today):
            message = Phrase("its time never comes while this ladder is climbed")
            fix = Phrase("change the window, or take the step away")
            yield Fault((*loc, number), message, fix, is_warning=True)


def _step_warnings(loc: Loc, steps: tuple[Step, ...]) -> Iterator[Fault]:
    due = steps[0].after - steps[0].after
    seen: dict[tuple[object, ...], int] = {}
    for number, step in enumerate(steps):
        due += step.after
        for target in step.action.targets:
            first = seen.setdefault((due, step.before, step.action.channel, target), number)
            if first != number:
                yield _twice((*loc, number), first, step.action.channel, str(target))
        if len(set(step.action.targets)) < len(step.action.targets):
            message = Phrase("somebody is named twice")
            yield Fault((*loc, number, "to"), message, Phrase("name each once"), is_warning=True)
        if step.otherwise == step.action:
            message = Phrase("else says the same as its step, and can't help where the step can't")
            fix = Phrase("name another channel or somebody else")
            yield Fault((*loc, number, "else"), message, fix, is_warning=True)


def _twice(loc: Loc, first: int, channel: str, target: str) -> Fault:
    form = N_("step %(step)d tells %(target)s over %(channel)s at the same moment")
    fix = Phrase("give it a delay with after, or take it away")
    return Fault(loc, Phrase(form, step=first + 1, target=target, channel=channel), fix, is_warning=True)
