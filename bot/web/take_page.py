"""The page on which an alert is acknowledged by link, for messages without buttons.

A GET, a HEAD, a fetch ahead, a script's or another site's POST changes nothing. A person's link has one button. A
room's link acknowledges nothing: it asks who is there, and sends that person their own link where only they get it. A
link that leads nowhere looks the same whatever is wrong with it.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import monotonic
from bot.language import Words
from bot.tokens import Purpose, Tokens
from bot.web.form import read_form
from bot.web.limiter import Limiter, Rate
from bot.web.page import HEADERS, View, busy_view, guest_words, neutral_view
from bot.web.page import html_of as html_of_view
from bot.web.request import client_of, is_pressed
from bot.web.take_desk import Asked, TakeDesk, Taking
from bot.web.take_sheet import asked_sheet, room_sheet, take_sheet, taken_sheet
from bot.web.view_page import Sheet, html_of

log = structlog.get_logger(__name__)

TAKE_LIFE = timedelta(days=7)
PAGES = Rate(per_second=5, at_once=60)
NOBODY = "0.m0"
"""The key of no notification."""


class TakePage:
    """``routes`` for the server."""

    def __init__(self, tokens: Tokens, desk: TakeDesk, pages: Rate = PAGES) -> None:
        self._tokens = tokens
        self._desk = desk
        self._pages = Limiter(pages, monotonic)

    @property
    def routes(self) -> list[Route]:
        return [Route("/a/{token:path}", self._answer, methods=["GET", "POST"])]

    async def _answer(self, request: Request) -> Response:
        if not self._pages.admits(client_of(request.scope)):
            return _plain(busy_view, request, 429)
        try:
            return await (self._post(request) if request.method == "POST" else self._get(request))
        except Exception:
            log.exception("The page of an alert could not be served")
            return _plain(busy_view, request, 503)

    async def _get(self, request: Request) -> Response:
        _, taking = await self._taking(request)
        return _plain(neutral_view, request, 404) if taking is None else _front(taking)

    async def _post(self, request: Request) -> Response:
        form = await read_form(request)
        if form is None:
            return _plain(neutral_view, request, 413)
        key, taking = await self._taking(request)
        if taking is None:
            return _plain(neutral_view, request, 404)
        if not is_pressed(request.scope["headers"]):
            return _front(taking)
        if taking.person is None:
            return await self._ask(key, taking, form.get("who", ""))
        return await self._take(key, taking)

    async def _taking(self, request: Request) -> tuple[str, Taking | None]:
        key = self._tokens.read(request.path_params["token"], Purpose.TAKE, TAKE_LIFE)
        taking = await self._desk.taking(key or NOBODY)
        return (key, taking) if key else (NOBODY, None)

    async def _take(self, key: str, taking: Taking) -> Response:
        if not taking.can_take:
            return _front(taking)
        said = await self._desk.take(key)
        after = await self._desk.taking(key)
        return _page(taken_sheet(after or taking, said), taking.words)

    async def _ask(self, key: str, taking: Taking, who: str) -> Response:
        if who not in dict(taking.people):
            return _front(taking)
        asked = await self._desk.ask(key, who)
        if asked in (Asked.NO_NEED, Asked.UNKNOWN):
            again = await self._desk.taking(key)
            return _front(again or taking)
        return _page(asked_sheet(taking, asked, dict(taking.people)[who]), taking.words)


def _front(taking: Taking) -> Response:
    sheet = room_sheet(taking) if taking.person is None else take_sheet(taking)
    return _page(sheet, taking.words)


def _page(sheet: Sheet, words: Words) -> Response:
    return HTMLResponse(html_of(sheet, words), 200, HEADERS | {"Content-Language": words.language})


def _plain(view: Callable[[Words], View], request: Request, status: int) -> Response:
    words = guest_words(request.headers.get("accept-language", ""))
    headers = HEADERS | ({"Retry-After": "5"} if status in (429, 503) else {})
    return HTMLResponse(html_of_view(view(words), words), status, headers | {"Content-Language": words.language})
