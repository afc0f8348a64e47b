"""What the API refuses, in JSON: ``{"error": what is wrong, "fix": what to send instead}``; and how it reads bodies.

Both are for people, in the language of ``Accept-Language`` or of the settings; programs go by the status.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.language import N_, Words
from bot.settings.wording import of_value
from escalation.phrase import Phrase, Series, advice, either

MOST_BYTES = 2_000_000
MOST_WORDS = 1_000
DOCS = Phrase("see %(page)s", page="docs/receipts.md")
MOST_FAULTS = 20
Body = TypeVar("Body", bound=BaseModel)

Endpoint = Callable[[Request], Awaitable[Response]]
_ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class ApiError(Exception):
    """A request that is refused: the status, what is wrong, and what to send instead, both as phrases."""

    def __init__(self, status: int, wrong: str, fix: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(wrong)
        self.status = status
        self.wrong = wrong
        self.fix = fix
        self.headers = headers

    def answer(self, words: Words) -> Response:
        said = {"error": words.said(self.wrong)[:MOST_WORDS], "fix": words.said(self.fix)}
        return JSONResponse(said, self.status, {"Content-Language": words.language, **(self.headers or {})})


def send(example: str) -> Phrase:
    """What to send instead."""
    return Phrase("send %(example)s", example=example)


async def read(request: Request, shape: type[Body], example: str) -> Body:
    """The body, which may look like ``example``. Raises ApiError; never reads more than ``MOST_BYTES``."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            fix = Phrase("send at most %(n)s bytes", n=f"{MOST_BYTES:,}")
            raise ApiError(413, Phrase("the request is too large"), fix)
    try:
        return shape.model_validate(json.loads(body))
    except ValidationError as error:
        raise ApiError(422, Series(map(_worded, error.errors()[:MOST_FAULTS]), N_("; ")), DOCS) from error
    except (ValueError, RecursionError) as error:
        raise ApiError(400, Phrase("the body is no JSON"), send(example)) from error


def of_field(name: str, why: str) -> Phrase:
    """What is wrong with a field of the request."""
    return Phrase("%(name)s: %(why)s", name=name, why=why)


def _worded(wrong: ErrorDetails) -> Phrase:
    if not wrong["loc"]:
        return Phrase("the body is no JSON object")
    return of_field(".".join(str(part) for part in wrong["loc"]), _why(wrong))


def _why(wrong: ErrorDetails) -> str:
    if wrong["type"] == "missing":
        return Phrase("it is missing")
    if wrong["type"] == "extra_forbidden":
        return Phrase("there is no such field")
    if wrong["type"].startswith(("datetime_", "timezone_")):
        return Phrase("it is no time with an offset, like %(example)s", example="2026-05-03T02:00+09:00")
    found = of_value(wrong)
    return advice(found.message, found.fix) if found.fix else found.message


def known_only(paths: Mapping[str, str], guarded: Callable[[Endpoint], Endpoint]) -> list[BaseRoute]:
    """What comes after all routes: the refusal of every other path below /api/, and of every other method. ``paths``:
    the method that each path takes."""

    def refused(error: ApiError) -> Endpoint:
        async def refuse(request: Request) -> Response:
            raise error

        return guarded(refuse)

    fix = send(either(f"{method} {path.replace('{id:int}', '42')}" for path, method in paths.items()))
    here = {
        path: ApiError(405, Phrase("this takes %(method)s alone", method=method), fix, {"Allow": method})
        for path, method in paths.items()
    } | {"/api/{rest:path}": ApiError(404, Phrase("there is nothing at this path"), fix)}
    return [Route(path, refused(error), methods=_ALL) for path, error in here.items()]
