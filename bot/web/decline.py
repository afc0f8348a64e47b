"""The page on which a recipient declines pictures, and read receipts too: what a mail's footer links to.

A GET shows what is recorded, and two buttons; only a press of one declines. The link holds its address, signed, so
that it works for longer than any mail is kept. A link that leads nowhere looks the same, whatever is wrong with it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.clock import monotonic
from bot.consent import decline, domain_of, of_one_person, tracking_of
from bot.engine import Engine
from bot.language import Words
from bot.store.record import Consent
from bot.tokens import Purpose, Tokens
from bot.web.form import read_form
from bot.web.limiter import Limiter, Rate
from bot.web.page import HEADERS, View, busy_view, guest_words, html_of, neutral_view, shown
from bot.web.request import client_of, is_pressed
from bot.web.view_page import Form, Sheet
from bot.web.view_page import html_of as html_of_sheet

log = structlog.get_logger(__name__)

LIFE = timedelta(days=3650)
PAGES = Rate(per_second=5, at_once=60)
BY_PAGE = "page"
"""Who has declined by the page: whoever holds the link."""


class DeclinePage:
    """``routes`` for the server. ``language`` and ``zone`` are for recipients without their own."""

    def __init__(self, tokens: Tokens, engine: Engine, language: str, zone: str, pages: Rate = PAGES) -> None:
        self._tokens = tokens
        self._engine = engine
        self._language = language
        self._zone = zone
        self._pages = Limiter(pages, monotonic)

    @property
    def routes(self) -> list[Route]:
        return [Route("/d/{token:path}", self._answer, methods=["GET", "POST"])]

    async def _answer(self, request: Request) -> Response:
        if not self._pages.admits(client_of(request.scope)):
            return _plain(request, busy_view, 429)
        try:
            return await (self._post(request) if request.method == "POST" else self._show(request))
        except Exception:
            log.exception("The page to decline could not be served")
            return _plain(request, busy_view, 503)

    async def _show(self, request: Request) -> Response:
        address = self._address(request)
        return _plain(request, neutral_view, 404) if address is None else await self._page(address)

    async def _post(self, request: Request) -> Response:
        form, address = await read_form(request), self._address(request)
        if form is None or address is None:
            return _plain(request, neutral_view, 413 if form is None else 404)
        wish = form.get("do")
        if wish in ("pictures", "all") and is_pressed(request.scope["headers"]):
            subjects = of_one_person(address, self._engine.rules.roster)
            await self._engine.submit(lambda desk: decline(desk, subjects, BY_PAGE, receipts=wish == "all"))
        return await self._page(address)

    def _address(self, request: Request) -> str | None:
        return self._tokens.read(request.path_params["token"], Purpose.DECLINE, LIFE)

    async def _page(self, address: str) -> Response:
        async with self._engine.store.reading() as tx:
            found = await tx.consents([address.lower(), domain_of(address)])
        own, domain = found.get(address.lower()), found.get(domain_of(address))
        words = self._words(address)
        html = html_of_sheet(decline_sheet(address, own, domain, words), words)
        return HTMLResponse(html, headers=HEADERS | {"Content-Language": words.language})

    def _words(self, address: str) -> Words:
        person = self._engine.rules.roster.person_of(address)
        language, zone = (person.language, person.zone) if person else (self._language, self._zone)
        return Words(language, zone, self._engine.clock.now)


def decline_sheet(address: str, own: Consent | None, domain: Consent | None, words: Words) -> Sheet:
    """What is recorded of this address, and a button for each thing that can still be declined."""
    tracking = tracking_of(own, domain)
    has_declined = own is not None and own.declined_at is not None
    return Sheet(
        title=words.gettext("What Kidoku may note about you"),
        lines=_standing(own, words, tracking.may_show_picture, tracking.may_ask_receipt),
        facts=((words.gettext("Address"), shown(address)),),
        forms=_buttons(words, has_declined=has_declined, may_ask=tracking.may_ask_receipt),
        notes=(
            words.gettext("It holds at once: for mail that is on its way, and for pictures in mail that you have."),
            words.gettext("That a mail was delivered, and your answers to it, are still seen by its sender."),
        ),
    )


def _standing(own: Consent | None, words: Words, has_picture: bool, may_ask: bool) -> Sequence[str]:
    if own is not None and own.declined_at is not None:
        pictures = words.gettext("You have declined pictures: %(at)s.") % {"at": words.instant(own.declined_at)}
    elif has_picture:
        pictures = words.gettext(
            "As was agreed, mail to you has a picture that tells when it is opened, and of signs that it was forwarded."
        )
    else:
        pictures = words.gettext("Mail to you has no picture that tells when it is opened.")
    receipts = (
        words.gettext("Your mail program may be asked for a read receipt.")
        if may_ask
        else words.gettext("Your mail program is not asked for read receipts.")
    )
    return pictures, receipts


def _buttons(words: Words, *, has_declined: bool, may_ask: bool) -> tuple[Form, ...]:
    everything = Form(words.gettext("No pictures and no read receipts"), (("do", "all"),))
    pictures = Form(words.gettext("No pictures only"), (("do", "pictures"),), is_second=True)
    if may_ask:
        return (everything,) if has_declined else (everything, pictures)
    return () if has_declined else (pictures,)


def _plain(request: Request, view: Callable[[Words], View], status: int) -> Response:
    words = guest_words(request.headers.get("accept-language", ""))
    headers = HEADERS | ({"Retry-After": "5"} if status in (429, 503) else {})
    return HTMLResponse(html_of(view(words), words), status, headers | {"Content-Language": words.language})
