"""Reads the tree into the model, and gives everything that is wrong with it its file and line.

When something is wrong, the wrong parts are pruned and the rest is read again: so references can still be checked
in all that is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.settings import tree
from bot.settings.model import Document
from bot.settings.prepare import prepare
from bot.settings.problem import Fault, Loc, Problem, written
from bot.settings.source import Node
from bot.settings.wording import fault
from channels.apprise.config import STAND_IN
from channels.gateway.password import NOBODY

_MOST_ROUNDS = 50
_TELL = [{"via": "console", "to": "nobody"}]
_STANDINS: dict[str, Any] = {
    "alarms": _TELL,
    "passwords": NOBODY,
    "last_resort": _TELL,
    "people": {"nobody": {"name": "nobody"}},
    "policies": {"nothing": {"steps": _TELL, "last_resort": _TELL}},
    "rules": [{"name": "nothing", "ignore": True}],
    "start": "2000-01-01",
    "to": "nobody",
    "url": STAND_IN,
    "via": "console",
}
"""What stands for something missing while the rest is checked. It has no file: no fault is reported in it."""


def located(root: Node, faults: Iterable[Fault]) -> list[Problem]:
    """Give faults their file and line."""
    problems = []
    for one in faults:
        node, rest = root.deepest(one.loc)
        if not node.file:
            continue
        line = node.key_line if one.is_key and not rest else node.line
        path = written((*node.path, *rest))
        problems.append(Problem(node.file, line, path, one.message, one.fix, one.is_warning))
    return problems


@dataclass(slots=True)
class _Reading:
    """``tried`` are the places that were filled once; ``pruned`` the places, as written, that were taken out."""

    root: Node
    problems: list[Problem]
    tried: set[Loc] = field(default_factory=set)
    pruned: list[Loc] = field(default_factory=list)


def read_shape(root: Node) -> tuple[Document | None, list[Problem]]:
    """The document; or what can be read of it, and every fault of its shape."""
    reading = _Reading(root, located(root, prepare(root)))
    for number in range(_MOST_ROUNDS):
        try:
            return Document.model_validate(root.plain()), reading.problems
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=True)
        fresh = [detail for detail in details if number == 0 or _is_fresh(detail, reading)]
        found = {(one.loc, one.message): one for one in map(fault, fresh)}
        reading.problems += located(root, found.values())
        if not _mend(reading, details):
            break
    return None, reading.problems


def _is_fresh(detail: ErrorDetails, reading: _Reading) -> bool:
    """Whether a fault of a later round is real: pydantic looks at a part as a whole only when its pieces are right;
    and where a piece was pruned, the whole may only look wrong."""
    path = reading.root.deepest(detail["loc"])[0].path
    return detail["type"] in ("value_error", "kidoku") and not any(
        pruned[: len(path)] == path for pruned in reading.pruned
    )


def _mend(reading: _Reading, details: list[ErrorDetails]) -> bool:
    """Put something where it is missing; take out what is wrong, from the last list item to the first, so that
    indexes keep their meaning. False if nothing could be done."""
    root = reading.root
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"} - reading.tried
    filled = {loc for loc in missing if _fill(root, loc)}
    reading.tried |= filled
    locs = {_cut(root, detail) for detail in details if detail["loc"] not in filled}
    reading.pruned += [root.deepest(loc)[0].path for loc in locs]
    pruned = [root.prune(loc) for loc in sorted(locs, key=_in_order, reverse=True) if loc]
    return bool(filled) or any(pruned)


def _in_order(loc: Loc) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in loc)


def _cut(root: Node, detail: ErrorDetails) -> Loc:
    """The place to prune: what is wrong, or what lacks something."""
    loc = detail["loc"]
    _, rest = root.deepest(loc)
    return loc[: len(loc) - len(rest)]


def _fill(root: Node, loc: Loc) -> bool:
    parent, _ = root.deepest(loc[:-1])
    key = str(loc[-1])
    value = _STANDINS.get(key)
    if value is None and tree.at(Document, loc) in (str, SecretStr):
        value = "nobody"
    if value is None or not isinstance(parent.value, dict):
        return False
    parent.value[key] = _standin(value)
    return True


def _standin(value: Any) -> Node:
    if isinstance(value, dict):
        value = {key: _standin(one) for key, one in value.items()}
    elif isinstance(value, list):
        value = [_standin(one) for one in value]
    return Node(value, (), "", 0)
