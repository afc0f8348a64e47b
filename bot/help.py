"""The command line's help, in the language of whoever sits at the terminal.

The texts stand where the commands are declared, in English: docstrings and ``help=``. ``bot/locale_tool.py`` gathers
them from the commands themselves.
"""

from collections.abc import Callable, Iterator
from functools import partial, partialmethod
from typing import Any

import typer
from rich.columns import Columns
from rich.table import Table
from rich.text import Text
from typer import rich_utils

from bot.language import Words
from escalation.phrase import N_

SHOWN = N_("Show this message and exit.")
OF_TYPER = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "ERRORS_PANEL_TITLE": N_("Error"),
    "DEFAULT_STRING": N_("[default: {}]"),
    "ENVVAR_STRING": N_("[env var: {}]"),
    "REQUIRED_LONG_STRING": N_("[required]"),
    "RICH_HELP": N_("Try [blue]'{command_path} {help_option}'[/] for help."),
}
"""What typer itself writes, by the name of its constant."""
USAGE = N_("Usage: ")
OPTIONS = N_("[OPTIONS]")
COMMAND = N_("COMMAND [ARGS]...")
WORDS = "words"
"""What the parameter is called that takes a command's free words."""
KINDS = {
    "<str>": N_("<text>"),
    "<int>": N_("<number>"),
    "<int range>": N_("<number>"),
    "<float range>": N_("<number>"),
    "<path>": N_("<path>"),
    "<list[str]>": N_("<text>"),
    "<list[Path]>": N_("<path>"),
}
"""What is written after an option, by typer's name for it. A flag takes nothing, though typer shows <bool>."""


class _Folding(Table):
    """A table that folds what has no spaces, as Japanese and Chinese have none; typer's would cut it off."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        for text in (one for cell in cells if isinstance(cell, Columns) for one in cell.renderables):
            if isinstance(text, Text):
                text.overflow = "fold"
        super().add_row(*cells, **options)
        self.columns[-1].overflow = "fold"


def command_of(app: typer.Typer) -> Any:
    """The command line as typer builds it: a command, with others below it."""
    return typer.main.get_command(app)


def texts(command: Any) -> Iterator[str]:
    """Every text of a command's help, and of those below it."""
    yield from (one.help for one in _helped(command))


def translate(command: Any, words: Words) -> None:
    """Put a command's help, and that of those below it, into the reader's words."""
    rich_utils.__dict__["Table"] = _Folding
    for name, text in OF_TYPER.items():
        if hasattr(rich_utils, name):
            setattr(rich_utils, name, words.gettext(text))
    for one in _helped(command):
        one.help = words.gettext(one.help)
    for one in _commands(command):
        one.context_class = _contexts(words)
        one.options_metavar = words.gettext(OPTIONS)
        one.subcommand_metavar = words.gettext(COMMAND)
    _translate_shown(command, words, None)


def _contexts(words: Words) -> type[typer.Context]:
    """Runs of commands whose usage begins in the reader's words: typer's own formatter has English in it."""
    own = typer.Context.formatter_class
    written = partialmethod(own.write_usage, prefix=words.gettext(USAGE))
    return type("_Context", (typer.Context,), {"formatter_class": type("_Formatter", (own,), {"write_usage": written})})


def _commands(command: Any) -> Iterator[Any]:
    """The command, and all that are below it."""
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _commands(below)


def _helped(command: Any) -> Iterator[Any]:
    """The commands and their parameters, as far as they have a help."""
    for one in _commands(command):
        yield from (part for part in (one, *one.params) if getattr(part, "help", None))


def _translate_shown(command: Any, words: Words, parent: Any) -> None:
    """``--help`` itself, which every command makes when it is first asked for; and what parameters take."""
    context = typer.Context(command, parent=parent, **command.context_settings)
    option = command.get_help_option(context)
    if option is not None:
        option.help = words.gettext(SHOWN)
    for one in command.get_params(context):
        if one.name == WORDS:
            one.get_usage_pieces = partial(_written, one)
        one.display_type_rich = partial(_kind, one.display_type_rich, words)
    for below in getattr(command, "commands", {}).values():
        _translate_shown(below, words, context)


def _written(words: Any, ctx: Any) -> list[str]:
    """Free words as they are written: typer would put brackets and dots around those that stand there."""
    return [str(words.metavar)]


def _kind(shown: Callable[..., str | None], words: Words, ctx: Any) -> str | None:
    """What a parameter takes, instead of typer's name for it; nothing for a flag."""
    kind = shown(ctx=ctx)
    if kind == "<bool>":
        return None
    return words.gettext(KINDS[kind]) if kind in KINDS else kind
