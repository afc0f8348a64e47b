"""Values that stand in a rule's conditions: regexes, addresses, prefixes."""

import re
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from bot.settings.fields import wrong
from bot.settings.problem import shown
from escalation.pattern import folded, written_regex
from escalation.phrase import Phrase


def pattern(value: Any) -> str:
    """A regex as Python's ``re`` takes it."""
    if not isinstance(value, str) or not value:
        raise wrong(Phrase("%(value)s is no regex", value=shown(value)), Phrase("write it in quotes"))
    try:
        re.compile(folded(value))
    except re.error as error:
        fix = Phrase("check brackets, and write \\ before . * + ? ( ) [ ] that stand for themselves")
        raise wrong(_invalid(value, error), fix) from error
    except (OverflowError, RecursionError) as error:
        what = Phrase("the regex %(regex)s… is too large", regex=repr(value[:40]))
        raise wrong(what, Phrase("make it simpler")) from error
    return value


def _invalid(regex: str, error: re.error) -> Phrase:
    """With the words of Python's ``re``, which are English only."""
    values = {"regex": shown(regex), "said": error.msg}
    if error.pos is None:
        return Phrase("the regex %(regex)s is not valid: %(said)s", **values)
    return Phrase("the regex %(regex)s is not valid: %(said)s (at character %(n)d)", **values, n=error.pos + 1)


def sender_pattern(value: Any) -> str:
    """An address, a domain, a glob, or ``/regex/``."""
    if not isinstance(value, str) or not value.strip():
        fix = Phrase("write an address, a domain, *@domain or /regex/")
        raise wrong(Phrase("%(value)s is no address", value=shown(value)), fix)
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
        fix = Phrase("write true, or words such as [障害, OUTAGE]")
        raise wrong(Phrase("%(value)s is no prefix", value=shown(value)), fix)
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
