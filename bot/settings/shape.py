"""Reads the tree into the model, and gives everything that is wrong with it its file and line.

When something is wrong, the wrong parts are pruned and the rest is read again: so references can still be checked
in all that is right.
"""

from collections.abc import Iterable
from typing import Any, get_origin

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.settings import tree
from bot.settings.model import Document
from bot.settings.problem import Fault, Loc, Problem, written
from bot.settings.source import Node
from bot.settings.wording import fault

_MOST_ROUNDS = 50
_TELL = [{"via": "console", "to": "nobody"}]
_STANDINS: dict[str, Any] = {
    "alarms": _TELL,
    "last_resort": _TELL,
    "people": {"nobody": {"name": "nobody"}},
    "policies": {"nothing": {"steps": _TELL, "last_resort": _TELL}},
    "rules": [{"name": "nothing", "ignore": True}],
    "start": "2000-01-01",
    "to": "nobody",
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


def read_shape(root: Node) -> tuple[Document | None, list[Problem]]:
    """The document; or what can be read of it, and every fault of its shape."""
    problems: list[Problem] = []
    _fill_empty(root, Document)
    tried: set[Loc] = set()
    for _ in range(_MOST_ROUNDS):
        try:
            return Document.model_validate(root.plain()), problems
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=True)
        if not problems:
            faults = {(one.loc, one.message): one for one in map(fault, details)}
            problems = located(root, faults.values())
        if not _mend(root, details, tried):
            break
    return None, problems


def _mend(root: Node, details: list[ErrorDetails], tried: set[Loc]) -> bool:
    """Put something where it is missing; take out what is wrong, from the last list item to the first, so that
    indexes keep their meaning. False if nothing could be done."""
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"} - tried
    filled = {loc for loc in missing if _fill(root, loc)}
    tried |= filled
    locs = {_cut(root, detail) for detail in details if detail["loc"] not in filled}
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


def _fill_empty(node: Node, annotation: Any) -> None:
    """``slack:`` with nothing below it is a section with nothing in it."""
    kind = tree.bare(annotation)
    if node.value is None and (tree.is_shape(kind) or get_origin(kind) is dict):
        node.value = {}
    children = node.value.items() if isinstance(node.value, dict) else ()
    for key, child in children or enumerate(node.value if isinstance(node.value, list) else ()):
        _fill_empty(child, tree.below(kind, key))
