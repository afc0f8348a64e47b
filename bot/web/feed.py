"""``GET /f/{token}.ics``: a person's or a schedule's calendar. What leads nowhere looks the same, whatever is wrong."""

import asyncio
from datetime import date
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.calendars.link import Subject, subject_of
from bot.clock import monotonic
from bot.engine import Engine
from bot.language import N_, Words
from bot.tokens import Tokens
from bot.web.limiter import Limiter, Rate
from bot.web.request import client_of, words_for
from escalation.roster import Roster

RATE = Rate(per_second=2, at_once=30)
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Feeds:
    """``words`` are those of a schedule's feed; a person's is in their own."""

    def __init__(self, engine: Engine, tokens: Tokens, words: Words, rate: Rate = RATE) -> None:
        self._engine = engine
        self._tokens = tokens
        self._words = words
        self._limiter = Limiter(rate, monotonic)
        self._made: dict[Subject, tuple[Roster, date, bytes]] = {}

    @property
    def routes(self) -> list[Route]:
        return [Route("/f/{token:path}.ics", self._answer, methods=["GET"])]

    async def _answer(self, request: Request) -> Response:
        if not self._limiter.admits(client_of(request.scope)):
            return self._refused(request, 429, N_("Too many requests. Please try again in a minute."))
        async with self._engine.store.reading() as tx:
            subject = await subject_of(tx, request.path_params["token"], self._tokens)
        roster = self._engine.rules.roster
        if subject is None or not subject.is_known(roster):
            return self._refused(request, 404, N_("There is no calendar here."))
        data = await self._feed(subject, roster)
        headers = _HEADERS | {"ETag": f'"{sha256(data).hexdigest()[:32]}"'}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="kidoku.ics"'
        return Response(data, 200, headers, "text/calendar; charset=utf-8")

    def _refused(self, request: Request, status: int, text: str) -> Response:
        words = words_for(request, self._words)
        headers = _HEADERS | {"Content-Language": words.language} | ({"Retry-After": "60"} if status == 429 else {})
        return PlainTextResponse(f"{words.gettext(text)}\n", status, headers)

    async def _feed(self, subject: Subject, roster: Roster) -> bytes:
        """Made once for as long as nothing changes: a year of shifts takes a while."""
        # Here, not above: a bot whose feeds nobody reads need not hold the library in memory.
        from bot.calendars.publish import feed_of

        now = self._engine.clock.now()
        made = self._made.get(subject)
        if made is not None and made[0] is roster and made[1] == now.date():
            return made[2]
        person = roster.people.get(subject.id) if subject.kind == "p" else None
        words = Words(person.language, person.zone) if person else self._words
        data = await asyncio.to_thread(feed_of, subject, roster, words, now)
        self._made[subject] = (roster, now.date(), data)
        return data
