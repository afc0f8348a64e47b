"""Dialog → Slack's view, and what was answered in it. Pure.

https://docs.slack.dev/reference/views/modal-views: title and buttons 24 characters, 100 blocks, private_metadata 3,000;
https://docs.slack.dev/reference/block-kit/blocks/input-block: label and hint 2,000; …/block-elements: what can be
written 3,000, 100 options of 75 characters. Only plain_text: nothing of a message or a mail is markup here. Where
Slack's pages differ about an option's value (75 or 150 characters) the smaller counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.clean import clean, writable
from channels.dialog import Ask, Dialog, Kind, Offer
from channels.slack.render import MOST_OPTION, answer, cut, plain

CALLBACK = "kidoku:dialog"
ASK = "kidoku:ask:"
SHORTCUT = "kidoku_urgent_mail"
MOST_TITLE = 24
MOST_LABEL = 150
MOST_WRITTEN = 3_000
MOST_OPTIONS = 100
MOST_FAULT = 500
_TICKED = "1"


def view(dialog: Dialog) -> dict[str, Any]:
    """What views.open, views.update and the acknowledgement of a submission take."""
    shown = answer("\n".join(dialog.lines))["blocks"] if dialog.lines else []
    asked = [] if dialog.is_confirming else [_input(one) for one in dialog.asks]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": dialog.key,
        "title": plain(dialog.title, MOST_TITLE),
        "submit": plain(dialog.submit, MOST_TITLE),
        "close": plain(dialog.close, MOST_TITLE),
        "blocks": [*shown, *asked],
    }


def told(text: str) -> dict[str, Any]:
    """A view that only says something: closing it closes all that are under it."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain("Kidoku", MOST_TITLE),
        "blocks": answer(text)["blocks"],
        "clear_on_close": True,
    }


def refused(text: str) -> dict[str, Any]:
    """The same about something that is to be answered again: closing it shows what is under it."""
    return {**told(text), "clear_on_close": False}


def waiting(external_id: str) -> dict[str, Any]:
    """What stands there until there is something to show; it is found again by ``external_id``."""
    return {**refused("…"), "external_id": external_id}


def _input(ask: Ask) -> dict[str, Any]:
    """A block's id is the field's name: by it Slack is told what is wrong."""
    block: dict[str, Any] = {
        "type": "input",
        "block_id": ask.name,
        "label": plain(ask.label, MOST_LABEL),
        "element": {"action_id": f"{ASK}{ask.name}", **_element(ask)},
        "optional": not ask.is_required,
    }
    return block | ({"hint": plain(ask.hint, MOST_LABEL)} if ask.hint else {})


def _element(ask: Ask) -> dict[str, Any]:
    match ask.kind:
        case Kind.TEXT | Kind.LONG:
            return _written(ask)
        case Kind.CHECK:
            option = _option(Offer(ask.label, _TICKED))
            return {"type": "checkboxes", "options": [option]} | ({"initial_options": [option]} if ask.value else {})
    if not ask.choices or len(ask.choices) > MOST_OPTIONS:
        return {"type": "external_select", "min_query_length": 1}
    chosen = [_option(one) for one in ask.choices if one.value == ask.value]
    element = {"type": "static_select", "options": [_option(one) for one in ask.choices]}
    return element | ({"initial_option": chosen[0]} if chosen else {})


def _written(ask: Ask) -> dict[str, Any]:
    text = cut(writable(ask.value) if ask.kind is Kind.LONG else clean(ask.value), MOST_WRITTEN)
    element = {"type": "plain_text_input", "multiline": ask.kind is Kind.LONG, "max_length": MOST_WRITTEN}
    return element | ({"initial_value": text} if text.strip() else {})


def _option(offer: Offer) -> dict[str, Any]:
    return {"text": plain(offer.label, MOST_OPTION), "value": cut(offer.value, MOST_OPTION)}


def options(offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """What an external_select is offered."""
    return [_option(one) for one in offers[:MOST_OPTIONS]]


# What was answered ----------------------------------------------------------------------------------------------------


def answers_of(view: Mapping[str, Any]) -> dict[str, str]:
    """By field: what was written, the value of what was chosen, "1" for a tick; "" for what was left empty."""
    values = (view.get("state") or {}).get("values") or {}
    return {str(name): _value(element) for name, elements in values.items() for element in elements.values()}


def _value(element: Mapping[str, Any]) -> str:
    if "selected_options" in element:
        return _TICKED if element["selected_options"] else ""
    if "selected_option" in element:
        return str((element["selected_option"] or {}).get("value") or "")
    return str(element.get("value") or "")


def faults_of(faults: Mapping[str, str], view: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, beside the fields that are there: Slack takes no others."""
    there = {one.get("block_id") for one in view.get("blocks") or [] if one.get("type") == "input"}
    return {name: cut(text, MOST_FAULT) for name, text in faults.items() if name in there}
