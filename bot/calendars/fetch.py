"""Fetches a calendar: from an address, within bounds, or from a file. The address may be a secret: nothing says it."""

import asyncio
import os
import stat
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import aiohttp
from pydantic import SecretStr

from bot.calendars.address import is_safe
from bot.calendars.fault import MOST_BYTES, TOO_MUCH, FeedError
from channels.host import is_loopback
from channels.system_fault import why_of
from escalation.phrase import Phrase

MOST_REDIRECTS = 5
TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_ETAG = 200
_HEADERS = {"User-Agent": "Kidoku", "Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "identity"}
"""Google answers some requests without a User-Agent with a web page. Compressed answers are asked not to come: a small
one may be a very large calendar."""


class UnreachedError(FeedError):
    """It may work the next time."""


class Fetched(NamedTuple):
    """``data`` is None if it is what it was (304, by the ETag)."""

    data: bytes | None
    etag: str = ""


async def fetch(url: SecretStr, etag: str = "") -> Fetched:
    """The calendar at an address, unless it is still the one with this ETag. Raises FeedError."""
    try:
        async with aiohttp.ClientSession(
            timeout=TIMEOUT, headers=_HEADERS, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            return await _follow(session, url.get_secret_value(), etag)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # "from None": what these say may hold the address.
        raise UnreachedError(_why(error)) from None


async def _follow(session: aiohttp.ClientSession, url: str, etag: str) -> Fetched:
    is_ours = is_loopback(urlsplit(url).hostname or "")
    asked = {"If-None-Match": etag} if etag else {}
    for _ in range(MOST_REDIRECTS + 1):
        async with session.get(url, headers=asked, allow_redirects=False) as response:
            if response.status not in _REDIRECTS:
                return await _answer(response, etag)
            url = urljoin(url, response.headers.get("Location", ""))
        if not is_safe(url) or (is_loopback(urlsplit(url).hostname or "") and not is_ours):
            raise FeedError(Phrase("it leads elsewhere, where Kidoku does not follow"))
    raise FeedError(Phrase("it leads from one address to the next without end"))


async def _answer(response: aiohttp.ClientResponse, etag: str) -> Fetched:
    if response.status == 304 and etag:
        return Fetched(None, etag)
    if response.status != 200:
        raise UnreachedError(Phrase("the server answers %(status)s", status=str(response.status)))
    data = bytearray()
    async for piece in response.content.iter_chunked(65_536):
        data += piece
        if len(data) > MOST_BYTES:
            raise FeedError(TOO_MUCH)
    given = response.headers.get("ETag", "")
    return Fetched(bytes(data), given if len(given) <= _LONGEST_ETAG else "")


def _why(error: Exception) -> Phrase:
    if isinstance(error, TimeoutError):
        return Phrase("no answer in time")
    if isinstance(error, aiohttp.ClientSSLError):
        return Phrase("its certificate is not valid")
    if isinstance(error, aiohttp.ClientConnectorError) and error.errno:
        return Phrase("it can't be reached: %(why)s", why=why_of(error.os_error))
    return Phrase("it can't be reached: %(why)s", why=type(error).__name__)


async def read_file(path: Path) -> bytes:
    """The calendar in a file. Raises FeedError."""
    return await asyncio.to_thread(file_bytes, path)


def file_bytes(path: Path) -> bytes:
    """The same, while the caller waits. A pipe, at which one could wait for ever, is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FeedError(Phrase("it is no file"))
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreachedError(Phrase("it can't be read: %(why)s", why=why_of(error))) from error
    if len(data) > MOST_BYTES:
        raise FeedError(TOO_MUCH)
    return data
