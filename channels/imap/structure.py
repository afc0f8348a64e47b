"""BODYSTRUCTURE (RFC 3501 section 7.4.2) → which part is the text, and how to decode what was fetched of it."""

import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from channels.imap.text import from_base64


@dataclass(frozen=True, slots=True)
class TextPart:
    """Its number ("1.2"), charset and transfer encoding."""

    number: str
    subtype: str
    charset: str
    encoding: str

    def decoded(self, data: bytes) -> bytes:
        """The bytes of the part; a beginning is enough."""
        if self.encoding == "base64":
            return from_base64(data)
        if self.encoding == "quoted-printable":
            return quopri.decodestring(data)
        return data


def text_part(structure: Any) -> TextPart | None:
    """The first text/plain part, else the first other text part; None if there is none, or it can't be understood."""
    try:
        parts = list(_texts(structure, ""))
    except (IndexError, TypeError, AttributeError, RecursionError):
        return None
    return next((part for part in parts if part.subtype == "plain"), parts[0] if parts else None)


def _texts(structure: Any, prefix: str) -> Iterator[TextPart]:
    if isinstance(structure[0], list):
        for position, part in enumerate(structure[0], 1):
            yield from _texts(part, f"{prefix}{position}.")
        return
    if _word(structure[0]) != "text" or _is_attached(structure):
        return
    parameters = _pairs(structure[2])
    number = prefix.rstrip(".") or "1"
    yield TextPart(number, _word(structure[1]), parameters.get("charset", ""), _word(structure[5]))


def _is_attached(structure: Any) -> bool:
    return any(isinstance(one, tuple) and one and _word(one[0]) == "attachment" for one in structure[8:])


def _pairs(listed: Any) -> dict[str, str]:
    if not listed:
        return {}
    return {_word(listed[n]): _word(listed[n + 1]) for n in range(0, len(listed) - 1, 2)}


def _word(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else str(value or "").lower()
