"""English that stands there already, taken apart: what it was made of can be said in another language."""

import re
from collections.abc import Callable, Iterable, Mapping

from escalation.phrase import Phrase

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def frame_of(form: str, values: Mapping[str, str]) -> tuple[str, str]:
    """The pattern of what was made of ``form``, and the form. ``values``: the patterns of its placeholders, by name;
    any other may be anything."""
    parts = _PLACEHOLDER.split(form)
    literals = [re.escape(one) for one in parts[::2]]
    groups = [f"(?P<{name}>{values.get(name, '.+')})" for name in parts[1::2]]
    return "".join(one for pair in zip(literals, [*groups, ""], strict=True) for one in pair), form


def taken_apart(text: str, frames: Iterable[tuple[str, str]], said: Callable[[str, str], str | None]) -> Phrase | None:
    """``text`` by the first frame that it fits as a whole; None if there is none. ``said`` gets the name and text of
    each value, and returns what stands in its place, or None: then the frame does not fit."""
    for pattern, form in frames:
        if found := re.fullmatch(pattern, text, re.DOTALL):
            values = {name: said(name, value) for name, value in found.groupdict().items()}
            if None not in values.values():
                return Phrase(form, **values)
    return None
