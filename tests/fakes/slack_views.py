"""What Slack accepts as a view, by the documented limits, and the stack of views that somebody has before them.

https://docs.slack.dev/reference/views/modal-views, https://docs.slack.dev/surfaces/modals,
https://docs.slack.dev/reference/block-kit/blocks/input-block, …/block-elements, …/composition-objects/option-object
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.fakes.slack_blocks import _KINDS as BLOCKS
from tests.fakes.slack_blocks import InvalidError
from tests.fakes.slack_blocks import _keys as keys
from tests.fakes.slack_blocks import _option as option
from tests.fakes.slack_blocks import _text as text_of
from tests.fakes.slack_blocks import _that as that
from tests.fakes.slack_world import TEAM, RefusedError

MOST_STACKED = 3


def view_fault(view: Any) -> str:
    """What is wrong with a modal view, in words; "" if nothing is."""
    try:
        _modal(view)
    except InvalidError as error:
        return str(error)
    return ""


def _modal(view: Any) -> None:
    known = {"type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id"}
    known |= {"clear_on_close", "notify_on_close"}
    that(isinstance(view, dict) and view.get("type") == "modal", "no modal")
    that(set(view) <= known, f"unknown keys: {sorted(view)}")
    text_of(view.get("title"), 24, "plain_text")
    for name in ("submit", "close"):
        if name in view:
            text_of(view[name], 24, "plain_text")
    that(len(view.get("private_metadata") or "") <= 3_000, "private_metadata of at most 3000 characters")
    for name in ("callback_id", "external_id"):
        that(len(view.get(name) or "") <= 255, f"{name} of at most 255 characters")
    _blocks(view)


def _blocks(view: Mapping[str, Any]) -> None:
    blocks = view.get("blocks")
    that(isinstance(blocks, list) and 0 < len(blocks) <= 100, "1 to 100 blocks")
    for block in blocks or []:
        if block.get("type") == "input":
            _input(block)
            that("submit" in view, "an input, and no submit")
        else:
            that(block.get("type") in BLOCKS, f"no such block: {block}")
            BLOCKS[block["type"]](block)
    ids = [one["block_id"] for one in blocks or [] if "block_id" in one]
    that(len(ids) == len(set(ids)), f"a block_id twice: {ids}")


def _input(block: Mapping[str, Any]) -> None:
    keys(block, "label", "element", "hint", "optional", "dispatch_action")
    text_of(block.get("label"), 2_000, "plain_text")
    if "hint" in block:
        text_of(block["hint"], 2_000, "plain_text")
    that(0 < len(block.get("block_id") or "x") <= 255, "block_id of 1 to 255 characters")
    element = block.get("element") or {}
    that(0 < len(element.get("action_id") or "") <= 255, "action_id of 1 to 255 characters")
    that(element.get("type") in _ELEMENTS, f"no such element: {element}")
    _ELEMENTS[element["type"]](element)


def _text_input(element: Mapping[str, Any]) -> None:
    keys(element, "action_id", "initial_value", "multiline", "min_length", "max_length", "placeholder")
    most = element.get("max_length", 3_000)
    that(1 <= most <= 3_000, "max_length of 1 to 3000")
    initial = element.get("initial_value", "x")
    that(0 < len(initial.encode("utf-16-le")) // 2 <= most, "an initial_value that is empty or too long")
    that(element.get("multiline", False) or "\n" not in initial, "several lines in a field of one")


def _static(element: Mapping[str, Any]) -> None:
    keys(element, "action_id", "options", "initial_option", "placeholder")
    _options(element, 100)
    that("initial_option" not in element or element["initial_option"] in element["options"], "no such initial_option")


def _external(element: Mapping[str, Any]) -> None:
    keys(element, "action_id", "min_query_length", "initial_option", "placeholder")


def _checkboxes(element: Mapping[str, Any]) -> None:
    keys(element, "action_id", "options", "initial_options")
    _options(element, 10)
    initial = element.get("initial_options", [None])
    that(len(initial) > 0, "empty initial_options")
    that(initial == [None] or all(one in element["options"] for one in initial), "no such initial_options")


def _options(element: Mapping[str, Any], most: int) -> None:
    options = element.get("options") or []
    that(0 < len(options) <= most, f"1 to {most} options")
    for one in options:
        option(one)
    values = [one["value"] for one in options]
    that(len(values) == len(set(values)), f"a value twice: {values}")


_ELEMENTS = {
    "plain_text_input": _text_input,
    "static_select": _static,
    "external_select": _external,
    "checkboxes": _checkboxes,
}


def response_fault(payload: Mapping[str, Any], answered: Mapping[str, Any], stacked: int) -> str:
    """What is wrong with the acknowledgement of a submission."""
    match payload.get("response_action"):
        case None | "clear":
            return ""
        case "errors":
            fields = {one["block_id"] for one in answered["blocks"] if one["type"] == "input"}
            wrong = set(payload["errors"]) - fields
            return f"errors for no field: {wrong}" if wrong or not payload["errors"] else ""
        case "update" | "push" as action:
            if action == "push" and stacked >= MOST_STACKED:
                return "a fourth view"
            return view_fault(payload.get("view"))
        case other:
            return f"no such response_action: {other}"


def fields_of(view: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (one for one in view["blocks"] if one["type"] == "input")


def state_of(view: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """``view.state`` as Slack sends it: what was answered, else what stood there at first. Raises LookupError for what
    nobody could answer there."""
    fields = {one["block_id"]: one["element"] for one in fields_of(view)}
    if unknown := set(answers) - set(fields):
        raise LookupError(f"no fields: {unknown}; there are {sorted(fields)}")
    return {"values": {name: {one["action_id"]: _state(one, answers.get(name))} for name, one in fields.items()}}


def _state(element: Mapping[str, Any], answer: str | None) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": (answer if answer is not None else element.get("initial_value")) or None}
    if kind == "checkboxes":
        chosen = element.get("initial_options", []) if answer is None else element["options"] if answer else []
        return {"type": kind, "selected_options": chosen}
    if answer is None:
        return {"type": kind, "selected_option": element.get("initial_option")}
    return {"type": kind, "selected_option": _chosen(element, answer)}


def _chosen(element: Mapping[str, Any], answer: str) -> dict[str, Any] | None:
    options: Sequence[dict[str, Any]] = element.get("options") or [{"text": {"text": answer}, "value": answer}]
    return next(one for one in options if one["value"] == answer) if answer else None


class Views:
    """The modals of one workspace: ``stack`` is what one member has before them, the last is seen."""

    def __init__(self) -> None:
        self.stack: list[dict[str, Any]] = []
        self.shown: list[dict[str, Any]] = []
        """Every view that was ever seen, in order."""
        self.spent: set[str] = set()
        """Triggers that were used, or are older than three seconds."""

    def open_view(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        trigger = str(arguments["trigger_id"])
        if trigger in self.spent:
            raise RefusedError("expired_trigger_id")
        self.spent.add(trigger)
        self.stack = [self._made(_given(arguments))]
        return {"view": self.stack[-1]}

    def update_view(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        id, external_id = arguments.get("view_id"), arguments.get("external_id")
        for place, one in enumerate(self.stack):
            if (id and one["id"] == id) or (external_id and one.get("external_id") == external_id):
                self.stack[place] = {**self._made(_given(arguments)), "id": one["id"]}
                return {"view": self.stack[place]}
        raise RefusedError("not_found")

    def _made(self, view: Mapping[str, Any]) -> dict[str, Any]:
        if fault := view_fault(view):
            raise RefusedError("invalid_arguments") from ValueError(fault)
        self.shown.append({**view, "id": f"V{len(self.shown):06}", "team_id": TEAM})
        return self.shown[-1]

    def acknowledged(self, payload: Mapping[str, Any]) -> None:
        """What an acknowledgement of a submission of the uppermost view does. Fails for one that Slack would refuse."""
        fault = response_fault(payload, self.stack[-1], len(self.stack))
        assert not fault, fault
        match payload.get("response_action"):
            case "push":
                self.stack.append(self._made(payload["view"]))
            case "update":
                self.stack[-1] = self._made(payload["view"])
            case "clear":
                self.stack.clear()
            case None:
                self.stack.pop()

    def close_view(self) -> None:
        """They press its close button."""
        closed = self.stack.pop()
        if closed.get("clear_on_close"):
            self.stack.clear()


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    view = arguments["view"]
    found: dict[str, Any] = json.loads(view) if isinstance(view, str) else view
    return found
