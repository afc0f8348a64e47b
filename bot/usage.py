"""What is wrong with a command as it was typed, in the words of whoever sits at the terminal.

Typer finds it, and says it in English. Here stands what it says, as patterns, and what Kidoku says for it. What no
pattern fits, such as that of a newer typer, stays as it is.
"""

from typing import Any, NamedTuple

import typer
from typer import rich_utils

from bot.frame import taken_apart
from bot.language import Words
from escalation.phrase import N_, Phrase

FORMS = (
    (r"(?P<what>.+)\. Did you mean (?P<names>'.+')\?", N_("%(what)s; did you mean %(names)s?")),
    (r"(?P<what>.+) \(Possible options: (?P<names>.+)\)", N_("%(what)s; did you mean %(names)s?")),
    (r"No such command '(?P<name>.*?)'\.?", N_("There is no command “%(name)s”")),
    (r"No such option: (?P<name>.+)", N_("There is no option %(name)s here")),
    (r"Missing argument '(?P<name>.+)'\.", N_("%(name)s is missing")),
    (r"Missing option (?P<name>'.+')\.", N_("The option %(name)s is missing")),
    (r"Got unexpected extra argument\(s\) \((?P<words>.+)\)", N_("That is too much: %(words)s")),
    (r"Option '(?P<name>.+)' requires an argument\.", N_("Write a value after %(name)s")),
    (r"Option '(?P<name>.+)' does not take a value\.", N_("%(name)s takes no value")),
    (r"Invalid value for (?P<name>.+?): (?P<what>.+)", N_("%(name)s: %(what)s")),
    (r"Value error, '(?P<text>.*)' is not one of (?P<names>.+)\.", N_("“%(text)s” is none of these: %(names)s")),
    (r"Input should be a valid integer.*", N_("write a whole number")),
    (r"Input should be a valid number.*", N_("write a number")),
    (r"Input should be greater than or equal to (?P<ge>.+)", N_("write at least %(ge)s")),
    (r"Input should be less than or equal to (?P<le>.+)", N_("write at most %(le)s")),
)
"""What typer says, and pydantic behind it, whole; and Kidoku's words for it. ``what`` is said in its own turn."""


class _Told(NamedTuple):
    """What typer's printer asks of an error."""

    ctx: Any
    text: str

    def format_message(self) -> str:
        return self.text


def show(error: typer.TyperException, words: Words) -> None:
    """Print on stderr how the command is typed, and what was wrong; nothing for a command that only shows its help."""
    if error.format_message():
        printed: Any = _Told(getattr(error, "ctx", None), said(error, words))
        rich_utils.rich_format_error(printed)


def said(error: typer.TyperException, words: Words) -> str:
    """What was wrong, in the reader's words."""
    own = error.message
    text = error.format_message()
    # A text of Kidoku's own is said whole: typer has put its English into a sentence of its own.
    return words.sentence(_phrase(text[: -len(own)], own) if isinstance(own, Phrase) else _phrase(text))


def _phrase(text: str, rest: str = "") -> str:
    """What Kidoku says for what typer says: ``text``, and the end of it, ``rest``, if that has its words already."""
    said = taken_apart(text + rest, FORMS, lambda name, value: (rest or _phrase(value)) if name == "what" else value)
    return text + rest if said is None else said
