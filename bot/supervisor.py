"""Keeps a channel's service running: one that dies is said, alarmed and started again; the others never notice.

Promise 3: one channel's trouble is its own. Services reconnect by themselves; what gets here is a fault of ours.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from channels.system_fault import why_of
from escalation.phrase import Phrase

log = structlog.get_logger(__name__)

Alarm = Callable[[str, str], Awaitable[None]]
"""Given a service's name and what befell it, in words that can be said in every language."""

Wait = Callable[[int], timedelta]
"""How long before it is started again, by how often it died."""


async def keep_running(name: str, run: Callable[[], Awaitable[None]], alarm: Alarm, wait: Wait) -> None:
    """Run it until cancelled, again and again; it never raises anything else."""
    failures = 0
    while True:
        reason = await _end_of(name, run)
        if _is_cancelled():
            return
        failures += 1
        await _alarmed(name, reason, alarm)
        await asyncio.sleep(wait(failures).total_seconds())


async def _end_of(name: str, run: Callable[[], Awaitable[None]]) -> str:
    try:
        await run()
    except Exception as error:
        log.exception("A service died; it is started again", service=name)
        return why_of(error) if isinstance(error, OSError) else Phrase("a fault inside Kidoku; see its log")
    if not _is_cancelled():
        log.error("A service ended by itself; it is started again", service=name)
    return Phrase("it ended by itself")


def _is_cancelled() -> bool:
    """A library may swallow the cancellation and return: that is still the end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _alarmed(name: str, reason: str, alarm: Alarm) -> None:
    try:
        await alarm(name, reason)
    except Exception:
        log.exception("The alarm about a service could not be saved", service=name)
