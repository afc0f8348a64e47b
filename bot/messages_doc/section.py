"""What a page is made of: chapters, and in each the kinds of messages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.messages_doc.cast import Cast


@dataclass(frozen=True, slots=True)
class Shown:
    """One message in one medium: ``where`` names it. ``blocks`` are Slack's, where a picture of
    it stands on the page, too, under the name ``picture``. ``of`` is what it is an example of: members of Kidoku's own
    enums. A test asks that every one of those is shown somewhere."""

    where: str
    lines: Sequence[str]
    picture: str = ""
    blocks: Sequence[dict[str, Any]] = ()
    of: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of message: ``title`` and when it comes, ``about``; ``texts.py`` has both in each language."""

    title: str
    about: str
    make: Callable[[Cast], list[Shown]]


def of_play(play: Callable[[str], Mapping[str, Sequence[Shown]]], name: str, title: str, about: str) -> Section:
    """The part with this name of what was played for a language."""
    return Section(title, about, lambda cast: list(play(cast.language)[name]))


@dataclass(frozen=True, slots=True)
class Chapter:
    """What belongs together."""

    title: str
    sections: tuple[Section, ...]
