"""Values that stand in a rule's conditions: regexes, addresses, prefixes."""

import re
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from bot.settings.fields import wrong
from bot.settings.problem import shown
from escalation.pattern import folded, written_regex


def pattern(value: Any) -> str:
    """A regex as Python's ``re`` takes it."""
    if not isinstance(value, str) or not value:
        raise wrong(f"{shown(value)} is no regex", "write it in quotes")
    try:
        re.compile(folded(value))
    except re.error as error:
        where = "" if error.pos is None else f" (at character {error.pos + 1})"
        fix = r"check brackets, and write \ before . * + ? ( ) [ ] that stand for themselves"
        raise wrong(f"the regex {shown(value)} is not valid: {error.msg}{where}", fix) from error
    except (OverflowError, RecursionError) as error:
        raise wrong(f"the regex {value[:40]!r}… is too large", "make it simpler") from error
    return value


def sender_pattern(value: Any) -> str:
    """An address, a domain, a glob, or ``/regex/``."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"{shown(value)} is no address", "write an address, a domain, *@domain or /regex/")
    regex = written_regex(value.strip())
    if regex is not None:
        pattern(regex)
    return value.strip()


def prefix(value: Any) -> tuple[str, ...] | None:
    """``true`` (None here): the words that Kidoku knows. A list: one's own words."""
    if value is True:
        return None
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise wrong(f"{shown(value)} is no prefix", "write true, or words such as [障害, OUTAGE]")
    return tuple(word.strip() for word in words)


_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
Pattern = Annotated[str, PlainValidator(pattern), WithJsonSchema({**_TEXT, "format": "regex"})]
SenderPattern = Annotated[str, PlainValidator(sender_pattern), WithJsonSchema(_TEXT)]
Prefix = Annotated[
    tuple[str, ...] | None,
    PlainValidator(prefix),
    WithJsonSchema({"anyOf": [{"const": True}, _TEXT, _TEXTS]}),
]
