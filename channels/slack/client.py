"""Slack's own client, as this channel uses it."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from channels.slack.config import SlackSettings


def open_client(settings: SlackSettings) -> AsyncWebClient:
    """A client with one pool of connections; close ``client.session`` at the end. It never retries by itself: that is
    the outbox's business. Must be called inside a running event loop."""
    seconds = settings.timeout.total_seconds()
    return AsyncWebClient(
        token=settings.bot_token.get_secret_value(),
        base_url=settings.api_url,
        timeout=round(seconds),
        session=aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)),
        retry_handlers=[],
    )
