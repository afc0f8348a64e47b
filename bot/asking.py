"""One question to a channel: its answer, or what a fault of our own counts as."""

from collections.abc import Awaitable
from typing import TypeVar

import structlog

from bot.store.record import NotificationRow
from channels.base import RetryLater
from escalation.phrase import N_

log = structlog.get_logger(__name__)

T = TypeVar("T")


def own_fault(*, maybe_sent: bool = False) -> RetryLater:
    return RetryLater(N_("a fault inside Kidoku; see its log"), maybe_sent=maybe_sent)


async def answered(asked: Awaitable[T], row: NotificationRow, *, maybe_sent: bool = False) -> T | RetryLater:
    """The channel's answer; our own fault if it raises, which it should not."""
    try:
        return await asked
    except Exception:
        log.exception("A channel failed inside Kidoku", channel=row.channel, key=row.key)
        return own_fault(maybe_sent=maybe_sent)
