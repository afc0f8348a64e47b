"""Words for what pydantic finds: what is wrong, and what to write instead. Never shows a secret."""

import re
from typing import Any

from pydantic import SecretStr
from pydantic_core import ErrorDetails

from bot.settings import tree
from bot.settings.environment import variable
from bot.settings.model import Document
from bot.settings.problem import Fault, Loc, shown, suggestion


def fault(detail: ErrorDetails) -> Fault:
    loc, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return _missing(loc)
    if kind == "extra_forbidden":
        return _extra(loc)
    if kind == "kidoku":
        return Fault(loc, str(context["wrong"]), str(context["fix"]))
    if kind == "value_error":
        message, _, fix = detail["msg"].removeprefix("Value error, ").partition("; ")
        return Fault(loc, message, fix)
    if tree.at(Document, loc) is SecretStr:
        return Fault(loc, "the secret is not valid", f"set {variable(loc)} to text")
    return _typed(loc, kind, context, detail)


def _missing(loc: Loc) -> Fault:
    key = str(loc[-1])
    if tree.at(Document, loc) is SecretStr:
        name = variable(loc)
        return Fault(
            loc, "the secret is missing", f"set the environment variable {name}, or {name}_FILE to a file with it"
        )
    return Fault(loc, f"{key} is missing", f"add {_example(loc, key)}")


def _example(loc: Loc, key: str) -> str:
    field = tree.field_at(Document, loc)
    examples = (field.examples if field else None) or []
    return f"{key}: {examples[0]}" if examples else f"{key}:"


def _extra(loc: Loc) -> Fault:
    parent = tree.at(Document, loc[:-1])
    known = tree.fields(parent) if tree.is_shape(parent) else {}
    fix = suggestion(str(loc[-1]), known, f"the keys here are: {', '.join(known)}")
    return Fault(loc, f"there is no key {loc[-1]}", fix, is_key=True)


_KINDS = {
    "string_type": ("text", "write it in quotes"),
    "int_type": ("a whole number", "write digits without quotes"),
    "int_parsing": ("a whole number", "write digits without quotes"),
    "int_from_float": ("a whole number", "write it without a fraction"),
    "bool_type": ("true or false", "write true or false"),
    "bool_parsing": ("true or false", "write true or false"),
    "float_type": ("a number", "write digits without quotes"),
    "float_parsing": ("a number", "write digits without quotes"),
    "path_type": ("a path", "write the path of a file"),
    "tuple_type": ("a list", "write it as [one, two] or with a dash on each line"),
    "list_type": ("a list", "write it as [one, two] or with a dash on each line"),
    "dict_type": ("a mapping of keys", "write keys with values below it, indented"),
    "model_type": ("a mapping of keys", "write keys with values below it, indented"),
    "model_attributes_type": ("a mapping of keys", "write keys with values below it, indented"),
}


def _typed(loc: Loc, kind: str, context: dict[str, Any], detail: ErrorDetails) -> Fault:
    value = detail["input"]
    if value is None:
        room = '; a room is written in quotes: "#ops"' if loc[-1] == "to" or "to" in loc else ""
        return Fault(loc, "nothing stands here", f"write a value, or take the key away{room}")
    if kind in _KINDS:
        wanted, fix = _KINDS[kind]
        return Fault(loc, f"{shown(value)} is not {wanted}", fix)
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", str(context["expected"]))
        return Fault(loc, f"{shown(value)} is not allowed here", suggestion(str(value), allowed))
    return _limited(loc, kind, context, value, detail["msg"])


_LIMITS = {
    "greater_than_equal": ("is too small", "write at least {ge}"),
    "less_than_equal": ("is too large", "write at most {le}"),
    "greater_than": ("is too small", "write more than {gt}"),
    "less_than": ("is too large", "write less than {lt}"),
    "too_long": ("has too many entries", "write at most {max_length}"),
    "string_too_long": ("is too long", "write at most {max_length} letters"),
}
_PATTERNS = {
    "account_sid": "write the Account SID from Twilio's console: AC and 32 letters and digits",
    "discord": "write the id: 15 to 20 digits (in Discord: Settings, Advanced, Developer Mode; then Copy ID)",
    "slack": "write #name or an id such as C0123ABCD for a room, U0123ABCD or a mail address for a person",
    "public_url": "write it like https://kidoku.company.example",
    "rooms": 'a room begins with #, in quotes: "#ops"',
}


def _limited(loc: Loc, kind: str, context: dict[str, Any], value: Any, said: str) -> Fault:
    if kind in _LIMITS:
        what, fix = _LIMITS[kind]
        return Fault(loc, f"{shown(value)} {what}", fix.format(**context))
    if kind in ("too_short", "string_too_short"):
        example = _example(loc, str(loc[-1]))
        fix = "write something, or take the key away" if example.endswith(":") else f"write {example}"
        return Fault(loc, "it is empty", fix)
    if kind == "string_pattern_mismatch":
        key = next((str(part) for part in reversed(loc) if str(part) in _PATTERNS), "")
        is_name = loc[-1] == "[key]"
        fix = _PATTERNS.get(key) or ("a name has no space before it and no : # @ or comma" if is_name else "")
        return Fault(_named(loc), f"{shown(value)} is not written as it should be", fix, is_key=is_name)
    return Fault(loc, said[:1].lower() + said[1:])


def _named(loc: Loc) -> Loc:
    """pydantic marks a wrong key of a mapping with ``[key]`` after it."""
    return loc[:-1] if loc[-1] == "[key]" else loc
