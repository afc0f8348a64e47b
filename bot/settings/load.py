"""Loads the settings: the file, the environment, and everything that is wrong with them, at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot import clock
from bot.language import LANGUAGES, Words, language_of
from bot.settings import misspelt, source
from bot.settings.build import Settings
from bot.settings.environment import overlay, standing_in, without_secrets
from bot.settings.model import Document
from bot.settings.names import names_of
from bot.settings.problem import Problem
from bot.settings.reference import faults
from bot.settings.shape import located, read_shape
from bot.settings.warn import warnings
from escalation.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, or None if anything is wrong; and all problems, warnings included, in the file's order.

    ``language`` is what the problems are to be said in: that of the settings as far as it can be told.
    """

    settings: Settings | None
    problems: tuple[Problem, ...]
    language: str = "en"

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.is_warning)

    @property
    def words(self) -> Words:
        """The words of whoever wrote the settings."""
        return Words(self.language, self.settings.zone if self.settings else "UTC")

    def worded_errors(self) -> str:
        """Every error, a line each."""
        return "\n".join(error.worded(self.words) for error in self.errors)


def load(
    path: Path,
    environ: Mapping[str, str],
    *,
    today: date | None = None,
    needs_secrets: bool = True,
    is_thorough: bool = False,
) -> Loaded:
    """Load a settings file with the secrets of an environment. Raises nothing for whatever stands in them.

    ``today`` (the system's, in UTC, if left out) decides for which years holidays are known. Without
    ``needs_secrets`` they are neither read nor missed: for commands that talk to nobody outside. ``is_thorough``: the
    files of calendars are looked into, and the policies walked over the next days, too; that takes a moment.
    """
    root, problems = source.read(path, str(path))
    if root is not None and not needs_secrets:
        environ = standing_in(root, environ)
    loaded = _loaded(root, problems, environ, today or clock.wall().date())
    if root is None or loaded.settings is None or not is_thorough:
        return loaded
    # A bot that runs proves nothing, and does not hold what proves.
    from bot.settings.warn_calendar import calendar_warnings
    from bot.settings.warn_file import file_warnings
    from bot.settings.warn_proof import proof_warnings

    thorough = (calendar_warnings, file_warnings, proof_warnings)
    found = located(root, [fault for of in thorough for fault in of(loaded.settings)])
    return replace(loaded, problems=_ordered([*loaded.problems, *found]))


def load_bytes(data: bytes, file: str, environ: Mapping[str, str], today: date) -> Loaded:
    """The same of a file's content; ``file`` is its name in the problems."""
    root, problems = source.parse(data, file)
    return _loaded(root, problems, environ, today)


def _loaded(
    root: source.Node | None,
    problems: list[Problem],
    environ: Mapping[str, str],
    today: date,
) -> Loaded:
    if root is None:
        return Loaded(None, tuple(problems), language_of(environ))
    problems += misspelt.mend(root)
    if misspelt.is_none_of_ours(root):
        told = Problem(root.file, 0, "", misspelt.NOT_OURS, Phrase("give another with --config FILE"))
        return Loaded(None, (told,), language_of(environ))
    problems += without_secrets(root)
    problems += overlay(root, environ)
    names, language = names_of(root), _language(root, environ)
    document, of_shape = read_shape(root)
    problems += of_shape
    if document is not None:
        problems += located(root, faults(document, names))
    if document is None or any(not problem.is_warning for problem in problems):
        return Loaded(None, _ordered(problems), language)
    settings = Settings(document, today)
    problems += located(root, warnings(settings))
    return Loaded(settings, _ordered(problems), language)


def _language(root: source.Node, environ: Mapping[str, str]) -> str:
    """That of the settings, even if something else is wrong with them; of the terminal if it is itself wrong."""
    node = root.child("language")
    if node is None:
        return str(Document.model_fields["language"].default)
    return node.value if node.value in LANGUAGES else language_of(environ)


def _ordered(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.file == "environment", one.line, one.path)))
