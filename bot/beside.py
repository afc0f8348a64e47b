"""Other processes on the same database, such as the commands: what they commit is noticed here, and logged once.

Whatever a command changes it keeps in the audit trail, in the same transaction. So the trail's numbers say what is new,
and an entry's instant which events of its alert came of it.
"""

from typing import Self

from bot import chronicle
from bot.chatops.vocabulary import LOOKS, Name
from bot.desk import Happened
from bot.engine import Engine
from bot.outbox import Outbox
from bot.store.codec import UnknownEventError
from bot.store.record import AuditEntry
from bot.store.store import Tx
from bot.timers import Timers

AT_ONCE = 50
"""Entries of the audit trail in one read."""
_COMMAND_LINE = "cli"
"""What is asked for otherwise, this process has carried out and logged itself."""
_LOOKS = (LOOKS - {Name.TRANSLATE, Name.SILENCES}) | {"load", "leaves", "overrides", "swaps"}
"""Commands that change nothing: the trail keeps them, but a script may look every minute. A translation gives a mail
away, and ``silences --open`` opens alerts."""


class Beside:
    """Looks at the store's version, which costs next to nothing, and only when that changed at what is new.
    ``newest`` is the last entry of the audit trail that is not to be logged."""

    def __init__(self, engine: Engine, outbox: Outbox, timers: Timers, newest: int) -> None:
        self._engine = engine
        self._outbox = outbox
        self._timers = timers
        self._version = 0
        self._newest = newest

    @classmethod
    async def open(cls, engine: Engine, outbox: Outbox, timers: Timers) -> Self:
        """Whatever is committed from now on is noticed."""
        async with engine.store.reading() as tx:
            newest = await tx.audits(limit=1)
        return cls(engine, outbox, timers, newest[0].id if newest else 0)

    async def look(self) -> None:
        """Something was committed: look at what it left to do, and tell of it."""
        version = await self._engine.store.version()
        if version == self._version:
            return
        await self._engine.refresh()
        self._outbox.kick()
        await self._timers.look()
        # Before it is told of: an entry that can't be read is no reason to look again all the time.
        self._version = version
        while chronicle.is_heard() and await self._tell():
            pass

    async def _tell(self) -> bool:
        """Log what is new; True if there may be more."""
        async with self._engine.store.reading() as tx:
            entries = await tx.audits_after(self._newest, AT_ONCE)
            found = [(one, await _happened(tx, one)) for one in entries if _is_told(one)]
        self._newest = max((one.id for one in entries), default=self._newest)
        for entry, happened in found:
            chronicle.tell_command(entry, happened)
        return len(entries) == AT_ONCE


def _is_told(entry: AuditEntry) -> bool:
    return entry.via == _COMMAND_LINE and entry.verb not in _LOOKS


async def _happened(tx: Tx, entry: AuditEntry) -> Happened | None:
    """What came of a command to its alert; None if nothing did, or if a later release wrote it."""
    if entry.alert_id is None:
        return None
    alert = (await tx.alerts([entry.alert_id])).get(entry.alert_id)
    try:
        rows = await tx.events_at(entry.alert_id, entry.at)
    except UnknownEventError:
        return None
    return Happened(alert, rows[0].seq - 1, [one.event for one in rows]) if alert is not None and rows else None
