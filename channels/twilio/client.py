"""Twilio's own client, over an HTTP client that keeps to ``api_url``, tells apart what failed, and logs nothing."""

import json
import logging
from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.retry_after import retry_after
from channels.twilio.config import TwilioSettings
from channels.twilio.fault import RefusedError, UnreachedError
from escalation.phrase import N_

MOST_RETRY_AFTER = timedelta(minutes=5)

_silent = logging.getLogger("twilio.silent")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


class ApiClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Sends each request to ``api_url`` instead of https://api.twilio.com.

    Raises RefusedError for every answer that is no success, and UnreachedError if there was none. The parent's own
    ``request`` keeps the last request with its credentials and writes numbers into the log; this one does neither.
    """

    def __init__(self, api_url: str, timeout: timedelta) -> None:
        super().__init__(pool_connections=False, logger=_silent)
        self._api_url = api_url.rstrip("/")
        self._open: aiohttp.ClientSession | None = None
        seconds = timeout.total_seconds()
        self._patience = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds / 2)

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        session = self._session()
        named = {**(headers or {}), **(_credentials(*auth) if auth else {})}
        body = urlencode(data, doseq=True) if data else None
        query = {name: str(value) for name, value in (params or {}).items()}
        try:
            async with session.request(
                method, self._address(url), params=query, data=body, headers=named, allow_redirects=False
            ) as answer:
                text = await answer.text(errors="replace")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UnreachedError(N_("can't connect to Twilio"), maybe_sent=False) from error
        except TimeoutError as error:
            raise UnreachedError(N_("Twilio did not answer in time"), maybe_sent=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachedError(N_("the connection to Twilio broke off"), maybe_sent=True) from error
        if not 200 <= answer.status < 300:
            after = retry_after(answer.headers.get("Retry-After"), MOST_RETRY_AFTER)
            raise RefusedError(answer.status, _code(text), after)
        return Response(answer.status, _json(text), answer.headers)

    def _session(self) -> aiohttp.ClientSession:
        """Opened by the first request: a session wants a running loop."""
        if self._open is None:
            self._open = aiohttp.ClientSession(timeout=self._patience)
        return self._open

    def _address(self, url: str) -> str:
        parts = urlsplit(url)
        return self._api_url + parts.path + (f"?{parts.query}" if parts.query else "")

    async def close(self) -> None:
        if self._open is not None:
            await self._open.close()
            self._open = None


def open_client(settings: TwilioSettings) -> Client:
    """Twilio's client for the account; ``client.http_client.close()`` closes it."""
    http = ApiClient(settings.api_url, settings.timeout)
    return Client(settings.account_sid, settings.auth_token.get_secret_value(), http_client=http)


def _credentials(user: str, password: str) -> dict[str, str]:
    """RFC 7617."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def _json(text: str) -> str:
    """``text`` if it is a JSON object. Something between us and Twilio may answer 200 with a page of its own."""
    if not isinstance(_parsed(text), dict):
        raise UnreachedError(N_("something else than Twilio answered; look at api_url"), maybe_sent=True)
    return text


def _code(text: str) -> int | None:
    """Twilio's error code: {"code": 21211, "message": …, "more_info": …, "status": 400}."""
    answer = _parsed(text)
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
