"""Presses as signed HTTP requests: the option for who can't have Socket Mode.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import structlog
from pydantic import SecretStr
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from channels.base import Now

log = structlog.get_logger(__name__)

PATH = "/slack/events"
MOST_BODY = 500_000


class _Clock(Clock):
    def __init__(self, now: Now) -> None:
        self._now = now

    def now(self) -> float:
        return self._now().timestamp()


class Webhook:
    """Hands on to bolt what Slack has signed within the last five minutes, and refuses the rest with 401."""

    def __init__(self, app: AsyncApp, secret: SecretStr, now: Now) -> None:
        self._handler = AsyncSlackRequestHandler(app)
        self._verifier = SignatureVerifier(secret.get_secret_value(), _Clock(now))

    def routes(self) -> tuple[Route, ...]:
        return (Route(PATH, self.endpoint, methods=["POST"]),)

    async def endpoint(self, request: Request) -> Response:
        body = await self._read(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        if not self._is_signed(request, body):
            log.warning("A request to Slack's endpoint was not signed by Slack and was refused")
            return PlainTextResponse("not signed by Slack", 401)
        answer: Response = await self._handler.handle(request)
        return answer

    async def _read(self, request: Request) -> bytes | None:
        """The body, kept for bolt; None if it is larger than anything that Slack sends."""
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BODY:
                return None
        request._body = bytes(body)
        return request._body

    def _is_signed(self, request: Request, body: bytes) -> bool:
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError):
            # A timestamp that is no number, a body that is no text, a signature that is not ASCII.
            return False
