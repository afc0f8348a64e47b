"""A stranger's words, made fit to stand in a line."""

import unicodedata

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of text: with them a subject could rewrite the words around it."""
_BREAKS = ("Cc", "Cs", "Zl", "Zp")


def plain(text: str) -> str:
    """A stranger's text as one line: no control characters, no turning of direction, single spaces."""
    return " ".join("".join(map(_tame, text)).split())


def _tame(char: str) -> str:
    if char in _DIRECTION:
        return ""
    return " " if unicodedata.category(char) in _BREAKS else char


def cut(text: str, most: int) -> str:
    """``text`` in at most ``most`` characters and an ellipsis: at a space if one is near, never before a sign that
    belongs to the letter before it."""
    if len(text) <= most:
        return text
    end = most
    while end > most // 2 and _belongs(text[end], text[end - 1]):
        end -= 1
    space = text.rfind(" ", end - 20, end + 1)
    return text[: space if space > 0 else end].rstrip() + "…"


def _belongs(char: str, before: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") or before == "\u200d"
