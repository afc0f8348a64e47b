"""The web receipts: the confirm page and the picture, as plain Starlette routes.

Only a POST of the confirm page's button is a confirmation. A GET, a HEAD, a fetch ahead, a script's or another site's
POST is none. A link that leads nowhere looks the same, and takes as long, whatever is wrong with it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import monotonic
from bot.language import Words
from bot.tokens import Purpose, Tokens
from bot.web.batcher import MOST_WAITING, Batcher, FullError
from bot.web.desk import Desk, ShownLetter, WebReport
from bot.web.limiter import Limiter, Rate
from bot.web.page import (
    HEADERS,
    View,
    busy_view,
    confirm_view,
    guest_words,
    html_of,
    neutral_view,
    thanks_view,
    words_of,
)
from bot.web.pixel import Pixel, Reports
from bot.web.request import client_of, is_pressed
from escalation.receipt import ReceiptKind

log = structlog.get_logger(__name__)

LONGEST_BODY = 1_024
BODY_SECONDS = 5
PAGES = Rate(per_second=5, at_once=60)
PIXELS = Rate(per_second=200, at_once=2_000)
NOBODY = "0.m0"
"""The key of no mail: asked for in the place of a forged token's, so that its answer takes as long."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long links live, and how much is served: requests of one client, and requests that wait for a commit."""

    confirm_life: timedelta = timedelta(days=90)
    pixel_life: timedelta = timedelta(days=30)
    pages: Rate = PAGES
    pixels: Rate = PIXELS
    most_waiting: int = MOST_WAITING


class WebReceipts:
    """``routes`` for the server; ``close`` when it has stopped, to write what still waits."""

    def __init__(self, tokens: Tokens, desk: Desk, now: Callable[[], datetime], terms: Terms | None = None) -> None:
        self._tokens = tokens
        self._desk = desk
        self._now = now
        self._terms = terms or Terms()
        self._pages = Limiter(self._terms.pages, monotonic)
        self._batcher = Batcher[Reports](self._write, most_waiting=self._terms.most_waiting)

    @property
    def routes(self) -> list[Route]:
        limiter = Limiter(self._terms.pixels, monotonic)
        pixel = Pixel(self._tokens, self._batcher, limiter, self._now, self._terms.pixel_life)
        return [
            Route("/p/{token:path}.gif", pixel, methods=["GET"]),
            Route("/c/{token:path}", self._answer, methods=["GET", "POST"]),
        ]

    async def close(self) -> None:
        await self._batcher.close()

    async def _write(self, batch: Sequence[Reports]) -> None:
        """One report of each kind a key: a mail program that asks ten times at once has opened once."""
        first: dict[tuple[str, ReceiptKind, bool], WebReport] = {}
        for report in (one for reports in batch for one in reports):
            first.setdefault((report.key, report.kind, report.is_withdrawn), report)
        await self._desk.report(list(first.values()))

    async def _answer(self, request: Request) -> Response:
        if not self._pages.admits(client_of(request.scope)):
            return _busy(request, 429)
        try:
            return await (self._confirm(request) if request.method == "POST" else self._show(request))
        except FullError:
            return _busy(request, 503)
        except Exception:
            log.exception("The confirm page could not be served")
            return _busy(request, 503)

    async def _show(self, request: Request) -> Response:
        _, letter = await self._letter(request)
        if letter is None:
            return _nowhere(request)
        words = words_of(letter, self._now)
        return _page(confirm_view(letter, words), words)

    async def _confirm(self, request: Request) -> Response:
        if not await _is_small(request):
            return _page(neutral_view(_guest(request)), _guest(request), 413)
        key, letter = await self._letter(request)
        if letter is None:
            await self._batcher.add(None)
            return _nowhere(request)
        words = words_of(letter, self._now)
        if letter.is_confirmed_at is not None or not is_pressed(request.scope["headers"]):
            return _page(confirm_view(letter, words), words)
        at = self._now()
        await self._batcher.add((WebReport(key, ReceiptKind.CONFIRMED, at, detail="the button of the page"),))
        return _page(thanks_view(letter, at, words), words)

    async def _letter(self, request: Request) -> tuple[str, ShownLetter | None]:
        token = request.path_params["token"]
        key = self._tokens.read(token, Purpose.CONFIRM, self._terms.confirm_life)
        letter = await self._desk.letter(key or NOBODY)
        return (key, letter) if key else (NOBODY, None)


async def _is_small(request: Request) -> bool:
    """Read the form, of which nothing is needed: the address says everything."""
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LONGEST_BODY:
                    return False
    except (ClientDisconnect, TimeoutError):
        return False
    return True


def _page(view: View, words: Words, status: int = 200) -> Response:
    headers = HEADERS | ({"Retry-After": "5"} if status in (429, 503) else {})
    return HTMLResponse(html_of(view, words), status, headers | {"Content-Language": words.language})


def _nowhere(request: Request) -> Response:
    words = _guest(request)
    return _page(neutral_view(words), words, 404)


def _busy(request: Request, status: int) -> Response:
    words = _guest(request)
    return _page(busy_view(words), words, status)


def _guest(request: Request) -> Words:
    return guest_words(request.headers.get("accept-language", ""))
