"""How many segments a text message takes, and what of a text fits.

A message in the characters of GSM 03.38 holds 160 of them, or 153 in each of several segments; those of its extension
table count twice. One character outside makes the whole message UCS-2: 70 UTF-16 units, or 67 in each of several.
Source: https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding and 3GPP TS 23.038 section 6.2.1.
"""

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ELLIPSIS = {True: "...", False: "…"}
"""By whether the text is of GSM 03.38: an ellipsis sign alone would more than halve what fits."""


def is_gsm(text: str) -> bool:
    """Whether every character is one of GSM 03.38."""
    return all(char in _BASIC or char in _EXTENDED for char in text)


def segments(text: str) -> int:
    """How many segments Twilio sends, and charges for. A character is never divided between two."""
    sizes, alone, each = _sizes(text)
    if sum(sizes) <= alone:
        return 1
    count, room = 1, each
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return count


def _sizes(text: str) -> tuple[list[int], int, int]:
    if is_gsm(text):
        return [2 if char in _EXTENDED else 1 for char in text], 160, 153
    return [2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67


def fitted(head: str, tail: str, most: int) -> str:
    """``head`` and ``tail``, a line each, in at most ``most`` segments: the head is cut, the tail never."""
    whole = "\n".join(part for part in (head, tail) if part)
    if segments(whole) <= most:
        return whole
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if segments(_cut(head, middle, tail)) <= most else (low, middle - 1)
    return _cut(head, low, tail)


def _cut(head: str, end: int, tail: str) -> str:
    """The first ``end`` characters, not before a sign that belongs to the last of them."""
    while 0 < end < len(head) and unicodedata.category(head[end]) in ("Mn", "Mc", "Me"):
        end -= 1
    kept = head[:end].rstrip()
    return "\n".join(part for part in (kept + _ELLIPSIS[is_gsm(kept + tail)] if kept else "", tail) if part)
