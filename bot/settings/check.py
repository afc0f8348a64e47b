"""``kidoku check``: every problem of a settings file as ``file:line: path: what is wrong; what to write instead``."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from bot.language import N_
from bot.settings.load import Loaded, load


def check_command(path: Path, as_json: bool, environ: Mapping[str, str] | None = None) -> int:
    """Print every problem of the settings; 2 if any is an error, else 0. ``environ`` is the process's if left out.

    People read it in the language of the settings; programs always read English.
    """
    loaded = load(path, os.environ if environ is None else environ, is_thorough=True)
    print(_json(loaded) if as_json else _text(path, loaded))
    return 2 if loaded.errors else 0


def _json(loaded: Loaded) -> str:
    problems = [asdict(problem) for problem in loaded.problems]
    return json.dumps({"ok": not loaded.errors, "problems": problems}, ensure_ascii=False, indent=2)


def _text(path: Path, loaded: Loaded) -> str:
    errors, warnings, words = len(loaded.errors), len(loaded.problems) - len(loaded.errors), loaded.words
    values = {
        "errors": words.ngettext("%(n)d error", "%(n)d errors", errors) % {"n": errors},
        "warnings": words.ngettext("%(n)d warning", "%(n)d warnings", warnings) % {"n": warnings},
    }
    if not errors:
        values["errors"] = words.gettext("no errors")
    if not warnings:
        values["warnings"] = words.gettext("no warnings")
    form = N_("%(errors)s, %(warnings)s") if errors else N_("good; %(errors)s, %(warnings)s")
    return "\n".join([*(one.worded(words) for one in loaded.problems), f"{path}: {words.gettext(form) % values}"])
