"""Which alerts are meant by what somebody wrote: a number, a link to its message, or a part of its subject."""

import re

from bot.store.store import Tx

_SLACK_LINK = re.compile(r"https://[^/]+/archives/([A-Z0-9]{1,30})/p(\d{7,13})(\d{6})(?:\?(.*))?")
_SLACK_THREAD = re.compile(r"(?:^|&)thread_ts=(\d+\.\d+)")
_DISCORD_LINK = re.compile(r"https://(?:[a-z]+\.)?discord(?:app)?\.com/channels/[^/]+/(\d{1,20})/(\d{1,20})")


async def alerts_named(tx: Tx, written: str) -> list[int]:
    """The ids; several where it is a part of several subjects, none where nobody knows it."""
    return await _by_link(tx, written) if written.startswith("https://") else await tx.find_alerts(written)


async def _by_link(tx: Tx, url: str) -> list[int]:
    """By the message that the link goes to, or the thread that it is in."""
    if slack := _SLACK_LINK.fullmatch(url):
        channel, seconds, micros, query = slack.groups()
        thread = _SLACK_THREAD.search(query or "")
        ts = thread[1] if thread else f"{seconds}.{micros}"
        id = await tx.alert_at("slack", {"channel": channel, "ts": ts})
        return [] if id is None else [id]
    if discord := _DISCORD_LINK.fullmatch(url):
        channel, message = discord.groups()
        id = await tx.alert_at("discord", {"channel": channel, "message": message})
        # A message in the thread of an alert: the thread has the id of the message that it began at.
        id = await tx.alert_at("discord", {"message": channel}) if id is None else id
        return [] if id is None else [id]
    return []
