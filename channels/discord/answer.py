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
_FOREIGN = N_("an answer that is not Discord's")

_TOKEN = N_("Discord refused the bot token; check KIDOKU_DISCORD__BOT_TOKEN")
_VERIFY = N_("the bot's account must be verified")
_SERVER = N_("there is no such server")
_PERSON = N_("there is no such user")
_KIND = N_("messages can't be sent in this kind of channel")
_NOT_OURS = N_("the message is not the bot's own")
_LAYOUT = N_("Discord refused the message's layout")
_BLOCKED = N_("the server's filters block the message")
_TOO_OLD = N_("what somebody pressed or typed is too old to be answered")
_ANSWERED = N_("what somebody pressed or typed has been answered as often as it may be")
_COMMANDS = N_("Discord does not take the bot's commands")
_LIMIT = N_("a rate limit")
_OFF = N_("Discord has switched this off for now")
_THREADS = N_("the server has as many active threads as it may have")

_NEVER: Mapping[int, str] = MappingProxyType(
    {
        # Where to, and whom.
        10003: N_("there is no such channel"),
        10004: _SERVER,
        10013: _PERSON,
        40058: _KIND,
        50003: N_("this can't be done in this kind of channel"),
        50007: N_("this person does not take direct messages from the bot"),
        50008: _KIND,
        50024: N_("this can't be done in this kind of channel"),
        50033: _PERSON,
        50055: _SERVER,
        50278: N_("this person shares no server with the bot"),
        # The bot, and what it may do.
        10002: N_("Discord does not know the bot's application"),
        20002: _TOKEN,
        20012: N_("the bot may not do this"),
        40001: _TOKEN,
        40002: _VERIFY,
        50001: N_("the bot can't see the channel; give it access"),
        50009: N_("the server's verification level is too high for the bot"),
        50013: N_("the bot lacks a permission there (View Channel, Send Messages, Embed Links, Create Public Threads)"),
        50014: _TOKEN,
        50041: N_("Discord has withdrawn this version of its interface; update Kidoku"),
        50095: N_("the server is not available where the bot runs"),
        50178: _VERIFY,
        60003: N_("the server demands two-factor authentication of the bot's owner"),
        # The message, and what it says.
        10008: N_("the message is gone"),
        20009: _BLOCKED,
        20031: _BLOCKED,
        40005: N_("the message is too large"),
        50005: _NOT_OURS,
        50006: N_("the message is empty"),
        50021: _NOT_OURS,
        50035: _LAYOUT,
        50068: _LAYOUT,
        50109: _LAYOUT,
        200000: _BLOCKED,
        200001: _BLOCKED,
        240000: N_("the server's filter blocks this link"),
        # Its thread.
        50083: N_("the thread is archived"),
        160002: N_("the message can't be replied to"),
        160005: N_("the thread is locked"),
        # Answers to presses and commands, and the commands themselves.
        10015: _TOO_OLD,
        10062: _TOO_OLD,
        50027: _TOO_OLD,
        40060: _ANSWERED,
        40094: _ANSWERED,
        30032: _COMMANDS,
        40041: _COMMANDS,
    }
)
_LATER: Mapping[int, str] = MappingProxyType(
    {
        20016: N_("slow mode is on in the channel"),
        20022: _LIMIT,
        20028: N_("the channel's write limit was hit"),
        20029: N_("the server's write limit was hit"),
        30034: N_("the bot has registered as many commands as it may in a day"),
        30046: _LIMIT,
        40003: N_("direct messages are opened too fast"),
        40004: _OFF,
        40006: _OFF,
        40043: _TROUBLE,
        40062: _LIMIT,
        40333: N_("Discord refused the request for now"),
        110001: N_("Discord asks to try again later"),
        130000: N_("Discord is overloaded"),
        160006: _THREADS,
        160007: _THREADS,
    }
)
_WIDE = frozenset({40004, 40333, 130000})
"""Of these, what holds for whatever is sent."""


def classify(error: Exception) -> RetryLater | Rejected:
    """What a failed call means. Never repeats what was sent."""
    if isinstance(error, discord.RateLimited):
        return _limited(f"{error.retry_after:f}")
    if isinstance(error, discord.LoginFailure):
        return Rejected(_TOKEN)
    if isinstance(error, discord.HTTPException):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return RetryLater(N_("Discord can't be reached"), is_channel_wide=True)
    if isinstance(error, aiohttp.ClientError | asyncio.TimeoutError | OSError):
        return RetryLater(N_("no answer from Discord"), is_channel_wide=True, maybe_sent=True)
    return RetryLater(f"{_UNCLEAR} ({type(error).__name__})", maybe_sent=True)


def _of_answer(error: discord.HTTPException) -> RetryLater | Rejected:
    after = error.response.headers.get("Retry-After")
    if error.status == 429:
        return _limited(after)
    if error.status >= 500:
        return RetryLater(f"{_TROUBLE} ({error.status})", is_channel_wide=True, maybe_sent=True)
    if error.code in _LATER:
        reason = f"{_LATER[error.code]} (Discord {error.code})"
        return RetryLater(reason, retry_after(after, LONGEST_WAIT), is_channel_wide=error.code in _WIDE)
    if error.code in _NEVER:
        return Rejected(f"{_NEVER[error.code]} (Discord {error.code})")
    if not _is_json(error):
        return RetryLater(f"{_FOREIGN} ({error.status})", is_channel_wide=True)
    if error.status == 401:
        return Rejected(_TOKEN)
    return Rejected(f"{_REFUSED} ({error.status}, code {error.code})")


def _is_json(error: discord.HTTPException) -> bool:
    """Whatever Discord answers is JSON; a proxy, a firewall or Cloudflare answers with a page."""
    return error.response.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"


def _limited(after: str | None) -> RetryLater:
    return RetryLater(N_("Discord's rate limit"), retry_after(after, LONGEST_WAIT), is_channel_wide=True)
