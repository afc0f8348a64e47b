"""What a request says of itself."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import Scope

from bot.language import LANGUAGES, Words

_AHEAD = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
_AHEAD_WORDS = (b"prefetch", b"prerender", b"preview")
"""Fetch standard (Sec-Purpose), and what browsers sent before it."""


def client_of(scope: Scope) -> str:
    """The client's address, as the server tells it; "" if unknown. Headers are the server's business: only it knows
    which proxy may be believed."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def accepted_language(accepted: str) -> str | None:
    """The first language of an ``Accept-Language`` (RFC 9110, 12.5.4) that Kidoku speaks. Weights are not compared:
    clients name the best first."""
    named = (part.partition(";")[0].strip().partition("-")[0].lower() for part in accepted[:200].split(","))
    return next((language for language in named if language in LANGUAGES), None)


def words_for(request: Request, otherwise: Words) -> Words:
    """Words of whoever asks, in the zone of ``otherwise``, which are those of who names no language."""
    language = accepted_language(request.headers.get("accept-language", ""))
    return otherwise.of(language, str(otherwise.zone)) if language else otherwise


def is_ahead(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a browser asks before anybody wanted to see it."""
    return any(name in _AHEAD and any(word in value.lower() for word in _AHEAD_WORDS) for name, value in headers)


def is_pressed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a POST can come from the button of our own page (Fetch Metadata Request Headers, W3C): neither ahead,
    nor by a script, nor from another site's form. A browser that does not tell is believed."""
    told = dict(headers)
    site, mode = told.get(b"sec-fetch-site", b"same-origin"), told.get(b"sec-fetch-mode", b"navigate")
    return site == b"same-origin" and mode == b"navigate" and not is_ahead(told.items())
