"""What somebody typed or pressed: the fields of an ordinary form, in bounded memory and time."""

import asyncio
import unicodedata
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

LONGEST_BODY = 2_048
BODY_SECONDS = 5
MOST_FIELDS = 10

Form = Mapping[str, str]


async def read_form(request: Request) -> Form | None:
    """The fields of an ordinary form; None if it is too long, or does not come."""
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_BODY:
                    return None
    except (ClientDisconnect, TimeoutError):
        return None
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def digits_of(typed: str) -> str:
    """ "１２３ 456" is "123456"."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed) if char.isdecimal() and char.isascii())
