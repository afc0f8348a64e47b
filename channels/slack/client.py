"""Slack's own client, as this channel uses it."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from channels.host import is_loopback
from channels.slack.config import SlackSettings

_SCHEMES = {"wss": "https", "ws": "http"}


def open_client(settings: SlackSettings) -> AsyncWebClient:
    """A client with one pool of connections; close ``client.session`` at the end. It never retries by itself: that is
    the outbox's business. Must be called inside a running event loop."""
    seconds = settings.timeout.total_seconds()
    client = AsyncWebClient(
        token=settings.bot_token.get_secret_value(),
        base_url=settings.api_url,
        timeout=round(seconds),
        session=aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)),
        retry_handlers=[],
    )
    client.proxy = proxy_for(settings.api_url)
    return client


def response_to(url: str, client: AsyncWebClient) -> AsyncWebhookClient:
    """The way to answer a press at its response_url, over the connections of ``client``."""
    answer = AsyncWebhookClient(url, timeout=client.timeout, session=client.session, retry_handlers=[])
    answer.proxy = proxy_for(url)
    return answer


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, but not for what
    NO_PROXY lists, which slack-sdk leaves out, nor for this machine)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    if is_loopback(host) or proxy_bypass(host):
        return None
    return proxies.get(_SCHEMES.get(parts.scheme, parts.scheme)) or proxies.get("all")
