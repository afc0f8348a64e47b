"""English in the source that no catalogue knows: literals of two words or more that nobody marked for translation."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARKS = frozenset({"gettext", "ngettext", "pgettext", "N_", "Phrase"})
_WORDS = re.compile(r"[A-Za-z']{2,}[,;:]? [a-z']{2,}")
"""Two words of a sentence: the second one in small letters. Code, names and tokens have no space or no small letter."""


@dataclass(frozen=True, slots=True)
class Literal:
    """``calls`` are the functions in whose arguments it stands, from the outermost on."""

    path: str
    line: int
    text: str
    calls: tuple[str, ...]


def unmarked(root: Path, folders: tuple[str, ...]) -> Iterator[Literal]:
    """Every literal of these folders that reads like English and is neither marked, nor a docstring, a log line, an
    option's help (``bot/help.py`` gathers those), nor an assertion's words."""
    for path in sorted(one for folder in folders for one in (root / folder).rglob("*.py")):
        yield from _Finder(str(path.relative_to(root))).found(ast.parse(path.read_text("utf-8")))


class _Finder:
    def __init__(self, path: str) -> None:
        self._path = path

    def found(self, node: ast.AST, above: tuple[ast.AST, ...] = ()) -> Iterator[Literal]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORDS.search(node.value):
            calls = tuple(_name(one.func) for one in above if isinstance(one, ast.Call))
            if not (MARKS & set(calls) or any(map(_is_no_text, above)) or isinstance(above[-1], ast.Expr)):
                yield Literal(self._path, node.lineno, node.value, calls)
        for child in ast.iter_child_nodes(node):
            yield from self.found(child, (*above, node))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_no_text(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
            return True
        case ast.keyword(arg="help") | ast.Assert():
            return True
    return False
