"""Message → title and body, inside what a service takes: text that stays text, and mentions nobody.

apprise escapes for the service's own format; what it lets through (a mention, a link behind other words, a tag) is
broken here by a space of no width. The link stands first: it is what must not be cut off.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from channels.cut import units
from channels.message import Message

MOST_BODY = 3_000
MOST_TITLE = 200
MOST_LINE = 300
MOST_LINES = 6
"""Of the timeline: the newest."""
MOST_JSON = 6_000
"""As JSON with its escapes: above 8,000 ntfy's message becomes a file (https://docs.ntfy.sh/publish/)."""
RESERVE = 20

_GAP = "\u200b"
_BREAKS = (
    (re.compile(r"@(?=everyone|here|channel|all|room)", re.IGNORECASE), f"@{_GAP}"),
    (re.compile(r"(?<![\w.+-])@(?=[\w*|\[{])"), f"@{_GAP}"),
    (re.compile(r"<(?=\S)"), f"<{_GAP}"),
    (re.compile(r"\](?=[(\[])"), f"]{_GAP}"),
)


@dataclass(frozen=True, slots=True)
class Room:
    """What a service takes: characters of a title (0: it has none, and the title stands in the body) and of a body.
    ``escape`` makes plain text Markdown for a service that takes nothing else."""

    title: int
    body: int
    escape: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What is handed to apprise."""

    title: str
    body: str
    is_markdown: bool = False


def render(message: Message, room: Room) -> Page:
    """The whole message: the link, what is known, what happened."""
    return _page(message, room, [*_facts(message), *_timeline(message), plain(message.footer)])


def render_change(message: Message, room: Room) -> Page:
    """How it stands now, in a line: for what can't be changed in place."""
    return _page(message, room, [plain(message.footer)])


def plain(text: str) -> str:
    """One line of text without control characters, with every mention and hidden link broken."""
    line = " ".join("".join(char if _is_shown(char) else " " for char in text[: 20 * MOST_LINE]).split())
    for pattern, broken in _BREAKS:
        line = pattern.sub(broken, line)
    return line


def _is_shown(char: str) -> bool:
    return char == "\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")


def _facts(message: Message) -> Iterator[str]:
    if message.summary and not message.facts and message.summary != message.title:
        yield plain(message.summary)
    for fact in message.facts:
        yield f"{plain(fact.label)}: {plain(fact.value)}"


def _timeline(message: Message) -> Iterator[str]:
    return (plain(line) for line in message.timeline[-MOST_LINES:])


def _page(message: Message, room: Room, lines: list[str]) -> Page:
    escape = room.escape or str
    most = min(room.body, MOST_BODY)
    link = _link(message, room, most)
    title_room = min(room.title or MOST_TITLE, MOST_TITLE, max(RESERVE, most - len(link) - RESERVE))
    title = cut(plain(message.title), title_room, str if room.title else escape) or "Kidoku"
    # A title without a place of its own stands before the body, and apprise escapes neither.
    title = title if room.title else escape(title)
    left = most if room.title else most - units(title) - 4
    body = _filled([link] if link else [], lines, left - RESERVE, escape)
    if not body:
        return Page(title if room.title else "", escape(title) if room.title else title, room.escape is not None)
    return Page(title, body, room.escape is not None)


def _link(message: Message, room: Room, most: int) -> str:
    """The link under its label; "" where it would leave no room for a few words of a title."""
    label = plain(message.link_label)
    link = f"{label}: {message.link}" if room.escape is None else f"[{room.escape(label)}]({message.link})"
    return link if message.link and len(link) + 3 * RESERVE <= most else ""


def _filled(kept: list[str], lines: list[str], room: int, escape: Callable[[str], str]) -> str:
    """As many of the lines as fit, after what must be there."""
    used = sum(units(line) + 2 for line in kept)
    weight = sum(len(json.dumps(line)) for line in kept)
    for line in filter(None, lines):
        text = escape(cut(line, min(MOST_LINE, max(0, room - used - 2)), escape))
        used += units(text) + 2
        weight += len(json.dumps(text))
        if not text or used > room or weight > MOST_JSON:
            break
        kept.append(text)
    # A blank line between: Markdown joins lines that only a newline parts.
    return ("\n\n" if escape is not str else "\n").join(kept)


def cut(text: str, most: int, escape: Callable[[str], str]) -> str:
    """The text if it is at most so long once it is escaped; else as much of it, with an ellipsis."""
    if most <= 0:
        return ""
    text = text[:most]
    if units(escape(text)) <= most and len(text) < most:
        return text
    while text and units(escape(text)) > most - 1:
        text = text[: -max(1, (units(escape(text)) - most) // 3)]
    return f"{text}…" if text else ""
