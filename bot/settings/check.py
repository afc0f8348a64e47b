"""``kidoku check``: every problem of a settings file as ``file:line: path: what is wrong; what to write instead``."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from bot.settings.load import Loaded, load


def check_command(path: Path, as_json: bool, environ: Mapping[str, str] | None = None) -> int:
    """Print every problem of the settings; 2 if any is an error, else 0. ``environ`` is the process's if left out."""
    loaded = load(path, os.environ if environ is None else environ)
    print(_json(loaded) if as_json else _text(path, loaded))
    return 2 if loaded.errors else 0


def _json(loaded: Loaded) -> str:
    problems = [asdict(problem) for problem in loaded.problems]
    return json.dumps({"ok": not loaded.errors, "problems": problems}, ensure_ascii=False, indent=2)


def _text(path: Path, loaded: Loaded) -> str:
    errors, warnings = len(loaded.errors), len(loaded.problems) - len(loaded.errors)
    counts = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    last = f"{path}: {counts}" if errors else f"{path}: good; {counts}"
    return "\n".join([*map(str, loaded.problems), last])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number or 'no'} {word}s"
