"""Whether Twilio sent a request: nothing is done that is not signed with the account's auth token."""

from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from twilio.request_validator import RequestValidator

from channels.twilio.config import TwilioSettings

log = structlog.get_logger(__name__)

MOST_BODY = 64 * 1024


class Verifier:
    """Checks signatures by https://www.twilio.com/docs/usage/security#validating-requests: with the
    token of the account that the request says it is about."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._base = settings.public_url or ""
        tokens = {one.account_sid: one.auth_token.get_secret_value() for one in settings.accounts}
        self._validators = {sid: RequestValidator(token) for sid, token in tokens.items()}
        self._first = settings.account_sid

    async def form(self, request: Request) -> FormData | None:
        """The form of a request that Twilio signed; None for any other."""
        body = await _body(request)
        signature = request.headers.get("X-Twilio-Signature", "")
        if body is None or not signature.isascii():
            return None
        query = request.url.query
        url = self._base + request.url.path + (f"?{query}" if query else "")
        form = FormData([*parse_qsl(body, keep_blank_values=True)])
        account = text_of(form, "AccountSid")
        validator = self._validators[account if account in self._validators else self._first]
        if not validator.validate(url, form, signature):
            log.warning("A request without Twilio's signature was refused", path=request.url.path[:40])
            return None
        request.state.form = form
        return form


def form_of(request: Request) -> FormData | None:
    """The form of a request that was found to be signed."""
    form: FormData | None = getattr(request.state, "form", None)
    return form


def text_of(form: FormData, name: str) -> str:
    """A field of the form; "" if it is not there."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def count_of(request: Request, name: str) -> int:
    """A small count in the query, 0 if it is not there."""
    text = request.query_params.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def twiml(document: str) -> Response:
    """What Twilio is to do."""
    return Response(document, media_type="application/xml")


def refused() -> Response:
    """To a request that Twilio did not sign."""
    return Response(status_code=403)


async def _body(request: Request) -> str | None:
    """The body, at most 64 KiB of UTF-8; None if it is anything else."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
