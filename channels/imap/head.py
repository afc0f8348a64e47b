"""The head of a mail, as long as it may be → what of it is looked at: bounded, whatever stands before the subject."""

import re
from collections.abc import Iterator
from itertools import islice

MOST_HEAD = 4_194_304
"""Bytes read of a mail's headers at most."""
MOST_HEADER_BYTES = 262_144
"""Bytes of headers looked at, beside those that are ``NEEDED``. Real headers stay far below."""
MOST_LINES = 2_000
"""Header fields looked at, beside those that are ``NEEDED``."""
MOST_FIELD = 32_000
"""Bytes of one field, of heads that are longer than this all."""
NEEDED = (
    *("subject", "from", "sender", "return-path", "to", "cc", "date", "message-id", "in-reply-to", "references"),
    *("list-id", "auto-submitted", "precedence", "importance", "priority", "x-priority", "x-msmail-priority"),
    *("content-type", "x-failed-recipients"),
)
"""What routing asks for, whatever the rules: found wherever in the head it stands, the first of each."""

_NAMED = re.compile(rb"(?:\A|(?<=[\r\n]))([!-9;-~]{1,100})[ \t]*:")
_NEEDED = re.compile(rb"(?:\A|(?<=[\r\n]))(" + "|".join(NEEDED).encode() + rb")[ \t]*:", re.IGNORECASE)
_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?![ \t])")


def is_long(head: bytes) -> bool:
    """Whether only a part of it is looked at."""
    return len(head) > MOST_HEADER_BYTES or head.count(b"\n") > MOST_LINES


def looked_at(head: bytes) -> bytes:
    """The head itself, unless it is long; then its needed fields, and as many of the others as there is room for."""
    if not is_long(head):
        return head
    head = head[:MOST_HEAD]
    needed: dict[bytes, bytes] = {}
    for name, field in islice(_fields(head, _NEEDED), MOST_LINES):
        needed.setdefault(name, field)
    others = list(_bounded(head))
    return b"\r\n".join([*needed.values(), *others, b""])


def _bounded(head: bytes) -> Iterator[bytes]:
    room = MOST_HEADER_BYTES
    # The needed ones stand before these, and must fit into what is looked at, too.
    for number, (name, field) in enumerate(_fields(head, _NAMED)):
        room -= len(field)
        if room < 0 or number >= MOST_LINES - len(NEEDED):
            return
        if name.decode("ascii") not in NEEDED:
            yield field


def _fields(head: bytes, named: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(lower-case name, the whole field, cut), of those fields that the pattern names."""
    match = named.search(head)
    while match is not None:
        end = _END.search(head, match.end())
        stop = end.start() if end else len(head)
        yield match.group(1).lower(), head[match.start() : min(stop, match.start() + MOST_FIELD)]
        match = named.search(head, stop)
