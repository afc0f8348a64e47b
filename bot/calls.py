"""What a provider says became of a call or a message, and what else one call tells of."""

from collections.abc import Mapping

from bot.desk import Desk
from bot.outcome import ended
from bot.reception import Reception
from bot.store.record import NotificationState
from bot.wording.bundle import word_bundle
from channels.inbox import READ, TOLD, Bundle, CallReport
from escalation.alert import AlertStatus
from escalation.event import DeliveryReported, Outcome


class Calls:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._engine = reception.engine

    async def report(self, report: CallReport) -> None:
        """Keep what the provider says became of a call; the second time, and after the end, nothing changes."""

        async def job(desk: Desk) -> None:
            row = await desk.tx.notification(report.key)
            if row is None or row.alert_id is None:
                return
            if row.state is NotificationState.ENDED:
                if report.detail == READ and (row.outcome, row.detail) == (Outcome.ENDED, ""):
                    desk.settle(row._replace(detail=READ), row)
                return
            outcome, detail = report.outcome, report.detail
            if outcome is Outcome.HUNG_UP and await self._was_answered(desk, row.alert_id, row.person):
                outcome = Outcome.ENDED
            elif outcome is Outcome.HUNG_UP and "told" in row.ref:
                outcome, detail = Outcome.ENDED, TOLD
            desk.settle(ended(row, outcome, detail, desk.now), row)
            detail = "" if detail == READ else detail
            await desk.feed(row.alert_id, DeliveryReported(row.key, outcome, detail))

        await self._engine.submit(job)

    async def _was_answered(self, desk: Desk, alert_id: int, person: str | None) -> bool:
        alert = (await desk.load([alert_id])).get(alert_id)
        return alert is not None and alert.status is AlertStatus.ACKNOWLEDGED and person in alert.taken_by

    async def bundle(self, key: str, ref: Mapping[str, str]) -> Bundle:
        """The notifications that were sent by the same call and whose end nobody knows yet."""
        async with self._engine.store.reading() as tx:
            row = await tx.notification(key)
            there = await tx.at_address(row.channel, row.address) if row is not None else []
            joined = [one for one in there if one.key != key and one.ref.get("sid") == ref["sid"]]
            told = [one.alert_id for one in (row, *joined) if one is not None and one.alert_id is not None]
            alerts = await tx.alerts(told) if joined else {}
        person = self._engine.rules.roster.people.get(row.person or "") if row is not None else None
        has_exercise = any(one.is_exercise for one in alerts.values())
        return word_bundle(joined, self._reception.words(person), has_exercise=has_exercise)
