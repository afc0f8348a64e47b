"""Texts cut to what a provider takes, as it counts."""

from collections.abc import Callable


def units(text: str) -> int:
    """UTF-16 units: the strictest way in which a provider counts characters."""
    return len(text) + sum(ord(char) > 0xFFFF for char in text)


def cut(text: str, most: int, size: Callable[[str], int] = units) -> str:
    """At most ``most`` by ``size``, which takes every character for itself, and none for less than 1, with an ellipsis
    of size 1 where something is left out; never half a character."""
    if len(text) <= most and size(text) <= most:
        return text
    kept, used = [], 1
    for char in text:
        used += size(char)
        if used > most:
            break
        kept.append(char)
    return "".join(kept) + "…"
