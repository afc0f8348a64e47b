"""Message → Discord embed and buttons, inside the documented limits
(https://docs.discord.com/developers/resources/message#embed-object-embed-limits)."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import discord

from channels.clean import clean
from channels.cut import cut, units
from channels.message import Button, Message, Tone

MOST_TITLE = 256
MOST_FIELDS = 25
MOST_NAME = 256
MOST_VALUE = 1_024
MOST_FOOTER = 200
MOST_EMBED = 6_000
MOST_LABEL = 80
MOST_BUTTONS = 20
"""Five rows of five; the menu has one to itself."""
MOST_OPTION = 100
MOST_OPTIONS = 25
MOST_THREAD_NAME = 100
MOST_PINGED = 50
MENU = "kidoku:menu"
MOST_CONTENT = 2_000
MOST_MESSAGES = 5
MOST_LINE = 400
MOST_DIRECT_LINES = 8
"""A direct message has no thread: its newest lines stand in it."""

_MEMBER = re.compile(r"[0-9]{1,20}")
_MARKUP = re.compile(r"([\\`*_~|>#\[\]()<])")
COLOURS = {Tone.OPEN: 0xD64545, Tone.TAKEN: 0xE0A030, Tone.CLOSED: 0x3BA55D, Tone.ALARM: 0x8B0000, Tone.CALM: 0x4A78C2}


def escape(text: str, most: int) -> str:
    """One line of plain text for a place where Discord reads markdown: markup escaped, pings broken, cut without half
    an escape. What is hidden goes first: without it something may be a ping."""
    pieces: list[str] = []
    size = 0
    for char in discord.utils.escape_mentions(clean(text)):
        piece = _MARKUP.sub(r"\\\1", char)
        # Discord counts UTF-16 units for some limits; an astral character counts as two here to be safe.
        size += units(piece)
        if size > most - 1:
            return "".join(pieces) + "…"
        pieces.append(piece)
    return "".join(pieces)


def line(text: str, most: int) -> str:
    """One line of text for a place where nothing is markup: never empty, cut."""
    return cut(clean(text), most) or "–"


def embed(message: Message) -> discord.Embed:
    """What is shown. The footer ends with the mark: by it a message is found again."""
    rendered = discord.Embed(
        title=escape(message.title, MOST_TITLE) or "–", description=_description(message), colour=COLOURS[message.tone]
    )
    footer = f"{line(message.footer, MOST_FOOTER)} · {message.mark}" if message.footer else message.mark
    rendered.set_footer(text=footer)
    left = MOST_EMBED - units(f"{rendered.title}{rendered.description or ''}{footer}")
    for fact in message.facts[:MOST_FIELDS]:
        name = escape(fact.label, MOST_NAME) or "–"
        room = min(MOST_VALUE, left - units(name) - 10)
        if room < 20:
            break
        value = escape(fact.value, room) or "–"
        rendered.add_field(name=name, value=value, inline=len(fact.value) < 40)
        left -= units(name + value)
    return rendered


def _description(message: Message) -> str | None:
    if not message.is_direct or not message.timeline:
        return None
    return "\n".join(escape(one, MOST_LINE) or "–" for one in message.timeline[-MOST_DIRECT_LINES:])


def custom_id(number: int, button: Button) -> str:
    return f"kidoku:{button.verb}:{number}:{button.argument}"[:100]


def view(message: Message) -> discord.ui.View:
    """The buttons, five a row, and under them what opens a dialog. Stopped at once: presses are found by their
    custom_id, even after a restart, and a view that discord.py kept for each message would be memory without end."""
    rendered = discord.ui.View(timeout=None)
    if message.number is not None:
        # Discord refuses a message in which a custom_id stands twice.
        drawn: dict[str, Button] = {}
        for one in message.buttons:
            drawn.setdefault(custom_id(message.number, one), one)
        for id, button in [*drawn.items()][:MOST_BUTTONS]:
            style = discord.ButtonStyle.success if button.is_primary else discord.ButtonStyle.secondary
            rendered.add_item(discord.ui.Button[Any](label=line(button.label, MOST_LABEL), style=style, custom_id=id))
        if message.menu:
            rendered.add_item(_menu(message))
    rendered.stop()
    return rendered


def _menu(message: Message) -> discord.ui.Select[Any]:
    """Nor may two options of a menu have one value."""
    labels: dict[str, str] = {}
    for one in message.menu:
        labels.setdefault(str(one.verb), one.label)
    options = [discord.SelectOption(label=line(label, MOST_OPTION), value=verb) for verb, label in labels.items()]
    placeholder = line(message.menu_label, MOST_OPTION) if message.menu_label else None
    return discord.ui.Select(
        custom_id=f"{MENU}:{message.number}", placeholder=placeholder, options=options[:MOST_OPTIONS]
    )


def pings(message: Message) -> tuple[str | None, discord.AllowedMentions]:
    """The content that pings exactly those whom the step names, and the permission to ping nobody else."""
    named = dict.fromkeys(int(one) for one in message.mentions if _MEMBER.fullmatch(one))
    people = [*named][:MOST_PINGED]
    allowed = discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(one) for one in people]
    )
    return " ".join(f"<@{one}>" for one in people) or None, allowed


def timeline(lines: Sequence[str], posted: int = 0) -> Iterator[tuple[int, str]]:
    """The thread's lines after the first ``posted``, as messages that Discord takes: each with how many lines the
    thread holds after it."""
    pages: list[list[str]] = [[]]
    for one in lines[posted:]:
        text = escape(one, MOST_LINE) or "–"
        if units("\n".join([*pages[-1], text])) > MOST_CONTENT:
            pages.append([])
        pages[-1].append(text)
    for page in filter(None, pages):
        posted += len(page)
        yield posted, "\n".join(page)


def nonce_of(key: str, text: str) -> str:
    """What makes a repeat of these lines of a thread the same message: at most 25 characters."""
    return hashlib.sha256(f"{key}\n{text}".encode()).hexdigest()[:24]


def answer(text: str) -> list[str]:
    """What somebody who typed is told, line by line, as messages that Discord takes."""
    pages: list[str] = [""]
    for one in text.splitlines():
        shown = escape(one, MOST_CONTENT)
        together = f"{pages[-1]}\n{shown}" if pages[-1] else shown
        if units(together) <= MOST_CONTENT:
            pages[-1] = together
        elif len(pages) == MOST_MESSAGES:
            break
        else:
            pages.append(shown)
    return [page.strip() or "–" for page in pages]


def thread_name(message: Message) -> str:
    """1 to 100 characters."""
    return cut(clean(message.title), MOST_THREAD_NAME) or "Kidoku"
