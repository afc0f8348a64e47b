"""Lines that fit a terminal. Signs of East Asia take two columns, and a line may end after any of them."""

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"\s+|[（「『【“(]*(?:[^\s\u2e80-\uffef“]+|[\u2e80-\uffef]|“)[、。，．；：！？）」』】”)]*")
"""What stays together: no line begins with a full stop, none ends with an opening bracket."""


def columns(text: str) -> int:
    """How wide a text stands on a terminal."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many columns (2 or more); one empty line for an empty text."""
    lines, line = [], ""
    for word in _pieces(text, width):
        if columns(line + word.rstrip()) <= width:
            line += word
        else:
            lines.append(line.rstrip())
            line = word.lstrip()
    return [*lines, line.rstrip()]


def _pieces(text: str, width: int) -> Iterator[str]:
    """The words; one that is wider than a line in parts."""
    for found in _WORD.finditer(" ".join(text.split())):
        piece = ""
        for sign in found[0]:
            if columns(piece + sign) > width:
                yield piece
                piece = ""
            piece += sign
        yield piece
