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

LONGEST_WAIT = timedelta(hours=1)

_NEVER: Mapping[int, str] = MappingProxyType(
    {
        10003: "there is no such channel",
        10004: "there is no such server",
        10008: "the message is gone",
        10013: "there is no such user",
        20012: "the bot may not do this",
        20028: "the channel's write limit was hit",
        40001: "Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN",
        40002: "the bot's account must be verified",
        40005: "the message is too large",
        40066: "there are no tags in this forum channel",
        50001: "the bot can't see the channel; give it access",
        50005: "the message is not the bot's own",
        50006: "the message is empty",
        50007: "this person does not take direct messages from the bot",
        50008: "messages can't be sent in this kind of channel",
        50009: "the server's verification level is too high for the bot",
        50013: "the bot lacks a permission there (View Channel, Send Messages, Embed Links, Create Public Threads)",
        50014: "Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN",
        50024: "this can't be done in this kind of channel",
        50035: "Discord refused the message's layout",
        50083: "the thread is archived",
        50278: "this person shares no server with the bot",
        160002: "the message can't be replied to",
        240000: "the server's filter blocks this link",
    }
)
_LATER: Mapping[int, str] = MappingProxyType(
    {
        20016: "slow mode is on in the channel",
        40062: "a rate limit",
        40333: "Discord refused the request for now",
        110001: "Discord asks to try again later",
        130000: "Discord is overloaded",
        200000: "the server's AutoMod looks at the message",
    }
)


def classify(error: Exception) -> RetryLater | Rejected:
    """What a failed call means. Never repeats what was sent."""
    if isinstance(error, discord.RateLimited):
        return _limited(f"{error.retry_after:f}")
    if isinstance(error, discord.LoginFailure):
        return Rejected("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN")
    if isinstance(error, discord.HTTPException):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return RetryLater("Discord can't be reached", is_channel_wide=True)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError):
        return RetryLater("no answer from Discord", is_channel_wide=True, maybe_sent=True)
    return RetryLater(f"an answer that can't be understood ({type(error).__name__})", maybe_sent=True)


def _of_answer(error: discord.HTTPException) -> RetryLater | Rejected:
    if error.status == 429:
        return _limited(error.response.headers.get("Retry-After"))
    if error.status >= 500:
        return RetryLater(f"Discord has trouble ({error.status})", is_channel_wide=True, maybe_sent=True)
    if error.code in _LATER:
        return RetryLater(f"{_LATER[error.code]} (Discord {error.code})")
    if error.code in _NEVER:
        return Rejected(f"{_NEVER[error.code]} (Discord {error.code})")
    if error.status == 401:
        return Rejected("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN")
    return Rejected(f"Discord refused it ({error.status}, code {error.code})")


def _limited(after: str | None) -> RetryLater:
    return RetryLater("Discord's rate limit", retry_after(after, LONGEST_WAIT), is_channel_wide=True)
