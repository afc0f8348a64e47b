"""Words for what pydantic finds: what is wrong, and what to write instead. Never shows a secret."""

import re
from typing import Any, cast

from pydantic import SecretStr
from pydantic_core import ErrorDetails

from bot.settings import tree
from bot.settings.environment import variable
from bot.settings.model import Document
from bot.settings.problem import Fault, Loc, shown, suggestion
from escalation.phrase import N_, Phrase, advice


def fault(detail: ErrorDetails) -> Fault:
    loc, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return _missing(loc)
    if kind == "extra_forbidden":
        return unknown_key(loc)
    if kind == "kidoku":
        return Fault(loc, context["wrong"], context["fix"])
    if kind == "value_error":
        return _advised(loc, context["error"].args[0])
    if loc == ("database",):
        form = N_("write %(one)s or %(other)s")
        fix = Phrase(form, one="sqlite+aiosqlite:///path/to/file", other="postgresql+asyncpg://user@host/database")
        return Fault(loc, Phrase("this is no URL of a database"), fix)
    if tree.at(Document, loc) is SecretStr:
        return Fault(loc, Phrase("the secret is not valid"), Phrase("set %(name)s to text", name=variable(loc)))
    return of_value(detail)


def _advised(loc: Loc, said: str) -> Fault:
    """What a channel's own settings say is wrong with them: ``advice``, or one sentence."""
    if isinstance(said, Phrase) and said.values.keys() == {"wrong", "fix"}:
        return Fault(loc, cast(str, said.values["wrong"]), cast(str, said.values["fix"]))
    if isinstance(said, Phrase):
        return Fault(loc, said)
    message, _, fix = said.partition("; ")
    return Fault(loc, message, fix)


def _missing(loc: Loc) -> Fault:
    key = str(loc[-1])
    if tree.at(Document, loc) is SecretStr:
        form = N_("set the environment variable %(name)s, or %(name)s_FILE to a file with it")
        return Fault(loc, Phrase("the secret is missing"), Phrase(form, name=variable(loc)))
    return Fault(loc, Phrase("%(key)s is missing", key=key), Phrase("add %(example)s", example=_example(loc, key)))


def _example(loc: Loc, key: str) -> str:
    field = tree.field_at(Document, loc)
    examples = (field.examples if field else None) or []
    return f"{key}: {examples[0]}" if examples else f"{key}:"


def unknown_key(loc: Loc) -> Fault:
    """A key that the model does not have."""
    parent = tree.at(Document, loc[:-1])
    known = tree.fields(parent) if tree.is_shape(parent) else {}
    fix = suggestion(str(loc[-1]), known, Phrase("the keys here are: %(keys)s", keys=", ".join(known)))
    return Fault(loc, Phrase("there is no key %(key)s", key=loc[-1]), fix, is_key=True)


_KINDS = {
    "string_type": (Phrase("text"), Phrase("write it in quotes")),
    "int_type": (Phrase("a whole number"), Phrase("write digits without quotes")),
    "int_parsing": (Phrase("a whole number"), Phrase("write digits without quotes")),
    "int_from_float": (Phrase("a whole number"), Phrase("write it without a fraction")),
    "bool_type": (Phrase("true or false"), Phrase("write true or false")),
    "bool_parsing": (Phrase("true or false"), Phrase("write true or false")),
    "float_type": (Phrase("a number"), Phrase("write digits without quotes")),
    "float_parsing": (Phrase("a number"), Phrase("write digits without quotes")),
    "path_type": (Phrase("a path"), Phrase("write the path of a file")),
    "tuple_type": (Phrase("a list"), Phrase("write it as [one, two] or with a dash on each line")),
    "list_type": (Phrase("a list"), Phrase("write it as [one, two] or with a dash on each line")),
    "dict_type": (Phrase("a mapping of keys"), Phrase("write keys with values below it, indented")),
    "model_type": (Phrase("a mapping of keys"), Phrase("write keys with values below it, indented")),
    "model_attributes_type": (Phrase("a mapping of keys"), Phrase("write keys with values below it, indented")),
}


def of_value(detail: ErrorDetails) -> Fault:
    """A value that is not of its kind, or outside of its limits."""
    loc, kind, context, value = detail["loc"], detail["type"], detail.get("ctx", {}), detail["input"]
    if value is None:
        fix = Phrase("write a value, or take the key away")
        if "to" in loc:
            fix = advice(fix, Phrase('a room is written in quotes: "#ops"'))
        return Fault(loc, Phrase("nothing stands here"), fix)
    if kind in _KINDS:
        wanted, fix = _KINDS[kind]
        return Fault(loc, Phrase("%(value)s is not %(wanted)s", value=shown(value), wanted=wanted), fix)
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", str(context["expected"]))
        message = Phrase("%(value)s is not allowed here", value=shown(value))
        return Fault(_named(loc), message, suggestion(str(value), allowed), is_key=loc[-1] == "[key]")
    return _limited(loc, kind, context, value, detail["msg"])


_LIMITS = {
    "greater_than_equal": (N_("%(value)s is too small"), N_("write at least %(ge)s")),
    "less_than_equal": (N_("%(value)s is too large"), N_("write at most %(le)s")),
    "greater_than": (N_("%(value)s is too small"), N_("write more than %(gt)s")),
    "less_than": (N_("%(value)s is too large"), N_("write less than %(lt)s")),
    "too_long": (N_("%(value)s has too many entries"), N_("write at most %(max_length)s")),
    "string_too_long": (N_("%(value)s is too long"), N_("write at most %(max_length)s letters")),
}
_NAME = Phrase("a name has no spaces and no : # @ or comma")
_PATTERNS = {
    "account_sid": Phrase("write the Account SID from Twilio's console: AC and 32 letters and digits"),
    "discord": Phrase("write the id: 15 to 20 digits (in Discord: Settings, Advanced, Developer Mode; then Copy ID)"),
    "slack": Phrase("write #name or an id such as C0123ABCD for a room, U0123ABCD or a mail address for a person"),
    "messaging_service_sid": Phrase("write the SID from Twilio's console: MG and 32 letters and digits"),
    "templates": Phrase("write the template's SID from Twilio's console: HX and 32 letters and digits"),
    "public_url": Phrase("write it like https://kidoku.company.example"),
    "rooms": Phrase('a room begins with #, in quotes: "#ops"'),
}


def _limited(loc: Loc, kind: str, context: dict[str, Any], value: Any, said: str) -> Fault:
    if kind in _LIMITS:
        form, fix = _LIMITS[kind]
        return Fault(loc, Phrase(form, value=shown(value)), Phrase(fix, **context))
    if kind in ("too_short", "string_too_short"):
        example = _example(loc, str(loc[-1]))
        is_free = example.endswith(":")
        fix = Phrase("write something, or take the key away") if is_free else Phrase("write %(text)s", text=example)
        return Fault(loc, Phrase("it is empty"), fix)
    if kind == "string_pattern_mismatch":
        key = next((str(part) for part in reversed(loc) if str(part) in _PATTERNS), "")
        is_name = loc[-1] == "[key]"
        message = Phrase("%(value)s is not written as it should be", value=shown(value))
        return Fault(_named(loc), message, _PATTERNS.get(key) or (_NAME if is_name else ""), is_key=is_name)
    return Fault(loc, said[:1].lower() + said[1:])


def _named(loc: Loc) -> Loc:
    """pydantic marks a wrong key of a mapping with ``[key]`` after it."""
    return loc[:-1] if loc[-1] == "[key]" else loc
