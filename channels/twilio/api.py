"""Twilio's own client, pointed at ``api_url`` (a proxy, a gateway, a test); its Retry-After is kept."""

from typing import Any

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.twilio.config import TwilioSettings

OFFICIAL = "https://api.twilio.com"


class HttpClient(AsyncTwilioHttpClient):  # type: ignore[misc]
    """Sends each request to ``api_url``; never retries by itself: that is the outbox's business."""

    def __init__(self, api_url: str, seconds: float) -> None:
        super().__init__(timeout=seconds)
        self._api_url = api_url.rstrip("/")
        self._seconds = seconds
        self.retry_after: str | None = None

    async def request(self, method: str, url: str, **kwargs: Any) -> Response:
        kwargs["timeout"] = kwargs.get("timeout") or self._seconds
        response = await super().request(method, url.replace(OFFICIAL, self._api_url, 1), **kwargs)
        self.retry_after = (response.headers or {}).get("Retry-After")
        return response


def open_client(settings: TwilioSettings) -> Client:
    """A client of this account."""
    http = HttpClient(settings.api_url, settings.timeout.total_seconds())
    return Client(settings.account_sid, settings.auth_token.get_secret_value(), http_client=http)
