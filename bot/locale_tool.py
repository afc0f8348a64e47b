"""Gathers the texts of the code into the catalogues, checks and compiles them: ``python -m bot.locale_tool
extract|check``.

``kidoku.pot`` is the template for one more language. English is the source: its catalogue repeats it.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.cli import app
from bot.help import command_of, texts
from bot.language import LANGUAGES, LOCALES, SOURCE, catalogue_path, compiled_path

ROOT = Path(__file__).parent.parent
SOURCES = ("bot", "channels", "escalation")
TEMPLATE = LOCALES / "kidoku.pot"
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "N_": None, "Phrase": None}
_PLACEHOLDER = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-zA-Z]|%%")
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""In the place of dates that would change at every run."""

Key = tuple[str, str]
"""Context and text; of a plural its singular."""


def _new(language: str | None) -> Catalog:
    return Catalog(
        locale=language,
        project="Kidoku",
        version="1",
        copyright_holder="the Kidoku maintainers",
        msgid_bugs_address="",
        last_translator="the Kidoku maintainers",
        language_team=language or "",
        header_comment="# The texts of Kidoku. Written by: python -m bot.locale_tool extract",
        charset="utf-8",
        fuzzy=False,
        creation_date=_ANY_TIME,
        revision_date=_ANY_TIME,
    )


def key_of(message: Message) -> Key:
    return str(message.context or ""), _texts(message.id)[0]


def gathered(language: str | None = None) -> Catalog:
    """Every text that the code marks, untranslated."""
    catalogue = _new(language)
    for folder in SOURCES:
        found = extract_from_dir(str(ROOT / folder), keywords=KEYWORDS, method_map=[("**.py", "python")])
        for filename, _, text, _, context in sorted(found, key=lambda one: (one[0], one[1])):
            if text:
                catalogue.add(text, locations=[(f"{folder}/{filename}", 0)], context=context)
    for text in texts(command_of(app)):
        catalogue.add(text, locations=[("bot/cli.py", 0)])
    return catalogue


def read(path: Path, language: str | None) -> Catalog:
    """A catalogue as it stands; an empty one if there is none yet."""
    if not path.exists():
        return _new(language)
    with path.open("rb") as file:
        return read_po(file, language)


def extract() -> None:
    """Bring every catalogue up to date; new texts wait for their translation, unused ones go."""
    _write(TEMPLATE, gathered())
    for language in LANGUAGES:
        path = catalogue_path(language)
        _write(path, _translated(gathered(language), read(path, language), language))
        if language != SOURCE:
            compiled_path(language).write_bytes(_compiled(read(path, language)))


def _translated(catalogue: Catalog, before: Catalog, language: str) -> Catalog:
    old = {key_of(one): one for one in before if one.id}
    for message in catalogue:
        known = old.get(key_of(message)) if message.id else None
        if message.id and language == SOURCE:
            message.string = message.id
        elif known is not None and isinstance(known.id, str) == isinstance(message.id, str):
            message.string = known.string
            message.flags |= known.flags & {"fuzzy"}
    return catalogue


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False, sort_output=True)


def _compiled(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def problems() -> list[str]:
    """What is wrong with the catalogues, a line each; empty if all is well."""
    wanted = {key_of(one): one for one in gathered() if one.id}
    lines = differences(TEMPLATE, read(TEMPLATE, None), wanted)
    for language in LANGUAGES:
        path = catalogue_path(language)
        catalogue = read(path, language)
        lines += differences(path, catalogue, wanted)
        for message in catalogue:
            lines += [f"{_shown(path)}: {fault}: {message.id!r}" for fault in faults(message, catalogue.num_plurals)]
        lines += _stale(language, catalogue)
    return lines


def differences(path: Path, catalogue: Catalog, wanted: Mapping[Key, Message]) -> list[str]:
    """The texts that a catalogue lacks, and those that the code has no more."""
    have = {key_of(one): one for one in catalogue if one.id}
    lines = [f"{_shown(path)}: not in the catalogue: {key[1]!r}" for key in sorted(wanted.keys() - have.keys())]
    lines += [f"{_shown(path)}: used nowhere: {key[1]!r}" for key in sorted(have.keys() - wanted.keys())]
    both = sorted(wanted.keys() & have.keys())
    lines += [f"{_shown(path)}: another plural: {key[1]!r}" for key in both if have[key].id != wanted[key].id]
    return [f"{line}; run: make generate" for line in lines]


def _stale(language: str, catalogue: Catalog) -> list[str]:
    """Whether what the bot reads is something else than the catalogue says."""
    path = compiled_path(language)
    is_fresh = language == SOURCE or (path.exists() and path.read_bytes() == _compiled(catalogue))
    return [] if is_fresh else [f"{_shown(path)}: not what the catalogue says; run: make generate"]


def _shown(path: Path) -> str:
    return str(path.relative_to(LOCALES.parent.parent))


def _texts(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]


def faults(message: Message, plurals: int) -> list[str]:
    """What is wrong with one translation in a language with so many plural forms."""
    if not message.id:
        return []
    if message.fuzzy:
        return ["fuzzy"]
    translations = _texts(message.string or "")
    if not all(translations):
        return ["not translated"]
    if len(translations) != (plurals if isinstance(message.id, tuple | list) else 1):
        return [f"{len(translations)} forms"]
    wanted = sorted(_PLACEHOLDER.findall(_texts(message.id)[-1]))
    differ = [text for text in translations if sorted(_PLACEHOLDER.findall(text)) != wanted]
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
