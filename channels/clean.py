"""Texts of strangers, freed of what can't be seen: a mail can't draw lines or names that look like Kidoku's own, and no
provider refuses a message for half a character."""

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff{_BIDI}]")
"""Controls that are no white space, half surrogates, and what turns the reading direction."""
_UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """One line of visible text: no controls, no half surrogates, nothing that turns the reading direction, and one
    space between words."""
    return " ".join(_HIDDEN.sub("", text).split())


def writable(text: str) -> str:
    """What can stand in a field to be written in: any line, but no other controls and no half characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _UNWRITABLE.sub("", lines)
