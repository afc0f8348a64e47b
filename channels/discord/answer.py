"""Every answer of Discord's HTTP API → what it means for the notification. One table.

https://docs.discord.com/developers/topics/opcodes-and-status-codes and /topics/rate-limits
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import aiohttp
import discord

from channels.base import Rejected, RetryLater
from channels.retry_after import retry_after
from escalation.phrase import N_

LONGEST_WAIT = timedelta(hours=1)
_TROUBLE = N_("Discord has trouble")
_REFUSED = N_("Discord refused it")
_UNCLEAR = N_("an answer that can't be understood")

_NEVER: Mapping[int, str] = MappingProxyType(
    {
        10003: N_("there is no such channel"),
        10004: N_("there is no such server"),
        10008: N_("the message is gone"),
        10013: N_("there is no such user"),
        20012: N_("the bot may not do this"),
        20028: N_("the channel's write limit was hit"),
        40001: N_("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN"),
        40002: N_("the bot's account must be verified"),
        40005: N_("the message is too large"),
        40066: N_("there are no tags in this forum channel"),
        50001: N_("the bot can't see the channel; give it access"),
        50005: N_("the message is not the bot's own"),
        50006: N_("the message is empty"),
        50007: N_("this person does not take direct messages from the bot"),
        50008: N_("messages can't be sent in this kind of channel"),
        50009: N_("the server's verification level is too high for the bot"),
        50013: N_("the bot lacks a permission there (View Channel, Send Messages, Embed Links, Create Public Threads)"),
        50014: N_("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN"),
        50024: N_("this can't be done in this kind of channel"),
        50035: N_("Discord refused the message's layout"),
        50083: N_("the thread is archived"),
        50278: N_("this person shares no server with the bot"),
        160002: N_("the message can't be replied to"),
        240000: N_("the server's filter blocks this link"),
    }
)
_LATER: Mapping[int, str] = MappingProxyType(
    {
        20016: N_("slow mode is on in the channel"),
        40062: N_("a rate limit"),
        40333: N_("Discord refused the request for now"),
        110001: N_("Discord asks to try again later"),
        130000: N_("Discord is overloaded"),
        200000: N_("the server's AutoMod looks at the message"),
    }
)


def classify(error: Exception) -> RetryLater | Rejected:
    """What a failed call means. Never repeats what was sent."""
    if isinstance(error, discord.RateLimited):
        return _limited(f"{error.retry_after:f}")
    if isinstance(error, discord.LoginFailure):
        return Rejected(N_("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN"))
    if isinstance(error, discord.HTTPException):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return RetryLater(N_("Discord can't be reached"), is_channel_wide=True)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError):
        return RetryLater(N_("no answer from Discord"), is_channel_wide=True, maybe_sent=True)
    return RetryLater(f"{_UNCLEAR} ({type(error).__name__})", maybe_sent=True)


def _of_answer(error: discord.HTTPException) -> RetryLater | Rejected:
    if error.status == 429:
        return _limited(error.response.headers.get("Retry-After"))
    if error.status >= 500:
        return RetryLater(f"{_TROUBLE} ({error.status})", is_channel_wide=True, maybe_sent=True)
    if error.code in _LATER:
        return RetryLater(f"{_LATER[error.code]} (Discord {error.code})")
    if error.code in _NEVER:
        return Rejected(f"{_NEVER[error.code]} (Discord {error.code})")
    if error.status == 401:
        return Rejected(N_("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN"))
    return Rejected(f"{_REFUSED} ({error.status}, code {error.code})")


def _limited(after: str | None) -> RetryLater:
    return RetryLater(N_("Discord's rate limit"), retry_after(after, LONGEST_WAIT), is_channel_wide=True)
