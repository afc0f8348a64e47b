"""What each channel draws → what its reader sees or hears, as lines of text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

from discord.ui import Select

from bot.wrapping import columns, wrapped
from channels.apprise.render import Room, render
from channels.discord import render as discord
from channels.home import Home
from channels.inbox import Dialog
from channels.message import Letter, Message, Speech
from channels.slack import modal
from channels.slack import render as slack
from channels.slack.home import view
from channels.smtp import render as smtp
from channels.twilio import render as twilio
from channels.twilio.sms import body_of

WIDTH = 100
_ESCAPED = re.compile(r"\\([\\`*_~|>#\[\]()<])")
_TOKEN = re.compile(r"(https://kidoku\.company\.example/[a-z]/)[\w.-]+")
_MOST_SEGMENTS = 3
_SERVICE = Room(title=200, body=3_000)


def tidy(lines: Sequence[str]) -> list[str]:
    """Lines that fit a page; a link's secret part, which differs each time, is left out."""
    found: list[str] = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        pieces = wrapped(_TOKEN.sub(r"\1…", line), WIDTH - columns(indent) - 2)
        found += [f"{indent}{'  ' if number else ''}{piece}".rstrip() for number, piece in enumerate(pieces)]
    return found


def of_slack(message: Message) -> list[str]:
    """The message; under it what its thread says."""
    lines = list(_blocks(slack.payload(message)["blocks"]))
    thread = [line for _, reply in slack.replies(message, 0) for line in _blocks(reply["blocks"])]
    return [*lines, *(f"  ↳ {line}" for line in thread)]


def of_answer(text: str) -> list[str]:
    """What somebody who typed or pressed sees."""
    return list(_blocks(slack.answer(text)["blocks"]))


def of_home(home: Home) -> list[str]:
    lines: list[str] = []
    for block in view(home)["blocks"]:
        shown = list(_block(block))
        lines += ["", f"■ {shown[0]}"] if block["type"] == "header" else shown
    return lines[1:] if lines[:1] == [""] else lines


def of_window(dialog: Dialog, faults: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """A window: its title, its fields with what can be chosen in them, its buttons; under a field what is wrong."""
    shown = modal.view(dialog)
    lines = [f"■ {shown['title']['text']}"]
    for block in shown["blocks"]:
        lines += [_field(block)] if block["type"] == "input" else _block(block)
        if fault := faults.get(block.get("block_id", "")):
            lines.append(f"  ✗ {fault}")
    return [*lines, f"[ {shown['submit']['text']} ]  [ {shown['close']['text']} ]"]


def _field(block: dict[str, Any]) -> str:
    hint = (block.get("hint") or {}).get("text", "")
    return f"{block['label']['text']}: {_control(block['element'])}  {hint}".rstrip()


def _control(element: dict[str, Any]) -> str:
    labels = " | ".join(_labels(element)) if "options" in element else ""
    match element["type"]:
        case "checkboxes":
            return f"[ ☐ {labels} ]"
        case "static_select":
            return f"[ ▾ {labels} ]"
    return f"[ {element.get('initial_value', '')}             ]"


def _blocks(blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        yield from _block(block)


def _block(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield block["text"]["text"]
        case "section":
            yield from _section(block)
        case "actions":
            yield "  ".join(_button(one) for one in block["elements"] if "options" not in one)
            yield from (_menu(_labels(one)) for one in block["elements"] if "options" in one)
        case "context":
            yield from (one["text"] for one in block["elements"])
        case "divider":
            yield "────"
        case "input":
            yield f"{block['label']['text']}: [              ]  {(block.get('hint') or {}).get('text', '')}".rstrip()


def _section(block: dict[str, Any]) -> Iterator[str]:
    lines = block["text"]["text"].split("\n") if "text" in block else []
    button = f"   {_button(block['accessory'])}" if "accessory" in block else ""
    yield from (f"{line}{button if number == 0 else ''}" for number, line in enumerate(lines))
    yield from (one["text"] for one in block.get("fields", ()))


def _button(button: dict[str, Any]) -> str:
    return f"[ {button['text']['text']} ]"


def _labels(menu: dict[str, Any]) -> Iterator[str]:
    return (one["text"]["text"] for one in menu["options"])


def _menu(labels: Iterable[str]) -> str:
    return f"[ ⋯ {' | '.join(labels)} ]"


def of_discord(message: Message) -> list[str]:
    """The embed, its buttons, and what stands in its thread."""
    embed = discord.embed(message)
    lines = [embed.title or "", *(embed.description or "").splitlines()]
    lines += [f"{one.name}: {one.value}" for one in embed.fields]
    items = discord.view(message).children
    buttons = [f"[ {getattr(one, 'label', '')} ]" for one in items if not isinstance(one, Select)]
    lines += ["  ".join(buttons)] if buttons else []
    lines += [_menu(option.label for option in one.options) for one in items if isinstance(one, Select)]
    lines.append(embed.footer.text or "")
    thread = (
        []
        if message.is_direct
        else [line for _, page in discord.timeline(message.timeline) for line in page.splitlines()]
    )
    return [_ESCAPED.sub(r"\1", line) for line in (*lines, *(f"  ↳ {line}" for line in thread))]


def of_call(speech: Speech) -> list[str]:
    """What the voice says, and what each key does."""
    menu = (speech.menu, speech.text_menu, speech.later_menu)
    lines = [f"🗣 {text}" for text in _said(twilio.ask(speech, menu, {}, "https://x.example/", "https://x.example/"))]
    keys = [(speech.ack_digit, speech.confirmed), (speech.pass_digit, speech.passed_on)]
    keys += [(speech.later_digit, speech.called_back), ("?", speech.wrong), ("–", speech.goodbye)]
    return lines if not speech.menu else [*lines, *(f"  {key} → {text}" for key, text in keys if key and text)]


def _said(document: str) -> list[str]:
    root = ElementTree.fromstring(document)  # noqa: S314 - our own
    return [one.text or "" for one in root.iter("Say")]


def of_text_message(message: Message) -> list[str]:
    return body_of(message, _MOST_SEGMENTS, can_answer=True).splitlines()


def of_service(message: Message) -> list[str]:
    """By apprise: title and body."""
    page = render(message, _SERVICE)
    return [page.title, *page.body.splitlines()]


def of_mail(letter: Letter, address: str, language: str) -> list[str]:
    """The mail as a program shows it: the lines of its head that people see, and its text."""
    drawn = smtp.render(letter, address, language, datetime(2026, 5, 12, tzinfo=UTC))
    read = message_from_bytes(drawn.data, policy=policy.default)
    body = read.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    head = [f"{name}: {read[name]}" for name in ("From", "To", "Subject")]
    return [*head, "", *text.rstrip().splitlines()]
