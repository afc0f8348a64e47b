"""What a call is answered where the store can't be reached: Twilio's own words for a fault are English, and say nothing
of whether the alert was taken."""

from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.inbox import Inbox
from channels.twilio import render
from channels.twilio.signed import form_of, text_of, twiml

log = structlog.get_logger(__name__)


def apologetic(route: Route, inbox: Inbox, voices: Mapping[str, str]) -> Route:
    """The route, whose call ends politely, in the language of whoever is called or calls, where it fails."""
    answer: Callable[[Request], Awaitable[Response]] = route.endpoint

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except Exception as error:
            form = form_of(request)
            if form is None:
                raise
            log.warning("A call ends, as it could not be answered", path=route.path, error=type(error).__name__)
            # One of the two is ours, and nobody's.
            said = inbox.apology((text_of(form, "To"), text_of(form, "From")))
            return twiml(render.tell((said.text,), said.language, voices))

    return Route(route.path, answered, methods=["POST"])
