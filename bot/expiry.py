"""Deletes what confidential mails say, when they expire. What remains is who sent it to whom, and who read it when."""

import structlog

from bot.desk import Desk
from bot.engine import Engine
from bot.store.outgoing import AT_ONCE

log = structlog.get_logger(__name__)


async def delete_expired(engine: Engine) -> int:
    """Delete all that is due by now; returns how many mails that were. Safe to run at any time, and again."""
    total = 0
    while ids := await engine.submit(_due):
        log.info("The content of confidential mails was deleted", alerts=ids)
        total += len(ids)
        if len(ids) < AT_ONCE:
            break
    if total:
        await engine.store.forget_log()
    return total


async def _due(desk: Desk) -> list[int]:
    return await desk.tx.delete_expired(desk.now)
