"""Domains that are easily taken for another: written with other letters, one slip away, or under another ending. Pure.

The rules, for a domain that is neither the known one nor below it:

1. It looks the same: letters of other scripts (Unicode's confusables), 0 for o, 1 for l, rn for m, vv for w. Punycode
   is read as what it shows.
2. It is one slip away: a letter more, less, other, or two exchanged; names of fewer than five letters are too alike.
3. It is the same name under another ending: company.com and company.co.jp.
4. The known one stands before another: company.example.elsewhere.example.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

SHORTEST = 5
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gov", "gr", "lg", "ne", "net", "or", "org"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_DIGITS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s"})


def resembled(domain: str, known: Iterable[str]) -> str | None:
    """The known domain that this one is easily taken for; None if there is none, or if it is one of them itself."""
    shown = _shown(domain)
    own = sorted(_shown(one) for one in known)
    if any(shown == one or shown.endswith(f".{one}") for one in own):
        return None
    return next((one for one in own if _is_like(shown, one)), None)


def _is_like(domain: str, known: str) -> bool:
    if domain.startswith(f"{known}.") or skeleton(domain) == skeleton(known):
        return True
    name = name_of(known)
    if len(name) < SHORTEST:
        return False
    return name_of(domain) == name or is_one_slip(domain, known)


@lru_cache(maxsize=4_096)
def _shown(domain: str) -> str:
    """As a mail program shows it."""
    labels = domain.strip().rstrip(".").casefold().split(".")
    return ".".join(_label(one) for one in labels)


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode").casefold()
    except UnicodeError:
        return label


@lru_cache(maxsize=4_096)
def skeleton(domain: str) -> str:
    """The same for two that look the same."""
    text = "".join(_latin(char) for char in unicodedata.normalize("NFKC", domain).casefold())
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text.translate(_DIGITS)


def _latin(char: str) -> str:
    if char.isascii():
        return char
    # Here, not above: its tables are seven megabytes, and only a letter that is not ASCII asks for them.
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(char, greedy=True, preferred_aliases=["latin"])
    looks = [one["c"] for one in found[0]["homoglyphs"] if one["c"].isascii()] if found else []
    plain = unicodedata.normalize("NFD", char)[0]
    return str(looks[0]).casefold() if looks else plain


def name_of(domain: str) -> str:
    """What its owner chose: ``company`` of company.com and company.co.jp; "" where there are more labels."""
    labels = domain.split(".")
    if len(labels) == 2 or (len(labels) == 3 and labels[1] in _SECOND_LEVEL and len(labels[2]) == 2):
        return labels[0]
    return ""


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two neighbours exchanged, makes the one into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return True
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
