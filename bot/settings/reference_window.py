"""Faults about windows: those that are named, and those that are made of others."""

from collections.abc import Iterator

from bot.settings.model import Document
from bot.settings.names import Names
from bot.settings.places import steps
from bot.settings.problem import Fault, Loc
from bot.settings.unknown import unknown
from escalation.phrase import Phrase
from escalation.policy import Target, TargetKind

MOST_PARTS = 100
"""Windows that one may be made of, all told: each alert's policy keeps them, and each page asks them."""


def window_faults(document: Document, names: Names) -> Iterator[Fault]:
    """A window, or a schedule to wait for, that is not there; a window that is made of itself, or of too many."""
    if "always" in document.windows:
        message, fix = Phrase("always is known without being written"), Phrase("take it away")
        yield Fault(("windows", "always"), message, fix, is_key=True)
    yield from _combined(document, names)
    for loc, window in _named_windows(document):
        if window not in names.known_windows:
            yield unknown(loc, "window", window, names.known_windows, "windows")
    for loc, schedule in _awaited(document):
        if schedule not in names.schedules:
            yield unknown(loc, "schedule", schedule, names.schedules, "schedules")


def _named_windows(document: Document) -> Iterator[tuple[Loc, str]]:
    """Every window that a ladder, a step or a layer of a schedule names, and where."""
    for name, policy in document.policies.items():
        for number, ladder in enumerate(policy.ladders or ()):
            yield ("policies", name, "ladders", number, "when"), ladder.when
        for loc, step in steps(name, policy):
            held = None if step.hold is None or _is_on_call(step.hold) else step.hold
            named = {"only": step.only, "not": step.never, "hold": held}
            yield from (((*loc, key), window) for key, window in named.items() if window is not None)
    if document.contact_checks.window is not None:
        yield ("contact_checks", "window"), document.contact_checks.window
    for name, schedule in document.schedules.items():
        for number, layer in enumerate(schedule.layers or ()):
            if layer.window is not None:
                yield ("schedules", name, "layers", number, "window"), layer.window


def _awaited(document: Document) -> Iterator[tuple[Loc, str]]:
    """Every schedule for which a step waits until somebody is on call, and where."""
    for name, policy in document.policies.items():
        for loc, step in steps(name, policy):
            if step.hold is not None and _is_on_call(step.hold):
                yield (*loc, "hold"), Target.parse(step.hold).name


def _is_on_call(text: str) -> bool:
    return Target.parse(text).kind is TargetKind.ONCALL


def _combined(document: Document, names: Names) -> Iterator[Fault]:
    """Windows that are made of others."""
    known = names.known_windows
    below = {name: _made_of(name, document) for name in document.windows}
    circles = {name for name, found in below.items() if name in found}
    for name, window in document.windows.items():
        for key, place, other in window.others():
            if other not in known:
                yield unknown(("windows", name, key, place), "window", other, known, "windows")
            elif other == name or name in below.get(other, ()):
                message = Phrase("%(name)s is made of itself", name=name)
                yield Fault(("windows", name, key, place), message, Phrase("take %(name)s away", name=other))
        if not circles & {name, *below[name]} and _parts(name, document) > MOST_PARTS:
            message = Phrase(
                "%(name)s is made of more than %(most)s windows, all told", name=name, most=str(MOST_PARTS)
            )
            yield Fault(("windows", name), message, Phrase("say it with fewer"), is_key=True)


def _others(name: str, document: Document) -> list[str]:
    return [other for _, _, other in document.windows[name].others()] if name in document.windows else []


def _made_of(name: str, document: Document) -> set[str]:
    """Every window that this one is made of, however far below."""
    found, ahead = set[str](), _others(name, document)
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += _others(one, document)
    return found


def _parts(name: str, document: Document) -> int:
    """Of how many windows it is made, each as often as it comes; not counted far beyond the most."""
    count, ahead = 0, _others(name, document)
    while ahead and count <= MOST_PARTS:
        count += 1
        ahead += _others(ahead.pop(), document)
    return count
