"""Gathers the texts of the code into the catalogues, and checks them: ``python -m bot.locale_tool extract|check``."""

import re
import sys
from collections.abc import Collection
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.language import LANGUAGES, LOCALES, catalogue_path

ROOT = Path(__file__).parent
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "N_": None}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def gathered() -> Catalog:
    """Every text that the code marks."""
    catalogue = Catalog(project="Kidoku", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(ROOT), keywords=KEYWORDS, method_map=[("**.py", "python")])
    for filename, _, text, _, _ in sorted(found, key=lambda one: (one[0], one[1])):
        if text and text != ("", "") and filename != "locale_tool.py":
            catalogue.add(text, locations=[(f"bot/{filename}", 0)])
    return catalogue


def _read(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, language)


def extract() -> None:
    """Bring every catalogue up to date; new texts wait for their translation, unused ones go."""
    template = gathered()
    for language in LANGUAGES[1:]:
        catalogue = _read(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, include_lineno=False, sort_output=True, omit_header=True)


def problems() -> list[str]:
    """What is wrong with the catalogues, a line each; empty if all is well."""
    wanted = {message.id for message in gathered() if message.id}
    return [line for language in LANGUAGES[1:] for line in _problems_of(language, wanted)]


def _problems_of(language: str, wanted: Collection[object]) -> list[str]:
    messages = [message for message in _read(language) if message.id]
    have = {message.id for message in messages}
    where = catalogue_path(language).relative_to(LOCALES.parent.parent)
    lacking, unused = sorted(map(str, set(wanted) - have)), sorted(map(str, have - set(wanted)))
    lines = [f"{where}: not in the catalogue: {text!r}; run: make generate" for text in lacking]
    lines += [f"{where}: used nowhere: {text!r}; run: make generate" for text in unused]
    for message in messages:
        lines += [f"{where}: {problem}: {message.id!r}" for problem in _faults(message)]
    return lines


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]


def _faults(message: Message) -> list[str]:
    translations = _texts(message.string)
    if message.fuzzy:
        return ["fuzzy"]
    if not all(translations):
        return ["not translated"]
    wanted = set(_PLACEHOLDER.findall(_texts(message.id)[-1]))
    differ = [text for text in translations if set(_PLACEHOLDER.findall(text)) != wanted]
    return [f"placeholders differ in {text!r}" for text in differ]


def main(verb: str) -> int:
    if verb == "extract":
        extract()
        return 0
    for line in (lines := problems()):
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
