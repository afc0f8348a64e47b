"""Addresses as mail systems write them in reports: typed, in brackets, quoted, with a name, as xtext."""

import re
import sys
from collections.abc import Iterable, Iterator

LONGEST = 320


def _pattern(letters: str) -> re.Pattern[str]:
    """It begins only where a word begins, so that a long word is looked at once, not once for each of its letters."""
    atom = rf"{letters}!#$%&'*+/=?^`{{|}}~.\-"
    local = rf"(?:(?<![\\{atom}\"])\"(?:[^\"\\\s]|\\.){{1,128}}\"|(?<![{atom}@])[{atom}]{{1,128}})"
    domain = rf"\[(?:IPv6:)?[0-9A-Fa-f.:]{{3,45}}\]|[{letters}](?:[{letters}.\-]{{0,251}}[{letters}])?"
    return re.compile(rf"{local}@(?:{domain})")


ADDRESS = _pattern(r"A-Za-z0-9_\u00c0-\u024f")
"""An address within prose: of Latin letters, since Japanese and Chinese write words before and after it unspaced."""
_ANY = _pattern(r"\w")
_TYPED = re.compile(r"\s*[A-Za-z][\w./+-]{0,40}\s*;\s*")
_NOTES = re.compile(
    r"\s*(?:CN=[^@<>]{1,200}|[^\s@<>:|/\"][^@<>:|/\"]{0,100}\s[^@<>:|/\"]{0,100}(?<!\s)/[^@<>:|\"]{1,200})@",
    re.IGNORECASE,
)
"""A name of Notes, canonical (``CN=Hanako Sato/O=Partner@partner``) or short (``Hanako Sato/Partner@partner``)."""
_ENCAPSULATED = re.compile(r"IMCEA[A-Z0-9]{1,20}-", re.IGNORECASE)
"""Internet Mail Connector Encapsulated Address: Exchange's form of X.500 and other addresses."""
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_BRACKETED = re.compile(r"<(?:[^<>:]{0,300}:)?([^<>]{1,320})>")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
"""What RFC 6533, section 3 writes for signs beyond ASCII."""
_XTEXT = re.compile(r"\+(2B|3D|40)")
_PREFIX = re.compile(r"(?:to|for|rcpt|recipient|address|user|orcpt|mail|addr)=", re.IGNORECASE)


def typed(value: str, *, is_xtext: bool = False) -> str:
    """The address of ``rfc822; user@example.com`` (RFC 3464, 2.3.2) and of its broken forms; empty if there is none.

    Roundcube writes a display name before the address, Exim a file name instead of it, others a route. A name of Notes,
    as Domino writes it, is no address, though it has an "@".
    ``is_xtext`` undoes what RFC 3461 has a sender encode: only ``+``, ``=`` and ``@``, so that an address with a real
    ``+`` in it survives systems that have decoded it already.
    """
    bare = _UNICODE.sub(_character, _TYPED.sub("", value[: LONGEST * 4], count=1))
    if is_xtext:
        bare = xtext(bare)
    if _NOTES.match(bare):
        return ""
    for match in _BRACKETED.finditer(bare):
        if found := _ANY.search(match[1]):
            return clean(found[0])
    found = _ANY.search(bare.strip().rpartition(":")[2]) or _ANY.search(bare)
    return clean(found[0]) if found else ""


def is_notes_name(found: str) -> bool:
    """Whether what was found in prose is the end of a Notes name: ``Sato/Tokyo/Partner@partner``, a domain of Notes."""
    local, _, domain = found.rpartition("@")
    return "/" in local and "." not in domain


def is_encapsulated(address: str) -> bool:
    """Whether it is a foreign address in the form of an Internet one (IMCEAEX-…), which no sender ever wrote."""
    return _ENCAPSULATED.match(address) is not None


def host(value: str) -> str:
    """The host of ``dns; mx.example.com`` (RFC 3464, 2.1.2), in lower case; empty if there is none."""
    match = _HOST.match(_TYPED.sub("", value[:LONGEST], count=1).lower())
    return match[0].strip(".") if match else ""


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code <= sys.maxunicode and not 0xD800 <= code < 0xE000 else match[0]


def xtext(value: str) -> str:
    """Undo xtext (RFC 3461, 4) for the signs that must be written so."""
    return _XTEXT.sub(lambda match: chr(int(match[1], 16)), value)


def clean(address: str) -> str:
    """Without what prose leaves around an address."""
    local, _, domain = address.rpartition("@")
    local = _PREFIX.sub("", local, count=1) or local
    local = local.lstrip("'`*=|-.") or local
    return f"{local}@{domain.rstrip('.-_')}"[:LONGEST]


def all_of(texts: Iterable[str]) -> Iterator[str]:
    """Every address of some header values, in order."""
    for text in texts:
        for match in ADDRESS.finditer(text):
            yield clean(match[0])


def distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, whatever its case, in order."""
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(address.lower(), address)
    return tuple(found.values())
