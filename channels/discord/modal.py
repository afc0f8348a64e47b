"""Dialog → Discord's modal, what was answered in it, and the message that asks for a confirmation. Pure.

https://docs.discord.com/developers/components/reference and …/interactions/receiving-and-responding: a modal has a
title of 45 characters and 5 fields, each under a label of 45 and a description of 100; 4,000 characters can be
written, 25 options of 100 offered. What does not fit onto the first page is on another, which is opened by a button.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord
from discord import ui

from channels.clean import clean, writable
from channels.cut import cut
from channels.dialog import Ask, Dialog, Kind
from channels.discord.render import MOST_LABEL, MOST_OPTION, MOST_OPTIONS, answer, line

MODAL = "kidoku:modal:"
PAGE = "kidoku:page:"
SURE = "kidoku:sure:"
MOST_TITLE = 45
MOST_ASKED = 5
MOST_HINT = 100
MOST_WRITTEN = 4_000
_TICKED = "1"


def modal(dialog: Dialog, page: int = 0) -> ui.Modal:
    """One page of a dialog. Stopped at once: answers are found by the custom_id, even after a restart, and a modal that
    discord.py kept would be memory without end."""
    rendered = ui.Modal(title=line(dialog.title, MOST_TITLE), custom_id=f"{MODAL}{dialog.key}", timeout=None)
    pages = pages_of(dialog)
    # The settings may have changed since the button was drawn: then the last page is what is nearest.
    for ask in pages[min(page, len(pages) - 1)]:
        hint = line(ask.hint, MOST_HINT) if ask.hint else None
        rendered.add_item(ui.Label(text=line(ask.label, MOST_TITLE), description=hint, component=_field(ask)))
    rendered.stop()
    return rendered


def pages_of(dialog: Dialog) -> list[Sequence[Ask]]:
    """Its fields, as many together as a modal holds."""
    return [dialog.asks[at : at + MOST_ASKED] for at in range(0, len(dialog.asks), MOST_ASKED)]


def _field(ask: Ask) -> ui.Item[Any]:
    if ask.kind is Kind.CHECK:
        return ui.Checkbox(custom_id=ask.name, default=bool(ask.value))
    if ask.choices and len(ask.choices) <= MOST_OPTIONS:
        return _select(ask)
    text = _written(ask)
    return ui.TextInput(
        custom_id=ask.name,
        style=discord.TextStyle.paragraph if ask.kind is Kind.LONG else discord.TextStyle.short,
        default=text or None,
        required=ask.is_required,
        max_length=MOST_WRITTEN,
    )


def _select(ask: Ask) -> ui.Item[Any]:
    options = [
        discord.SelectOption(
            label=line(one.label, MOST_OPTION), value=one.value[:MOST_OPTION], default=one.value == ask.value
        )
        for one in ask.choices
    ]
    least = 1 if ask.is_required else 0
    return ui.Select(custom_id=ask.name, options=options, required=ask.is_required, min_values=least)


def _written(ask: Ask) -> str:
    text = cut(writable(ask.value) if ask.kind is Kind.LONG else clean(ask.value), MOST_WRITTEN)
    return text if text.strip() else ""


# What was answered ----------------------------------------------------------------------------------------------------


def answers_of(data: Mapping[str, Any]) -> dict[str, str]:
    """By field, of the page that was submitted: what was written or chosen, "1" for a tick, "" for nothing."""
    return {str(one["custom_id"]): _value(one) for one in _leaves(data.get("components") or [])}


def _leaves(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in components:
        inner = [one["component"]] if "component" in one else one.get("components")
        if inner is None:
            yield one
        else:
            yield from _leaves(inner)


def _value(component: Mapping[str, Any]) -> str:
    if "values" in component:
        return str(next(iter(component["values"] or ()), ""))
    value = component.get("value")
    if isinstance(value, bool):
        return _TICKED if value else ""
    return str(value or "")


# Buttons --------------------------------------------------------------------------------------------------------------


def buttons(dialog: Dialog, *, is_new: bool = False) -> ui.View:
    """Under a message: what confirms it, and what opens its pages; ``is_new``: for the first time."""
    rendered = ui.View(timeout=None)
    if dialog.is_confirming:
        green = discord.ButtonStyle.success
        rendered.add_item(_button(dialog.submit, f"{SURE}{dialog.key}", green))
    key = dialog.key.partition(".")[0]
    for page in range(len(pages_of(dialog))):
        label = dialog.more if page else dialog.title if is_new else dialog.change
        rendered.add_item(_button(label, f"{PAGE}{key}:{page}", discord.ButtonStyle.secondary))
    rendered.stop()
    return rendered


def _button(label: str, custom_id: str, style: discord.ButtonStyle) -> ui.Button[Any]:
    return ui.Button(label=line(label, MOST_LABEL), custom_id=custom_id, style=style)


def lines(text: str) -> str:
    """As much of a text as one message holds, escaped."""
    return answer(text)[0]
