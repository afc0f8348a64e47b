"""Deleting what is older than it should be kept."""

from datetime import datetime

from sqlalchemy import delete, select

from bot.store import codec
from bot.store.audits import Audits
from bot.store.checks import Checks
from bot.store.consents import Consents
from bot.store.dialogs import Dialogs
from bot.store.drills import Drills
from bot.store.duty import Duty
from bot.store.part import chunks
from bot.store.people_tables import drill, probe, subscription
from bot.store.relays import Relays
from bot.store.silences import Silences
from bot.store.swaps import Swaps
from bot.store.tables import (
    alarm,
    alert,
    alert_event,
    alert_mail,
    mail_copy,
    notification,
    once,
    outgoing_mail,
    view_code,
)
from escalation.alert import AlertStatus

AT_ONCE = 2000
"""Alerts in one transaction: deleting them keeps other writers waiting."""

_ENDED = (AlertStatus.RESOLVED.value, AlertStatus.CANCELLED.value, AlertStatus.EXHAUSTED.value)


class Retention(Relays, Duty, Swaps, Silences, Consents, Audits, Drills, Checks, Dialogs):
    """The part of a transaction that forgets."""

    async def purge(self, before: datetime) -> int:
        """Delete alerts that ended before, with all that belongs to them, and alarms, audit entries and once-only
        inputs of that age.

        Returns how many alerts; at most ``AT_ONCE``, so ask again while it is that many. The copies of policies stay:
        they hold no mail, are few, and other nodes rely on them.
        """
        ids = await self._ended(before)
        for few in chunks(ids):
            for table in (
                alert_event,
                alert_mail,
                mail_copy,
                notification,
                outgoing_mail,
                probe,
                view_code,
                drill,
                subscription,
            ):
                await self.connection.execute(delete(table).where(table.c.alert_id.in_(few)))
            await self.connection.execute(delete(alert).where(alert.c.id.in_(few)))
        await self._purge_small(before)
        return len(ids)

    async def _ended(self, before: datetime) -> list[int]:
        ended = (alert.c.status.in_(_ENDED), alert.c.status_at < codec.micros(before), alert.c.due_at.is_(None))
        query = select(alert.c.id).where(*ended).limit(AT_ONCE)
        return list((await self.connection.execute(query)).scalars())

    async def _purge_small(self, before: datetime) -> None:
        at = codec.micros(before)
        about_kidoku = (notification.c.alert_id.is_(None), notification.c.created_at < at)
        await self.connection.execute(delete(notification).where(*about_kidoku, notification.c.wake_at.is_(None)))
        await self.drop_relayed(before)
        await self.purge_duty(before)
        await self.purge_silences(before)
        await self.purge_swaps(before)
        await self.purge_consents(before)
        await self.purge_audits(before)
        await self.purge_checks(before)
        await self.connection.execute(delete(once).where(once.c.at < at))
        await self.connection.execute(delete(alarm).where(alarm.c.raised_at < at))
