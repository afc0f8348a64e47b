"""``GET /p/{token}.gif``: the picture that tells of an opening. The same picture for every token."""

from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from starlette.types import Receive, Scope, Send

from bot.tokens import Purpose, Tokens
from bot.web.batcher import Batcher, FullError
from bot.web.desk import WebReport
from bot.web.limiter import Limiter
from bot.web.openings import Fetch
from bot.web.recent import Recent
from bot.web.request import client_of, is_ahead

log = structlog.get_logger(__name__)

GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""

_HEADERS = [
    (b"content-type", b"image/gif"),
    (b"content-length", str(len(GIF)).encode()),
    (b"cache-control", b"no-store"),
    (b"x-robots-tag", b"noindex"),
    (b"x-content-type-options", b"nosniff"),
]
_LATER = [*_HEADERS, (b"retry-after", b"5")]

Reports = tuple[WebReport, ...]


class Pixel:
    """An ASGI application, for a Starlette route with a ``token``. Answers when the opening is committed."""

    def __init__(
        self,
        tokens: Tokens,
        batcher: Batcher[Reports],
        limiter: Limiter,
        now: Callable[[], datetime],
        life: timedelta,
    ) -> None:
        self._tokens = tokens
        self._batcher = batcher
        self._limiter = limiter
        self._now = now
        self._life = life
        self._recent = Recent()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = await self._status(scope)
        await send({"type": "http.response.start", "status": status, "headers": _HEADERS if status == 200 else _LATER})
        await send({"type": "http.response.body", "body": GIF})

    async def _status(self, scope: Scope) -> int:
        if not self._limiter.admits(client_of(scope)):
            return 429
        try:
            await self._batcher.add(self._reports(scope))
        except FullError:
            return 503
        except Exception:
            log.exception("An opening could not be recorded")
            return 503
        return 200

    def _reports(self, scope: Scope) -> Reports | None:
        found = self._tokens.read_dated(scope["path_params"]["token"], Purpose.PIXEL, self._life)
        if found is None or scope["method"] != "GET":
            return None
        key, sent_at = found
        headers = scope["headers"]
        agent = next((value for name, value in headers if name == b"user-agent"), b"").decode("latin-1")
        fetch = Fetch(key, self._now(), client_of(scope), agent[:500], is_ahead(headers))
        return self._recent.reports(fetch, sent_at)
