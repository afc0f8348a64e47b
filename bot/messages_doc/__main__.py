"""``python -m bot.messages_doc [--check]``."""

import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from bot.logs import LogFormat, set_up
from bot.messages_doc import alerts, around, beside, chat, phone, site, windows
from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.picture import picture_of
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.texts import INTRODUCTION, said
from bot.messages_doc.transcript import tidy

DOCS = Path("docs")
PICTURES = DOCS / "messages"
COMMAND = "python -m bot.messages_doc"
PAGES: Mapping[str, tuple[str, Sequence[Chapter]]] = MappingProxyType(
    {
        "": ("What Kidoku says", (*alerts.CHAPTERS, *beside.CHAPTERS)),
        "chat": ("The conversation in Slack and Discord", (*chat.CHAPTERS, *windows.CHAPTERS)),
        "phone": ("On the phone and by text message", phone.CHAPTERS),
        "web": ("Web pages", site.CHAPTERS),
        "around": ("Duties, silences, contacts and alarms", around.CHAPTERS),
    }
)
"""By the name of their file: the title, and what is on them. The first has the contents of all."""
CHAPTERS = tuple(chapter for _, chapters in PAGES.values() for chapter in chapters)
_NAMES = {"en": "English", "ja": "日本語", "zh": "中文"}


def page_path(language: str, page: str = "") -> Path:
    suffix = "" if language == "en" else f".{language}"
    return PICTURES / f"{page}{suffix}.md" if page else DOCS / f"messages{suffix}.md"


def files(languages: Collection[str] = tuple(CASTS)) -> dict[Path, str]:
    """Every file that the command writes in these languages, and what it holds."""
    found: dict[Path, str] = {}
    for one in (CASTS[language] for language in languages):
        drawn: dict[Path, str] = {}
        for page in PAGES:
            found[page_path(one.language, page)] = "\n".join(_page(page, one, drawn)).rstrip() + "\n"
        found |= drawn
    return found


def _page(page: str, cast: Cast, drawn: dict[Path, str]) -> Iterator[str]:
    title, chapters = PAGES[page]
    yield f"# {said(title, cast.language)}"
    yield ""
    yield f"<!-- Generated from the code by `{COMMAND}`. Do not edit: change the words in bot/wording. -->"
    yield ""
    yield " · ".join(_link(language, page, cast) for language in CASTS)
    yield ""
    yield said(INTRODUCTION, cast.language)
    yield from _contents(page, cast)
    for chapter in chapters:
        yield from ("", f"## {said(chapter.title, cast.language)}")
        for section in chapter.sections:
            yield from _section(section, cast, page_path(cast.language, page), drawn)


def _link(language: str, page: str, cast: Cast) -> str:
    name = _NAMES[language]
    return name if language == cast.language else f"[{name}]({page_path(language, page).name})"


def _contents(here: str, cast: Cast) -> Iterator[str]:
    """Of this page; the first has those of the others, too, and they lead back to it."""
    yield ""
    for page, (title, chapters) in PAGES.items():
        if here and page and page != here:
            continue
        path = page_path(cast.language, page)
        base = "" if page == here else os.path.relpath(path, page_path(cast.language, here).parent)
        yield f"- [{said(title, cast.language)}]({base})" if base else f"- {said(title, cast.language)}"
        for chapter in chapters if page == here or not here else ():
            yield f"  - {_to(chapter.title, base, cast)}"
            yield from (f"    - {_to(section.title, base, cast)}" for section in chapter.sections)


def _to(title: str, base: str, cast: Cast) -> str:
    text = said(title, cast.language)
    return f"[{text}]({base}#{anchor(text)})"


def anchor(heading: str) -> str:
    """What GitHub makes of a heading, to be linked to (https://github.com/gjtorikian/html-pipeline, toc_filter)."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _section(section: Section, cast: Cast, page: Path, drawn: dict[Path, str]) -> Iterator[str]:
    yield from ("", f"### {said(section.title, cast.language)}", "", said(section.about, cast.language))
    for shown in section.make(cast):
        yield ""
        if shown.where:
            yield from (f"**{said(shown.where, cast.language)}**", "")
        if shown.picture:
            yield from (_picture(shown, cast, said(section.title, cast.language), page, drawn), "")
        yield from ("```text", *tidy(shown.lines), "```")


def _picture(shown: Shown, cast: Cast, title: str, page: Path, drawn: dict[Path, str]) -> str:
    path = PICTURES / f"{shown.picture}.{cast.language}.svg"
    drawn[path] = picture_of(shown.blocks)
    return f"![{title}]({os.path.relpath(path, page.parent)})"


def main(arguments: list[str]) -> int:
    """Write the pages; with ``--check`` only compare them, and return 1 if one is stale."""
    fresh = files()
    if "--check" not in arguments:
        PICTURES.mkdir(exist_ok=True)
        for path, text in fresh.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [str(path) for path, text in fresh.items() if not path.is_file() or path.read_text("utf-8") != text]
    if stale:
        print(f"{', '.join(stale)} stale; run: {COMMAND}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    set_up(LogFormat.QUIET)
    sys.exit(main(sys.argv[1:]))
