"""What Discord accepts as a modal, by its documented limits, and what it sends of one that was submitted.

https://docs.discord.com/developers/components/reference, …/interactions/receiving-and-responding
"""

from collections.abc import Iterator, Mapping
from typing import Any

MODAL, SUBMISSION = 9, 5
LABEL, TEXT, SELECT, CHECKBOX = 18, 4, 3, 23


def modal_fault(data: Mapping[str, Any]) -> str:
    """What is wrong with a modal, in words; "" if nothing is."""
    return next(_faults(data), "")


def _faults(data: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= _size(data["custom_id"]) <= 100 or not 1 <= _size(data["title"]) <= 45:
        yield "a custom_id of 1 to 100 and a title of 1 to 45 characters"
    if not 1 <= len(data["components"]) <= 5:
        yield "1 to 5 components"
    for label in data["components"]:
        if label["type"] != LABEL or not 1 <= _size(label["label"]) <= 45:
            yield f"a label of 1 to 45 characters: {label}"
        if label.get("description") is not None and not 1 <= _size(label["description"]) <= 100:
            yield f"a description of 1 to 100 characters: {label}"
        yield from _field_faults(label["component"])
    ids = [one["component"]["custom_id"] for one in data["components"]]
    if len(ids) != len(set(ids)):
        yield f"a custom_id twice: {ids}"


def _field_faults(field: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= _size(field["custom_id"]) <= 100:
        yield "a custom_id of 1 to 100 characters"
    if field["type"] == TEXT:
        yield from _text_faults(field)
    elif field["type"] == SELECT:
        yield from _select_faults(field)
    elif field["type"] != CHECKBOX:
        yield f"no such component: {field}"


def _text_faults(field: Mapping[str, Any]) -> Iterator[str]:
    if _size(field.get("value") or "") > min(4_000, field.get("max_length") or 4_000):
        yield "a value longer than what may be written"
    if field["style"] == 1 and "\n" in (field.get("value") or ""):
        yield "several lines in a field of one"
    if field.get("label"):
        yield "a label within a label"


def _select_faults(field: Mapping[str, Any]) -> Iterator[str]:
    options = field["options"]
    if not 1 <= len(options) <= 25:
        yield "1 to 25 options"
    if not all(1 <= _size(one["label"]) <= 100 and 1 <= _size(one["value"]) <= 100 for one in options):
        yield "labels and values of 1 to 100 characters"
    if len({one["value"] for one in options}) != len(options):
        yield "a value twice"
    if field.get("required") and field.get("min_values") == 0:
        yield "required, with min_values 0"


def _size(text: str) -> int:
    """The strictest reading: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def submitted(modal: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """The ``data`` of a submission; what is not in ``answers`` is left as it stood there. Raises LookupError for what
    nobody could answer there."""
    fields = [one["component"] for one in modal["components"]]
    if unknown := set(answers) - {one["custom_id"] for one in fields}:
        raise LookupError(f"no fields: {unknown}")
    components = [
        {
            "type": LABEL,
            "id": n,
            "component": {"type": one["type"], "id": n, "custom_id": one["custom_id"]} | _given(one, answers),
        }
        for n, one in enumerate(fields, 1)
    ]
    return {"custom_id": modal["custom_id"], "components": components}


def _given(field: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    answer = answers.get(field["custom_id"])
    if field["type"] == TEXT:
        return {"value": answer if answer is not None else field.get("value") or ""}
    if field["type"] == CHECKBOX:
        return {"value": bool(answer) if answer is not None else bool(field.get("default"))}
    chosen = [one["value"] for one in field["options"] if one.get("default")]
    return {"values": chosen if answer is None else [answer] if answer else []}
