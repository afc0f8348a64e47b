"""``python -m bot.messages_doc [--check]``."""

import sys
from collections.abc import Iterator
from pathlib import Path

from bot.messages_doc import alerts, around, beside, chat, windows
from bot.messages_doc.cast import CASTS, Cast
from bot.messages_doc.picture import picture_of
from bot.messages_doc.section import Chapter, Section, Shown
from bot.messages_doc.texts import INTRODUCTION, said
from bot.messages_doc.transcript import tidy

DOCS = Path("docs")
PICTURES = DOCS / "messages"
COMMAND = "python -m bot.messages_doc"
CHAPTERS: tuple[Chapter, ...] = (
    *alerts.CHAPTERS,
    *beside.CHAPTERS,
    *chat.CHAPTERS[:1],
    *around.CHAPTERS,
    *chat.CHAPTERS[1:],
    *windows.CHAPTERS,
)
_NAMES = {"en": "English", "ja": "日本語", "zh": "中文"}


def page_path(language: str) -> Path:
    return DOCS / ("messages.md" if language == "en" else f"messages.{language}.md")


def files() -> dict[Path, str]:
    """Every file that the command writes, and what it holds."""
    found: dict[Path, str] = {}
    for one in CASTS.values():
        drawn: dict[Path, str] = {}
        found[page_path(one.language)] = "\n".join(_page(one, drawn)).rstrip() + "\n"
        found |= drawn
    return found


def _page(cast: Cast, drawn: dict[Path, str]) -> Iterator[str]:
    yield f"# {said('What Kidoku says', cast.language)}"
    yield ""
    yield f"<!-- Generated from the code by `{COMMAND}`. Do not edit: change the words in bot/wording. -->"
    yield ""
    yield " · ".join(_link(language, cast) for language in CASTS)
    yield ""
    yield said(INTRODUCTION, cast.language)
    for chapter in CHAPTERS:
        yield from ("", f"## {said(chapter.title, cast.language)}")
        for section in chapter.sections:
            yield from _section(section, cast, drawn)


def _link(language: str, cast: Cast) -> str:
    name = _NAMES[language]
    return name if language == cast.language else f"[{name}]({page_path(language).name})"


def _section(section: Section, cast: Cast, drawn: dict[Path, str]) -> Iterator[str]:
    yield from ("", f"### {said(section.title, cast.language)}", "", said(section.about, cast.language))
    for shown in section.make(cast):
        yield ""
        if shown.where:
            yield from (f"**{said(shown.where, cast.language)}**", "")
        if shown.picture:
            yield from (_picture(shown, cast, said(section.title, cast.language), drawn), "")
        yield from ("```text", *tidy(shown.lines), "```")


def _picture(shown: Shown, cast: Cast, title: str, drawn: dict[Path, str]) -> str:
    path = PICTURES / f"{shown.picture}.{cast.language}.svg"
    drawn[path] = picture_of(shown.blocks)
    return f"![{title}]({path.relative_to(DOCS).as_posix()})"


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
    sys.exit(main(sys.argv[1:]))
