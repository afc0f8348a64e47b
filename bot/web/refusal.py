"""What the API refuses, in JSON: ``{"error": what is wrong, "fix": what to send instead}``; and how it reads bodies."""

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MOST_BYTES = 2_000_000
DOCS = "see docs/receipts.md"
Body = TypeVar("Body", bound=BaseModel)


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
        wrong = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        raise ApiError(422, "; ".join(wrong)[:1000], DOCS) from error
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "the body is no JSON", example) from error
