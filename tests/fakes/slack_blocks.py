"""What Slack accepts as a message, by the documented limits of Block Kit, and whom it would ping.

https://docs.slack.dev/reference/block-kit/blocks, …/composition-objects/text-object, …/block-elements/button-element,
https://docs.slack.dev/messaging/message-metadata
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_BLOCKS = 50
MOST_IN_ALL = 9_600
"""The largest amount of text in blocks that was seen to pass (Slack publishes no number; 11,300 did not)."""
MARKUP = re.compile(r"<([@!#][^>]*|[a-z]+:[^>]*)>")


class InvalidError(Exception):
    """What is wrong, in words."""


def size(text: str) -> int:
    """The strictest reading: UTF-16 units, after escaping."""
    return len(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode("utf-16-le")) // 2


def check(body: Mapping[str, Any]) -> str:
    """The error that chat.postMessage or chat.update would answer; empty if none."""
    blocks = body.get("blocks") or []
    if not blocks and not body.get("text"):
        return "no_text"
    if len(str(body.get("text") or "")) > 40_000:
        return "msg_too_long"
    try:
        _blocks(blocks)
    except InvalidError:
        return "invalid_blocks"
    if sum(size(one["text"]) for one in _texts(blocks)) > MOST_IN_ALL:
        return "msg_blocks_too_long"
    return _metadata(body.get("metadata"))


def why(body: Mapping[str, Any]) -> str:
    """The fault of the blocks in words, for a failing test."""
    try:
        _blocks(body.get("blocks") or [])
    except InvalidError as error:
        return str(error)
    return check(body)


def _metadata(metadata: Any) -> str:
    if metadata is None:
        return ""
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        return "invalid_metadata_format"
    if not isinstance(metadata["event_payload"], dict) or not re.fullmatch(r"[a-z0-9_]{1,255}", metadata["event_type"]):
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata)) > 16_000 else ""


def _blocks(blocks: Any) -> None:
    _that(isinstance(blocks, list) and len(blocks) <= MOST_BLOCKS, "at most 50 blocks")
    for block in blocks:
        _that(isinstance(block, dict) and block.get("type") in _KINDS, f"no such block: {block}")
        _KINDS[block["type"]](block)


def _that(is_so: bool, fault: str) -> None:
    if not is_so:
        raise InvalidError(fault)


def _keys(given: Mapping[str, Any], *known: str) -> None:
    _that(set(given) <= {"type", "block_id", *known}, f"unknown keys: {sorted(given)}")


def _text(text: Any, most: int, *kinds: str) -> None:
    _that(isinstance(text, dict) and text.get("type") in kinds, f"a text of {kinds}: {text}")
    known = {"type", "text", "emoji"} if text["type"] == "plain_text" else {"type", "text", "verbatim"}
    _that(set(text) <= known, f"unknown keys: {sorted(text)}")
    content = text.get("text")
    _that(isinstance(content, str) and len(content.strip()) > 0, "an empty text")
    # A mrkdwn text is escaped already.
    used = size(content) if text["type"] == "plain_text" else len(content.encode("utf-16-le")) // 2
    _that(used <= most, f"{used} characters where {most} are allowed")


def _header(block: Mapping[str, Any]) -> None:
    _keys(block, "text")
    _text(block.get("text"), 150, "plain_text")
    _that("\n" not in block["text"]["text"], "a header of several lines")


def _section(block: Mapping[str, Any]) -> None:
    _keys(block, "text", "fields", "accessory")
    _that("text" in block or "fields" in block, "an empty section")
    if "text" in block:
        _text(block["text"], 3_000, "plain_text", "mrkdwn")
    if "accessory" in block:
        _button(block["accessory"])
    if "fields" in block:
        _that(0 < len(block["fields"]) <= 10, "1 to 10 fields")
        for field in block["fields"]:
            _text(field, 2_000, "plain_text", "mrkdwn")


def _context(block: Mapping[str, Any]) -> None:
    _keys(block, "elements")
    _that(0 < len(block.get("elements") or []) <= 10, "1 to 10 elements")
    for element in block["elements"]:
        _text(element, 3_000, "plain_text", "mrkdwn")


def _actions(block: Mapping[str, Any]) -> None:
    _keys(block, "elements")
    elements = block.get("elements") or []
    _that(0 < len(elements) <= 25, "1 to 25 elements")
    for element in elements:
        (_overflow if element.get("type") == "overflow" else _button)(element)
    ids = [element["action_id"] for element in elements]
    _that(len(set(ids)) == len(ids), f"an action_id twice: {ids}")


def _button(button: Mapping[str, Any]) -> None:
    _keys(button, "text", "action_id", "value", "style")
    _that(button.get("type") == "button", "no button")
    _text(button.get("text"), 75, "plain_text")
    _that(0 < len(button.get("action_id") or "") <= 255, "action_id of 1 to 255 characters")
    _that(len(button.get("value") or "") <= 2_000, "value of at most 2000 characters")
    _that(button.get("style", "primary") in ("primary", "danger"), "style primary or danger")


def _overflow(element: Mapping[str, Any]) -> None:
    _keys(element, "action_id", "options")
    _that(0 < len(element.get("options") or []) <= 5, "1 to 5 options")
    for one in element["options"]:
        _option(one)


def _option(one: Mapping[str, Any]) -> None:
    """An option of a menu. Of a value Slack's pages say 75 or 150 characters: the strictest reading."""
    _keys(one, "text", "value", "description")
    _text(one.get("text"), 75, "plain_text")
    _that(0 < len(one.get("value") or "") <= 75, "value of 1 to 75 characters")


_KINDS = {"header": _header, "section": _section, "context": _context, "actions": _actions}


# Home tabs ------------------------------------------------------------------------------------------------------------

MOST_VIEW_BLOCKS = 100
MOST_VIEW_BYTES = 250_000


def check_view(view: Any) -> str:
    """The error that views.publish would answer; empty if none.

    https://docs.slack.dev/reference/views/home-tab-views, https://docs.slack.dev/reference/methods/views.publish"""
    try:
        _view(view)
    except InvalidError as error:
        return f"invalid_arguments: {error}"
    return "view_too_large" if len(json.dumps(view)) > MOST_VIEW_BYTES else ""


def _view(view: Any) -> None:
    _that(isinstance(view, dict) and view.get("type") == "home", "a view of the type home")
    _that(set(view) <= {"type", "blocks", "private_metadata", "callback_id", "external_id"}, f"keys: {sorted(view)}")
    blocks = view.get("blocks")
    _that(isinstance(blocks, list) and 0 < len(blocks) <= MOST_VIEW_BLOCKS, "1 to 100 blocks")
    for block in blocks:
        _that(isinstance(block, dict) and block.get("type") in _VIEW_KINDS, f"no such block: {block}")
        _VIEW_KINDS[block["type"]](block)
    named = [block["block_id"] for block in blocks if "block_id" in block]
    _that(len(set(named)) == len(named), f"a block_id twice: {named}")


def _divider(block: Mapping[str, Any]) -> None:
    _keys(block)


def _input(block: Mapping[str, Any]) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block"""
    _keys(block, "label", "element", "dispatch_action", "hint", "optional")
    _text(block.get("label"), 2_000, "plain_text")
    if "hint" in block:
        _text(block["hint"], 2_000, "plain_text")
    _that(0 < len(block.get("block_id", "x")) <= 255, "a block_id of 1 to 255 characters")
    element = block.get("element") or {}
    _that(element.get("type") == "plain_text_input", "a field for text")
    known = {"type", "action_id", "dispatch_action_config", "initial_value", "max_length", "min_length", "placeholder"}
    _that(set(element) <= known, f"unknown keys: {sorted(element)}")
    _that(0 < len(element.get("action_id") or "") <= 255, "action_id of 1 to 255 characters")


_VIEW_KINDS = {**_KINDS, "divider": _divider, "input": _input}


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    """Every text object within."""
    if isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn") and isinstance(value.get("text"), str):
            yield value
        for one in value.values():
            yield from _texts(one)
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)


def home_buttons(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every button of a Home tab, from its top."""
    found: list[dict[str, Any]] = []
    for block in view["blocks"]:
        found += [block["accessory"]] if "accessory" in block else []
        found += block["elements"] if block["type"] == "actions" else []
    return found


def shown(body: Mapping[str, Any]) -> str:
    """Everything that a reader of the message sees."""
    return "\n".join(one["text"] for one in _texts(list(body.get("blocks") or [])))


def markup(body: Mapping[str, Any]) -> list[str]:
    """Every mention, link and command that Slack would make of this: of mrkdwn texts and of ``text``. A plain_text is
    shown as it is."""
    texts: Sequence[str] = [
        one["text"] for one in _texts(list(body.get("blocks") or [])) if one["type"] == "mrkdwn"
    ] + [str(body.get("text") or "")]
    found = [one for text in texts for one in MARKUP.findall(text)]
    if body.get("link_names") or body.get("parse", "none") != "none":
        found += [one for text in texts for one in re.findall(r"[@#][\w.-]+", text)]
    return found
