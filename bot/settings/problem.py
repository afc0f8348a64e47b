"""What is wrong with the settings, where, and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.language import Words
from escalation.phrase import N_, Phrase, advice

Loc = tuple[str | int, ...]
"""Where in the settings: keys and list indexes from the top."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault or warning. ``line`` counts from 1; 0 means that it has no line (the environment, the whole file).

    ``message`` and ``fix`` are phrases: English until somebody says them in another language.
    """

    file: str
    line: int
    path: str
    message: str
    fix: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        return self.worded(Words("en", "UTC"))

    def worded(self, words: Words) -> str:
        """``file:line: path: what is wrong; what to write instead``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        said = words.said(advice(self.message, self.fix) if self.fix else self.message)
        parts = [place, words.gettext(N_("warning")) if self.is_warning else "", self.path, said]
        return ": ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem that knows its place in the settings, and not yet its line. ``is_key``: the key itself is wrong."""

    loc: Loc
    message: str
    fix: str = ""
    is_warning: bool = False
    is_key: bool = False


def written(loc: Loc) -> str:
    """A place as people write it: ``policies.urgent.steps[2].to``."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"'
            text += f".{key}" if text else key
    return text


def suggestion(wrong: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to write instead: the nearest known spelling, else all of them if they are few, else ``otherwise``."""
    # What is no name itself ("urgent " with a space) is told where it stands.
    names = sorted(name for name in known if name == name.strip())
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return Phrase("did you mean %(name)s?", name=folded[near[0]])
    if names and len(names) <= 12:
        return Phrase("write one of: %(names)s", names=", ".join(names))
    return otherwise


def shown(value: Any) -> str:
    """A value as it stands in a message: short, and as YAML writes it."""
    if isinstance(value, (dict, list)):
        return Phrase("a mapping") if isinstance(value, dict) else Phrase("a list")
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
