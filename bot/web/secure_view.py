"""The secure view: a confidential mail's content, for whoever typed the code that only its recipient got.

A GET shows who sent it, and one button; it never sends a code, and never shows the content. A link that leads nowhere
looks the same, and takes as long, whatever is wrong with it. There are no cookies: what comes after the code carries a
signed session in the form, good for ``SESSION_LIFE``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import monotonic
from bot.language import Words
from bot.store.record import Enclosure
from bot.tokens import Purpose, Tokens
from bot.web.batcher import Batcher, FullError
from bot.web.cover import Content, Cover, Refusal
from bot.web.form import Form, digits_of, read_form
from bot.web.limiter import Limiter, Rate
from bot.web.page import View, busy_view, guest_words, neutral_view
from bot.web.page import html_of as html_of_view
from bot.web.request import client_of, is_pressed
from bot.web.view_desk import ViewDesk
from bot.web.view_page import (
    SECURE_HEADERS,
    Sheet,
    code_sheet,
    confirmed_sheet,
    content_sheet,
    cover_sheet,
    ended,
    expired_sheet,
    html_of,
    refused,
)
from bot.web.viewer import viewer_of

log = structlog.get_logger(__name__)

VIEW_LIFE = timedelta(days=90)
SESSION_LIFE = timedelta(minutes=15)
PAGES = Rate(per_second=5, at_once=60)
NOBODY = "0.m0"
"""The key of no mail: asked for in the place of a forged token's, so that its answer takes as long."""
_SAFE = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv")
"""Types that a browser may be told; any other is bytes to be saved."""

Work = Callable[[], Awaitable[None]]


class SecureView:
    """``routes`` for the server; ``close`` when it has stopped."""

    def __init__(self, tokens: Tokens, desk: ViewDesk, now: Callable[[], datetime], pages: Rate = PAGES) -> None:
        self._tokens = tokens
        self._desk = desk
        self._now = now
        self._pages = Limiter(pages, monotonic)
        self._batcher = Batcher[Work](_all)

    @property
    def routes(self) -> list[Route]:
        return [Route("/v/{token:path}", self._answer, methods=["GET", "POST"])]

    async def close(self) -> None:
        await self._batcher.close()

    async def _answer(self, request: Request) -> Response:
        if not self._pages.admits(client_of(request.scope)):
            return _busy(request, 429)
        try:
            return await (self._post(request) if request.method == "POST" else self._get(request))
        except FullError:
            return _busy(request, 503)
        except Exception:
            log.exception("The secure view could not be served")
            return _busy(request, 503)

    async def _get(self, request: Request) -> Response:
        _, cover = await self._cover(request)
        return _nowhere(request) if cover is None else _front(cover, self._now)

    async def _post(self, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return _plain(neutral_view(_guest(request)), _guest(request), 413)
        key, cover = await self._cover(request)
        if cover is None:
            await self._batcher.add(None)
            return _nowhere(request)
        if not is_pressed(request.scope["headers"]):
            return _front(cover, self._now)
        return await self._in_turn(lambda: self._act(request, key, cover, form))

    async def _in_turn(self, act: Callable[[], Awaitable[Response]]) -> Response:
        """Among the others: what leads nowhere is answered no sooner."""
        answers: list[Response | Exception] = []

        async def work() -> None:
            try:
                answers.append(await act())
            except Exception as error:
                answers.append(error)

        await self._batcher.add(work)
        answer = answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _cover(self, request: Request) -> tuple[str, Cover | None]:
        key = self._tokens.read(request.path_params["token"], Purpose.VIEW, VIEW_LIFE)
        cover = await self._desk.cover(key or NOBODY)
        return (key, cover) if key else (NOBODY, None)

    # What a button asks for -------------------------------------------------------------------------------------------

    async def _act(self, request: Request, key: str, cover: Cover, form: Form) -> Response:
        if cover.is_expired:
            return _front(cover, self._now)
        match form.get("do"):
            case "send":
                return await self._send(request, key, cover, form)
            case "open":
                return await self._open(request, key, cover, form)
        if self._tokens.read(form.get("session", ""), Purpose.SESSION, SESSION_LIFE) != key:
            words = _words(cover, self._now)
            return _page(cover_sheet(cover, words, ended(words)), words)
        if form.get("do") == "file":
            return await self._file(request, key, cover, form)
        return await self._confirm(request, key, cover)

    async def _send(self, request: Request, key: str, cover: Cover, form: Form) -> Response:
        words, way = _words(cover, self._now), form.get("way", "")
        refusal = await self._desk.send_code(key, way, viewer_of(request))
        if refusal is Refusal.TOO_MANY:
            return _page(cover_sheet(cover, words, refused(refusal, 0, words)), words)
        if refusal is not None:
            return await self._again(request)
        used = way if way in cover.ways else next(iter(cover.ways), "")
        return _page(code_sheet(cover, words, way=used), words)

    async def _open(self, request: Request, key: str, cover: Cover, form: Form) -> Response:
        words = _words(cover, self._now)
        found = await self._desk.open(key, digits_of(form.get("code", "")), viewer_of(request))
        if isinstance(found, Content):
            return _page(content_sheet(cover, found, self._tokens.session_token(key), words), words)
        refusal, left = found
        if refusal in (Refusal.NOWHERE, Refusal.EXPIRED):
            return await self._again(request)
        return _page(code_sheet(cover, words, refused(refusal, left, words)), words)

    async def _file(self, request: Request, key: str, cover: Cover, form: Form) -> Response:
        number = form.get("file", "")
        found = await self._desk.file(key, int(number) if number.isdecimal() else -1, viewer_of(request))
        if isinstance(found, Enclosure):
            return _download(found)
        if found in (Refusal.VIRUS, Refusal.UNSCANNED):
            words = _words(cover, self._now)
            return _page(cover_sheet(cover, words, refused(found, 0, words)), words)
        return await self._again(request)

    async def _confirm(self, request: Request, key: str, cover: Cover) -> Response:
        if not await self._desk.confirm(key):
            return await self._again(request)
        words = _words(cover, self._now)
        return _page(confirmed_sheet(cover, cover.is_confirmed_at or self._now(), words), words)

    async def _again(self, request: Request) -> Response:
        """It was recalled or has expired between two steps."""
        return await self._get(request)


async def _all(works: Sequence[Work]) -> None:
    await asyncio.gather(*(work() for work in works))


def _download(file: Enclosure) -> Response:
    """RFC 6266; never shown in the page's origin."""
    kind = file.type if file.type in _SAFE else "application/octet-stream"
    name = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    sandbox = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": name}
    return Response(file.data, media_type=kind, headers=SECURE_HEADERS | sandbox)


def _front(cover: Cover, now: Callable[[], datetime]) -> Response:
    words = _words(cover, now)
    return _page(expired_sheet(cover, words) if cover.is_expired else cover_sheet(cover, words), words)


def _page(sheet: Sheet, words: Words) -> Response:
    return HTMLResponse(html_of(sheet, words), headers=SECURE_HEADERS | {"Content-Language": words.language})


def _plain(view: View, words: Words, status: int) -> Response:
    headers = SECURE_HEADERS | ({"Retry-After": "5"} if status in (429, 503) else {})
    return HTMLResponse(html_of_view(view, words), status, headers | {"Content-Language": words.language})


def _nowhere(request: Request) -> Response:
    return _plain(neutral_view(_guest(request)), _guest(request), 404)


def _busy(request: Request, status: int) -> Response:
    return _plain(busy_view(_guest(request)), _guest(request), status)


def _words(cover: Cover, now: Callable[[], datetime]) -> Words:
    return Words(cover.language, cover.zone, now)


def _guest(request: Request) -> Words:
    return guest_words(request.headers.get("accept-language", ""))
