"""Breaks text into lines of a terminal, in scripts with and without spaces.

Widths are cells: a Japanese or Chinese character takes two. Such text may break between any two characters, but no
line begins with a closing mark or ends with an opening one (kinsoku; JIS X 4051, and the classes CL, NS and OP of
Unicode's UAX #14), and a number stays with what it counts.
"""

import re
from collections.abc import Iterator

from rich.cells import cell_len

_NEVER_FIRST = frozenset(
    "、。，．・：；？！」』】〕〉》）］｝”’‐ー〜～…‥ヽヾゝゞ々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%％"
)
_NEVER_LAST = frozenset("「『【〔〈《（［｛“‘([{＃")
_WORD = re.compile(r"(\s*)(\S+)")


def broken(text: str, width: int, lead: str = "") -> list[str]:
    """The lines of one paragraph, at most ``width`` cells each. ``lead`` stands before the first line, and as much
    room before the others: a mark, or the left column of two. A word that is wider than a line is cut."""
    room = max(8, width - cell_len(lead))
    lines = [""]
    for space, atom in _atoms(text):
        if lines[-1] and cell_len(lines[-1] + space + atom) > room:
            lines.append("")
        lines[-1] += (space if lines[-1] else "") + atom
        lines[-1:] = _cut(lines[-1], room)
    return [(" " * cell_len(lead) if number else lead) + line for number, line in enumerate(lines)]


def _atoms(text: str) -> Iterator[tuple[str, str]]:
    """What no line break may divide, each with the space before it."""
    space, atom = "", ""
    for found in _WORD.finditer(text):
        for number, char in enumerate(found[2]):
            between = "" if number else found[1] and " "
            if atom and _may_break(atom[-1], between, char):
                yield space, atom
                space, atom = between, char
            else:
                atom += between + char
    if atom:
        yield space, atom


def _may_break(before: str, between: str, after: str) -> bool:
    if (after in _NEVER_FIRST and not between) or before in _NEVER_LAST or cell_len(after) == 0:
        return False
    is_wide = cell_len(before) > 1 or cell_len(after) > 1
    if is_wide and (before.isdecimal() or before == "第" or (before in ".:" and between)):
        return False
    return bool(between) or is_wide


def _cut(line: str, room: int) -> list[str]:
    """The line, in as many pieces as it needs."""
    pieces = [""]
    for char in line:
        if cell_len(pieces[-1] + char) > room:
            pieces.append("")
        pieces[-1] += char
    return pieces
