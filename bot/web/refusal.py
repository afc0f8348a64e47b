"""What the API refuses, in JSON: ``{"error": what is wrong, "fix": what to send instead}``; and how it reads bodies."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

MOST_BYTES = 2_000_000
DOCS = "see docs/receipts.md"
Body = TypeVar("Body", bound=BaseModel)


Endpoint = Callable[[Request], Awaitable[Response]]
_ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class ApiError(Exception):
    """A request that is refused: the status, what is wrong, and what to send instead."""

    def __init__(self, status: int, wrong: str, fix: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(wrong)
        self.status = status
        self.wrong = wrong
        self.fix = fix
        self.headers = headers

    def answer(self) -> Response:
        return JSONResponse({"error": self.wrong, "fix": self.fix}, self.status, self.headers)


async def read(request: Request, shape: type[Body], example: str) -> Body:
    """The body. Raises ApiError; never reads more than ``MOST_BYTES``."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise ApiError(413, "the request is too large", f"send at most {MOST_BYTES:,} bytes")
    try:
        return shape.model_validate(json.loads(body))
    except ValidationError as error:
        raise ApiError(422, "; ".join(map(_worded, error.errors()))[:1000], DOCS) from error
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "the body is no JSON", example) from error


def _worded(wrong: ErrorDetails) -> str:
    if not wrong["loc"]:
        return "the body is no JSON object"
    return f"{'.'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}"


def known_only(paths: Mapping[str, str], guarded: Callable[[Endpoint], Endpoint]) -> list[BaseRoute]:
    """What comes after all routes: the refusal of every other path below /api/, and of every other method. ``paths``:
    the method that each path takes."""

    def refused(error: ApiError) -> Endpoint:
        async def refuse(request: Request) -> Response:
            raise error

        return guarded(refuse)

    fix = "send " + ", or ".join(f"{method} {path.replace('{id:int}', '42')}" for path, method in paths.items())
    here = {
        path: ApiError(405, f"this takes {method} alone", fix, {"Allow": method}) for path, method in paths.items()
    } | {"/api/{rest:path}": ApiError(404, "there is nothing at this path", fix)}
    return [Route(path, refused(error), methods=_ALL) for path, error in here.items()]
