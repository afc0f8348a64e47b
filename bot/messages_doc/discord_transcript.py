"""What Discord shows of what is sent there, as lines of text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from discord.ui import Select

from channels.dialog import Dialog
from channels.discord import modal
from channels.discord import render as discord
from channels.inbox import Reply
from channels.message import Message

_ESCAPED = re.compile(r"\\([\\`*_~|>#\[\]()<])")


def of_discord(message: Message) -> list[str]:
    """The embed, its buttons, and what stands in its thread."""
    embed = discord.embed(message)
    lines = [embed.title or "", *(embed.description or "").splitlines()]
    lines += [f"{one.name}: {one.value}" for one in embed.fields]
    items = discord.view(message).children
    buttons = [f"[ {getattr(one, 'label', '')} ]" for one in items if not isinstance(one, Select)]
    lines += ["  ".join(buttons)] if buttons else []
    lines += [menu(option.label for option in one.options) for one in items if isinstance(one, Select)]
    lines.append(_footer(message))
    thread = (
        []
        if message.is_direct
        else [line for _, page in discord.timeline(message.timeline) for line in page.splitlines()]
    )
    return _read((*lines, *(f"  ↳ {line}" for line in thread)))


def _footer(message: Message) -> str:
    """Without the mark by which the message is found again: it differs from one database to the next."""
    return (discord.embed(message).footer.text or "").removesuffix(message.mark).rstrip(" ·")


def menu(labels: Iterable[str]) -> str:
    return f"[ ⋯ {' | '.join(labels)} ]"


def of_answer(text: str) -> list[str]:
    """What somebody who typed or pressed sees."""
    return _read(line for page in discord.answer(text) for line in page.splitlines())


def of_window(reply: Reply) -> list[str]:
    """Each page of a window; what is to be confirmed, or was wrong, is a message with buttons that open its pages."""
    dialog = reply.dialog
    assert dialog is not None
    if not dialog.is_confirming and not reply.faults:
        pages = range(len(modal.pages_of(dialog)))
        return [line for page in pages for line in _page(dialog, page)]
    text = modal.lines("\n".join(dialog.lines) if dialog.is_confirming else reply.text)
    buttons = modal.buttons(dialog, is_new=False).children
    return [*_read(text.splitlines()), "  ".join(f"[ {getattr(one, 'label', '')} ]" for one in buttons)]


def _page(dialog: Dialog, page: int) -> list[str]:
    shown: dict[str, Any] = modal.modal(dialog, page).to_dict()
    return [f"■ {shown['title']}", *(_field(one) for one in shown["components"])]


def _field(label: Mapping[str, Any]) -> str:
    component = label["component"]
    options = " | ".join(one["label"] for one in component.get("options", ()))
    control = f"[ ▾ {options} ]" if options else f"[ {component.get('value') or ''}             ]"
    return f"{label['label']}: {control}  {label.get('description') or ''}".rstrip()


def _read(lines: Iterable[str]) -> list[str]:
    """As it is read: without what keeps a stranger's words from being markup."""
    return [_ESCAPED.sub(r"\1", line) for line in lines]
