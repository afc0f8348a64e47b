"""Every way in which a call of Slack's Web API can fail → what it means for the notification: by its status, by the
network's fault, and by Slack's error (``meaning``).

https://docs.slack.dev/apis/web-api/rate-limits for 429.
"""

import asyncio
from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from channels.base import Rejected, RetryLater
from channels.retry_after import retry_after
from channels.slack.meaning import MEANINGS
from escalation.phrase import N_

BOT_TOKEN = "KIDOKU_SLACK__BOT_TOKEN"  # noqa: S105 - the name of it
APP_TOKEN = "KIDOKU_SLACK__APP_TOKEN"  # noqa: S105
LONGEST_WAIT = timedelta(hours=1)
_TROUBLE = N_("Slack has trouble")
_UNCLEAR = N_("an answer that can't be understood")
_FOREIGN = N_("an answer that is not Slack's")
_REFUSED = N_("Slack refused it")


def classify(error: Exception, token: str = BOT_TOKEN) -> RetryLater | Rejected:
    """What a failed call means. ``token`` names the setting that holds the token it was made with. Never repeats what
    was sent or answered."""
    if isinstance(error, SlackApiError):
        return _of_answer(error, token)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return RetryLater(N_("Slack can't be reached"), is_channel_wide=True)
    if isinstance(error, aiohttp.ClientError | TimeoutError | asyncio.TimeoutError | OSError | SlackClientError):
        return RetryLater(N_("no answer from Slack"), is_channel_wide=True, maybe_sent=True)
    return RetryLater(f"{_UNCLEAR} ({type(error).__name__})", maybe_sent=True)


def _of_answer(error: SlackApiError, token: str) -> RetryLater | Rejected:
    status, code = _status(error), _code(error)
    if status == 429:
        return RetryLater(N_("Slack's rate limit"), _retry_after(error), is_channel_wide=True)
    if status >= 500:
        return RetryLater(f"{_TROUBLE} ({status})", is_channel_wide=True, maybe_sent=True)
    if code is None:
        return RetryLater(f"{_FOREIGN} ({status})", is_channel_wide=True, maybe_sent=status < 400)
    meaning = MEANINGS.get(code)
    if meaning is None:
        return Rejected(f"{_REFUSED} ({code[:60]})")
    reason = f"{meaning.words % {'token': token}} (Slack: {code})"
    if meaning.is_final:
        return Rejected(reason)
    after = _retry_after(error)
    return RetryLater(reason, after, meaning.is_channel_wide, meaning.maybe_sent)


def _status(error: SlackApiError) -> int:
    # slack-sdk hands on aiohttp's own response where the body was no JSON.
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)


def _code(error: SlackApiError) -> str | None:
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) and code else None


def _retry_after(error: SlackApiError) -> timedelta | None:
    headers = {str(name).lower(): value for name, value in (getattr(error.response, "headers", None) or {}).items()}
    return retry_after(str(headers.get("retry-after", "")), LONGEST_WAIT)
