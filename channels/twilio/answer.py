"""Every answer of Twilio's REST API to a call → what it means for the notification. One table.

https://www.twilio.com/docs/api/errors and https://www.twilio.com/docs/usage/requests-to-twilio
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import aiohttp
from twilio.base.exceptions import TwilioRestException

from channels.base import Rejected, RetryLater

_NEVER: Mapping[int, str] = MappingProxyType(
    {
        10001: "the Twilio account is not active",
        10002: "a trial account can't do this",
        20003: "Twilio refused the account SID or auth token; check KIDOKU_TWILIO__AUTH_TOKEN",
        20005: "the Twilio account is not active",
        20404: "Twilio does not know this account or call",
        21201: "no number to call was given",
        21202: "calls to this premium number are not allowed",
        21203: "this destination needs an international permission in the Twilio console",
        21205: "Twilio can't reach web.public_url; it must be a public https address",
        21210: "from_number is not verified for this account",
        21211: "the number to call is invalid",
        21212: "from_number is invalid",
        21213: "from_number is missing",
        21214: "the number to call can't be reached",
        21215: "the account has no permission to call this country (Geo permissions in the Twilio console)",
        21216: "the account may not call this number",
        21217: "the number to call is not formatted well",
        21218: "the Twilio application SID is invalid",
        21219: "a trial account calls verified numbers only; verify this one in the Twilio console",
        21224: "the phone number's country does not allow this call",
        21262: "the callback URL is too long",
        21264: "from_number is not a number of this account",
        13223: "the number to call is not formatted well",
        13224: "the number to call is not in service or not allowed",
        13227: "no permission to call this country (Geo permissions in the Twilio console)",
    }
)
"""Codes for which trying again gives the same answer."""

_LATER: Mapping[int, str] = MappingProxyType(
    {
        10003: "too many calls of this account at once",
        10004: "too many calls of this account at once",
        20429: "too many requests",
        21220: "the call is not in a state for this",
    }
)


def _seconds(text: str | None) -> timedelta | None:
    return timedelta(seconds=min(int(text), 3600)) if text and text.isdecimal() else None


def classify(error: Exception, retry_after: str | None = None) -> RetryLater | Rejected:
    """What a failed request means. Never repeats what was sent: numbers and tokens stay out of the reason."""
    if isinstance(error, TwilioRestException):
        return _of_code(error.status, error.code, _seconds(retry_after))
    if isinstance(error, aiohttp.ClientConnectorError):
        return RetryLater("Twilio can't be reached", is_channel_wide=True)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError):
        return RetryLater("no answer from Twilio", is_channel_wide=True, maybe_sent=True)
    return RetryLater(f"an answer that can't be understood ({type(error).__name__})", maybe_sent=True)


def _of_code(status: int, given: int | None, after: timedelta | None) -> RetryLater | Rejected:
    code = given or 0
    if code in _NEVER:
        return Rejected(f"{_NEVER[code]} (Twilio {code})")
    if code in _LATER:
        return RetryLater(f"{_LATER[code]} (Twilio {code})", after, is_channel_wide=True)
    if status == 429:
        return RetryLater("too many requests (429)", after, is_channel_wide=True)
    if status >= 500:
        return RetryLater(f"Twilio has trouble ({status})", after, is_channel_wide=True, maybe_sent=True)
    return Rejected(f"Twilio refused the call ({status}, code {code})")
