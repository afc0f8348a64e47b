"""Every answer of Slack's Web API → what it means for the notification. One table.

https://docs.slack.dev/reference/methods/chat.postMessage, chat.update, conversations.history, users.lookupByEmail, and
https://docs.slack.dev/apis/web-api/rate-limits
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from channels.base import Rejected, RetryLater
from channels.slack.config import SlackSettings

_LATER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_TROUBLE = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited"}
)
"""Slack's own trouble: it may or may not have posted."""
_NEVER: Mapping[str, str] = MappingProxyType(
    {
        "account_inactive": "the bot was removed from the workspace; install the app again",
        "invalid_auth": "Slack refused the bot token; check KIDOKU_SLACK__BOT_TOKEN",
        "not_authed": "Slack got no bot token; set KIDOKU_SLACK__BOT_TOKEN",
        "token_expired": "the bot token has expired",
        "token_revoked": "the bot token was revoked; install the app again",
        "missing_scope": "the app lacks a permission; create it anew from config/slack-manifest.yaml",
        "no_permission": "the app lacks a permission; create it anew from config/slack-manifest.yaml",
        "not_allowed_token_type": "KIDOKU_SLACK__BOT_TOKEN must be a bot token (xoxb-…)",
        "ekm_access_denied": "the workspace's administrators have suspended posting",
        "org_login_required": "the workspace is being moved to another organisation",
        "two_factor_setup_required": "the workspace demands two-factor authentication of the app's owner",
        "access_denied": "Slack denies access to this resource",
        "channel_not_found": "there is no such channel, or the bot can't see it; invite it with /invite",
        "not_in_channel": "the bot is not in the channel; invite it with /invite",
        "is_archived": "the channel is archived",
        "restricted_action": "a workspace setting forbids posting here",
        "restricted_action_read_only_channel": "the channel is read-only",
        "restricted_action_thread_locked": "the thread is locked",
        "restricted_action_thread_only_channel": "the channel takes thread replies only",
        "restricted_action_non_threadable_channel": "the channel takes no threads",
        "cannot_dm_bot": "the address is a bot's",
        "users_not_found": "no member of the workspace has this mail address",
        "user_not_found": "there is no such member",
        "user_disabled": "the member was deactivated",
        "user_not_visible": "the bot can't see this member",
        "messages_tab_disabled": "the app's Messages tab is off; switch it on under App Home",
        "message_not_found": "the message is gone",
        "cant_update_message": "the message is not the bot's own",
        "edit_window_closed": "the workspace forbids editing messages of this age",
        "msg_too_long": "the message is too long for Slack",
        "msg_blocks_too_long": "the message is too long for Slack",
        "no_text": "the message is empty",
        "invalid_blocks": "Slack refused the message's layout",
        "invalid_blocks_format": "Slack refused the message's layout",
        "invalid_arguments": "Slack refused the message's arguments",
        "metadata_too_large": "the message's metadata are too large",
        "as_user_not_supported": "Slack refused the message's arguments",
        "team_access_not_granted": "the app has no access to this workspace",
        "unknown_method": "api_url is not Slack's",
    }
)


def open_client(settings: SlackSettings) -> AsyncWebClient:
    """Slack's own client. It never retries by itself: that is the outbox's business."""
    return AsyncWebClient(
        token=settings.bot_token.get_secret_value(),
        base_url=settings.api_url,
        timeout=round(settings.timeout.total_seconds()),
        retry_handlers=[],
    )


def classify(error: Exception) -> RetryLater | Rejected:
    """What a failed call means. Never repeats what was sent."""
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return RetryLater("Slack can't be reached", is_channel_wide=True)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError | SlackClientError):
        return RetryLater("no answer from Slack", is_channel_wide=True, maybe_sent=True)
    return RetryLater(f"an answer that can't be understood ({type(error).__name__})", maybe_sent=True)


def _of_answer(error: SlackApiError) -> RetryLater | Rejected:
    response = error.response
    status = getattr(response, "status_code", 0) or 0
    code = response.get("error") if status < 500 and hasattr(response, "get") else None
    if status == 429 or code in _LATER:
        return RetryLater("Slack's rate limit", _retry_after(response), is_channel_wide=True)
    if status >= 500 or code in _TROUBLE:
        return RetryLater(f"Slack has trouble ({code or status})", is_channel_wide=True, maybe_sent=True)
    if code is not None and code in _NEVER:
        return Rejected(f"{_NEVER[code]} (Slack: {code})")
    return Rejected(f"Slack refused it ({code or status})")


def _retry_after(response: object) -> timedelta | None:
    headers = {str(name).lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
    value = str(headers.get("retry-after", ""))
    return timedelta(seconds=min(int(value), 3600)) if value.isdecimal() else None
