"""The YAML file as a tree that knows the line of everything in it.

The tree is made from ruamel's node graph, not from its constructed values: so every duplicate key is found (the
constructor stops at the first), and ``+819012345678`` without quotes is still a phone number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.settings.problem import Loc, Problem, written
from bot.unreadable import unreadable
from escalation.phrase import Phrase

_START = Phrase("start from config/minimal.yaml")
_MOST_NODES = 100_000
"""A settings file with more than this is an accident (or aliases that multiply)."""


@dataclass(slots=True)
class Node:
    """One value of the file. ``path`` is its place as written, which stays even when siblings are pruned.

    ``value`` is a dict or list of nodes, or a scalar. ``file`` is a file's name, or an environment variable's.
    """

    value: Any
    path: Loc
    file: str
    line: int
    key_line: int = 0

    def plain(self) -> Any:
        """The value alone, as pydantic takes it."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def child(self, part: str | int) -> "Node | None":
        found: Node | None = None
        if isinstance(self.value, dict):
            found = self.value.get(part)
        elif isinstance(self.value, list) and isinstance(part, int) and part < len(self.value):
            found = self.value[part]
        return found

    def deepest(self, loc: Loc) -> "tuple[Node, Loc]":
        """The node at this place, or its nearest parent that exists; and the part of the place that does not."""
        node = self
        for depth, part in enumerate(loc):
            below = node.child(part)
            if below is None:
                return node, loc[depth:]
            node = below
        return node, ()

    def prune(self, loc: Loc) -> bool:
        """Take the value at this place out of the tree; False if there is none."""
        parent, rest = self.deepest(loc[:-1])
        if rest or not loc or parent.child(loc[-1]) is None:
            return False
        del parent.value[loc[-1]]
        return True


@dataclass(slots=True)
class _Reader:
    file: str
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    above: list[int] = field(default_factory=list)

    def read(self, raw: Any, path: Loc, key_line: int) -> Node:
        line = raw.start_mark.line + 1
        node = Node(None, path, self.file, line, key_line or line)
        self.count += 1
        if id(raw) in self.above or self.count > _MOST_NODES:
            self.say(line, path, Phrase("an alias makes this endless"), Phrase("write it out"))
            return node
        self.above.append(id(raw))
        node.value = self._value(raw, path)
        self.above.pop()
        return node

    def say(self, line: int, path: Loc, message: Phrase, fix: Phrase) -> None:
        self.problems.append(Problem(self.file, line, written(path), message, fix))

    def _value(self, raw: Any, path: Loc) -> Any:
        if raw.id == "mapping":
            return self._mapping(raw, path)
        if raw.id == "sequence":
            return [self.read(item, (*path, n), 0) for n, item in enumerate(raw.value)]
        return self._scalar(raw, path)

    def _mapping(self, raw: Any, path: Loc) -> dict[str, Node]:
        found: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in raw.value:
            line = key.start_mark.line + 1
            if key.id != "scalar":
                self.say(line, path, Phrase("a key is a list or a mapping"), Phrase("write a word as the key"))
            elif key.tag.endswith(":merge"):
                merged |= self._merge(value, path)
            elif key.value in found:
                first = found[key.value].key_line
                again = (*path, key.value)
                what = Phrase("the key is written twice (first in line %(line)d)", line=first)
                self.say(line, again, what, Phrase("keep one of the two"))
            else:
                found[key.value] = self.read(value, (*path, key.value), line)
        return merged | found

    def _merge(self, raw: Any, path: Loc) -> dict[str, Node]:
        """``<<: *other``: the keys of another mapping, or of a list of them, the first of which wins."""
        merged: dict[str, Node] = {}
        for one in reversed(raw.value if raw.id == "sequence" else [raw]):
            below = self.read(one, path, 0).value
            if isinstance(below, dict):
                merged |= below
            else:
                what, fix = Phrase("<< must name a mapping"), Phrase("write <<: *name of a mapping")
                self.say(raw.start_mark.line + 1, path, what, fix)
        return merged

    def _scalar(self, raw: Any, path: Loc) -> Any:
        kind = str(raw.tag).removeprefix("tag:yaml.org,2002:")
        text: str = raw.value
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if text[0] not in "+0" or text == "0":
                return int(text.replace("_", ""), 0)
            case "float":
                return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
            case "int" | "str" | "timestamp":
                # Half a character, as "\\ud800" makes one, can't be written anywhere again.
                return text.encode("utf-8", "replace").decode("utf-8")
        what = Phrase("the YAML tag %(tag)s is not allowed", tag=str(raw.tag))
        self.say(raw.start_mark.line + 1, path, what, Phrase("leave the tag out"))
        return None


def read(path: Path, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of a settings file, and what is wrong with it as YAML. No tree if it can't be read at all."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return None, [Problem(file, 0, "", unreadable(error), Phrase("give another with --config FILE"))]
    return parse(data, file)


def parse(data: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of a settings file's bytes (UTF-8)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fix = Phrase("save the file in the encoding UTF-8")
        return None, [Problem(file, line, "", Phrase("this line is not UTF-8"), fix)]
    try:
        raw = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError) as error:
        return None, list(_syntax(error, text, file))
    return _tree(raw, file)


def _tree(raw: Any, file: str) -> tuple[Node | None, list[Problem]]:
    if raw is None or (raw.id == "scalar" and raw.tag.endswith(":null")):
        return None, [Problem(file, 1, "", Phrase("the file is empty"), _START)]
    if raw.id != "mapping":
        line = raw.start_mark.line + 1
        return None, [Problem(file, line, "", Phrase("this is no mapping of keys"), _START)]
    reader = _Reader(file)
    return reader.read(raw, (), 0), reader.problems


def _syntax(error: Exception, text: str, file: str) -> Iterator[Problem]:
    tabs = [n for n, line in enumerate(text.splitlines(), 1) if re.match(r" *\t", line)]
    if tabs:
        for line in tabs:
            yield Problem(file, line, "", Phrase("a tab stands in the indentation"), Phrase("write spaces"))
        return
    if not isinstance(error, MarkedYAMLError):
        is_deep = isinstance(error, RecursionError)
        said = Phrase("nested too deeply") if is_deep else str(error).splitlines()[0]
        yield Problem(file, 0, "", _no_yaml(said), _START)
        return
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    opened = error.context_mark.line + 1 if error.context_mark else line
    if wide := _near(text, opened, line, _WIDE):
        yield Problem(file, wide, "", Phrase("a full-width sign stands here: ："), Phrase("write a colon and a space"))
        return
    if room := _near(text, opened, line, _BARE_ROOM):
        yield Problem(file, room, "", Phrase("what follows # is a comment"), Phrase('write a room in quotes: "#ops"'))
        return
    said = ": ".join(part for part in (error.context, error.problem) if part)
    is_bracket = error.context_mark and "flow" in (error.context or "")
    fix = Phrase("close the bracket that was opened in line %(line)d", line=opened) if is_bracket else _LOOK
    yield Problem(file, line, "", _no_yaml(said), fix)


def _no_yaml(said: str) -> Phrase:
    """With the words of the YAML reader, which are English only."""
    return Phrase("this is not YAML: %(said)s", said=said)


_LOOK = Phrase("look at the indentation, colons and quotes here and in the line above")
_WIDE = re.compile(r"^\s*(?:- )?[^\s#：\"']+：")


_BARE_ROOM = re.compile(r"[^#]*[\[,:] *#\w")


def _near(text: str, first: int, last: int, pattern: re.Pattern[str]) -> int:
    """The latest of these lines, or of the two up to the last, that begins so; 0 if none does."""
    lines = text.splitlines()[:last]
    found = (n for n in range(len(lines), max(0, min(first, last - 1) - 1), -1) if pattern.match(lines[n - 1]))
    return next(found, 0)
