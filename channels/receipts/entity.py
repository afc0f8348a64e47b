"""The parts of a mail (RFC 2045, 2046), cut out of its bytes without decoding any: bounded in time and memory.

The standard library builds every part of the returned original too, does not decode a report part in base64, and
loses what follows a broken boundary. A receipt needs a few short parts, so they are only found here, and decoded
when somebody asks. Returned mails (``message/rfc822``) are not descended into: what they hold was not said by the
system that returned them.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from channels.imap.text import decode, decode_words, from_base64, one_line

MOST_BYTES = 32 * 1024 * 1024
MOST_HEAD = 262_144
MOST_BODY = 262_144
"""Bytes that are decoded of one part: what a mail system says of a mail stands at its beginning."""
MOST_PARTS = 200
DEEPEST = 12
MOST_VALUE = 16_384

_FIELD = re.compile(rb"^([!-9;-~]{1,100})[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
_PARAMETER = re.compile(r"""(?:^|[;\s])([\w*-]{1,40})\s*=\s*(?:"([^"]{0,300})"|([^\s;"]{1,300}))""")
_FIRST_LINE = re.compile(rb"^--(\S{1,200})[ \t]*$", re.MULTILINE)


@dataclass(slots=False)
class Entity:
    """One part: the bytes of its head and body, with line feeds for line ends."""

    head: bytes
    body: bytes
    parts: list["Entity"] = field(default_factory=list)

    @cached_property
    def fields(self) -> dict[str, list[bytes]]:
        """Lower-case name → its values as they stand, unfolded later."""
        found: dict[str, list[bytes]] = {}
        for match in _FIELD.finditer(self.head):
            found.setdefault(match[1].decode("ascii").lower(), []).append(match[2])
        return found

    def values(self, name: str) -> list[str]:
        """A header's values, unfolded, with encoded words decoded."""
        return [one_line(decode_words(decode(raw[:MOST_VALUE]))) for raw in self.fields.get(name, ())]

    def value(self, name: str) -> str:
        """The first value of a header, or an empty string."""
        raw = self.fields.get(name)
        return one_line(decode_words(decode(raw[0][:MOST_VALUE]))) if raw else ""

    def word(self, name: str) -> str:
        """The first value of a header up to its first blank or semicolon, in lower case."""
        return re.split(r"[;\s(]", self.value(name).strip(), maxsplit=1)[0].lower()

    @cached_property
    def type(self) -> str:
        """``text/plain`` and its like; text/plain where nothing is said (RFC 2045, 5.2)."""
        return self.word("content-type") or "text/plain"

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, or an empty string."""
        for match in _PARAMETER.finditer(self.value("content-type")):
            if match[1].lower().rstrip("*0") == name:
                return match[2] if match[2] is not None else match[3]
        return ""

    @cached_property
    def content(self) -> bytes:
        """The beginning of the body, with its transfer encoding undone."""
        encoding = self.word("content-transfer-encoding")
        if encoding == "base64":
            return one_line_ends(from_base64(self.body[: MOST_BODY * 2]))[:MOST_BODY]
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body[: MOST_BODY * 3])[:MOST_BODY].replace(b"\r\n", b"\n")
        return self.body[:MOST_BODY]

    @cached_property
    def text(self) -> str:
        """The content as text, whatever charset it claims."""
        return decode(self.content, self.parameter("charset"))

    def walk(self) -> Iterator["Entity"]:
        """Itself and every part below it, in the order of the mail."""
        yield self
        for part in self.parts:
            yield from part.walk()


def parse(raw: bytes) -> Entity:
    """The mail with its parts. Any bytes give one."""
    data = one_line_ends(raw[:MOST_BYTES]).lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    budget = [MOST_PARTS]
    return _entity(data, 0, budget)


def one_line_ends(data: bytes) -> bytes:
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def embedded(data: bytes) -> Entity:
    """The head of a mail that stands within another; its body is left alone."""
    head, _, body = _halves(data.lstrip(b"\n"))
    return Entity(head, body)


def _entity(data: bytes, depth: int, budget: list[int]) -> Entity:
    head, _, body = _halves(data)
    entity = Entity(head, body)
    if depth < DEEPEST and entity.type.startswith("multipart/"):
        boundary = _boundary(entity)
        if boundary:
            entity.parts = [_entity(piece, depth + 1, budget) for piece in _pieces(body, boundary, budget)]
    return entity


def _halves(data: bytes) -> tuple[bytes, bytes, bytes]:
    if data.startswith(b"\n"):
        return b"", b"", data[1:]
    head, gap, body = data.partition(b"\n\n")
    return (head[:MOST_HEAD], gap, body) if len(head) > MOST_HEAD else (head, gap, body)


def _boundary(entity: Entity) -> bytes:
    """The boundary that is declared, if it occurs; else the first line of the body that looks like one."""
    declared = entity.parameter("boundary").strip().encode("utf-8", "surrogateescape")
    if declared and (entity.body.startswith(b"--" + declared) or b"\n--" + declared in entity.body):
        return declared
    match = _FIRST_LINE.search(entity.body[:MOST_HEAD])
    return match[1] if match else b""


def _pieces(body: bytes, boundary: bytes, budget: list[int]) -> Iterator[bytes]:
    """What stands between the boundary lines; the last piece may lack its end."""
    line = b"\n--" + boundary
    start = len(line) - 1 if body.startswith(line[1:]) else _after(body, line, 0)
    while start >= 0 and budget[0] > 0:
        if body.startswith(b"--", start):
            return
        budget[0] -= 1
        begin = body.find(b"\n", start) + 1
        end = body.find(line, max(begin - 1, start))
        yield body[begin or len(body) : end if end >= 0 else len(body)]
        start = end + len(line) if end >= 0 else -1


def _after(body: bytes, line: bytes, start: int) -> int:
    found = body.find(line, start)
    return found + len(line) if found >= 0 else -1
