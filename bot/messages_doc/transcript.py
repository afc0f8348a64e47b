"""What each channel draws → what its reader sees or hears, as lines of text."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

from bot.messages_doc.discord_transcript import menu, of_discord
from bot.wrapping import columns, wrapped
from channels.apprise.render import Room, render
from channels.base import APPRISE, MAIL, PHONE, SMS, WHATSAPP
from channels.console import render as console
from channels.dialog import Dialog
from channels.home import Home
from channels.message import Letter, Message, Speech
from channels.slack import modal
from channels.slack import render as slack
from channels.slack.home import view
from channels.smtp import render as smtp
from channels.twilio import render as twilio
from channels.twilio import whatsapp
from channels.twilio.sms import body_of
from escalation.action import CONSOLE

WIDTH = 100
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
            yield from (menu(_labels(one)) for one in block["elements"] if "options" in one)
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


def drawn(message: Message, channel: str, language: str) -> list[str]:
    """The message as this channel draws it. Raises KeyError for one that draws none."""
    if channel == MAIL:
        return of_mail(message.letter, message.address, language) if message.letter is not None else []
    return _DRAWN[channel](message)


def of_whatsapp(message: Message) -> list[str]:
    """Within 24 hours after they wrote."""
    return whatsapp.body_of(message, can_answer=True).splitlines()


def of_console(message: Message) -> list[str]:
    return console.render(message)


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


def of_announcement(message: Message) -> list[str]:
    """A call where Twilio reaches no page of ours: it is said twice, and no key does anything."""
    return [f"🗣 {text}" for text in _said(twilio.announce(twilio.speech_of(message), {}))]


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


def _of_phone(message: Message) -> list[str]:
    return of_call(twilio.speech_of(message))


_DRAWN: Mapping[str, Callable[[Message], list[str]]] = MappingProxyType(
    {
        "slack": of_slack,
        "discord": of_discord,
        PHONE: _of_phone,
        SMS: of_text_message,
        WHATSAPP: of_whatsapp,
        APPRISE: of_service,
        CONSOLE: of_console,
    }
)
