"""Reads a mail's text from the wire (RFC 5321, 4.5.2), and puts its line ends right."""

import asyncio
import re

_END = b".\r\n"
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


async def read_text(reader: asyncio.StreamReader, most: int) -> bytes | None:
    """Everything up to the lone dot, without its dot-stuffing; None if that is more than ``most`` bytes. A long line
    comes in pieces; only CRLF ends one, so that no second mail can hide behind another line end (2.3.8)."""
    pieces: list[bytes] = []
    size = 0
    is_start = True
    while True:
        try:
            piece = await reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError as error:
            piece = await reader.readexactly(error.consumed)
        if is_start and piece == _END:
            return b"".join(pieces) if size <= most else None
        is_stuffed = is_start and piece.startswith(b".")
        is_start = piece.endswith(b"\r\n")
        piece = piece[is_stuffed:]
        size += len(piece)
        if size <= most:
            pieces.append(piece)
        else:
            pieces.clear()


def with_line_ends(text: bytes) -> bytes:
    """With CRLF for each bare CR and LF, as no mail may hold (RFC 5321, 2.3.8): the next server would take them in its
    own way, and some for the end of the mail."""
    if text.count(b"\r\n") == text.count(b"\r") == text.count(b"\n"):
        return text
    return _BARE.sub(b"\r\n", text)
