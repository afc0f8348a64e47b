"""One HTTP request of a translation service, bounded in time and size. Redirects are not followed: the key and the
mail's words go nowhere but to the configured server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from channels.base import Now
from channels.retry_after import retry_after
from channels.translation.service import Unavailable

MOST_TIME = timedelta(seconds=10)
"""Of a whole request. A LibreTranslate that loads a model for the first time takes that long; nobody waits for it."""
MOST_BYTES = 256 * 1024
MOST_RETRY_AFTER = timedelta(days=1)
_HEADERS = {"User-Agent": "Kidoku", "Accept": "application/json", "Accept-Encoding": "identity"}
"""Compressed answers are asked not to come: a small one may be a very large one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the JSON object that came with it: empty if there was none."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    retry_after: timedelta | None = None


class Client:
    """Posts JSON; the connection is kept for the next request."""

    def __init__(self, headers: Mapping[str, str], now: Now) -> None:
        self._headers = {**_HEADERS, **headers}
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: Mapping[str, Any]) -> Answer | Unavailable:
        """Does not raise for a fault of the network's."""
        try:
            async with self._open().post(url, json=body, allow_redirects=False) as response:
                after = retry_after(response.headers.get("Retry-After"), MOST_RETRY_AFTER, self._now())
                return Answer(response.status, await _object(response), after)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # The name alone: what these say may hold the address, or a piece of the answer.
            return Unavailable("no answer in time" if isinstance(error, TimeoutError) else type(error).__name__)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=MOST_TIME.total_seconds(), sock_connect=5),
                headers=self._headers,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _object(response: aiohttp.ClientResponse) -> Mapping[str, Any]:
    """Raises ValueError for an answer that is too long; what is no JSON object is an empty one."""
    data = bytearray()
    async for piece in response.content.iter_chunked(65_536):
        data += piece
        if len(data) > MOST_BYTES:
            raise ValueError
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
