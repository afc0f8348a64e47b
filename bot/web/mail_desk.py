"""The bot's side of the web receipts: what a confirm page shows, and what becomes of a report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr

from bot.consent import trackings
from bot.desk import Desk as Work
from bot.engine import Engine
from bot.letter import filled_in
from bot.store.record import NotificationRow, OutgoingMail
from bot.store.store import Tx
from bot.web.desk import ShownLetter, WebReport
from escalation.alert import Alert, AlertStatus
from escalation.command import Purpose
from escalation.event import ReceiptReported, ReceiptWithdrawn
from escalation.receipt import ReceiptKind, Recipient
from escalation.roster import Roster

_BY_PICTURE = frozenset({ReceiptKind.OPENED, ReceiptKind.OPENED_BY_MACHINE})
Found = tuple[NotificationRow, Alert, Recipient]


class MailDesk:
    """Implements ``bot.web.desk.Desk``. ``language`` and ``zone`` are for recipients without their own. Without
    ``has_pictures`` no picture tells anything, whoever fetches it."""

    def __init__(self, engine: Engine, roster: Roster, language: str, zone: str, *, has_pictures: bool = True) -> None:
        self.engine = engine
        self.roster = roster
        self.language = language
        self.zone = zone
        self.has_pictures = has_pictures

    async def letter(self, key: str) -> ShownLetter | None:
        """The mail itself has a page; a recall takes it away."""
        async with self.engine.store.reading() as tx:
            found = await found_by(tx, key)
            mail = await tx.outgoing(found[1].id) if found else None
        return None if found is None or mail is None else self._shown(found, mail)

    def _shown(self, found: Found, mail: OutgoingMail) -> ShownLetter:
        row, alert, recipient = found
        person = self.roster.people.get(recipient.id)
        name, address = parseaddr(mail.sender)
        return ShownLetter(
            sender=f"{name} <{address}>" if name else address,
            subject="" if mail.is_confidential else filled_in(mail, recipient.address).subject,
            sent_at=row.sent_at or alert.opened_at,
            language=person.language if person else self.language,
            zone=person.zone if person else self.zone,
            recipient=recipient.name or recipient.address,
            is_confirmed_at=_confirmed_at(recipient),
            deadline=alert.deadline,
        )

    async def report(self, reports: Sequence[WebReport]) -> None:
        """Feed them to their alerts, in one transaction. A picture tells only of whoever agrees to it still."""

        async def job(desk: Work) -> None:
            rows = await desk.tx.by_key({report.key for report in reports})
            alerts = await desk.load({row.alert_id for row in rows.values() if row.alert_id is not None})
            agreed = await self._agreed(desk, {row.address for row in rows.values()}, reports)
            for report in reports:
                found = _of(rows.get(report.key), alerts)
                if found is not None and (report.kind not in _BY_PICTURE or found[0].address in agreed):
                    await desk.feed(found[1].id, _event(report, found[2], self.roster.people))

        await self.engine.submit(job)

    async def _agreed(self, desk: Work, addresses: set[str], reports: Sequence[WebReport]) -> set[str]:
        if not self.has_pictures or not any(report.kind in _BY_PICTURE for report in reports):
            return set()
        found = await trackings(desk.tx, addresses)
        return {address for address, tracking in found.items() if tracking.may_show_picture}


async def found_by(tx: Tx, key: str) -> Found | None:
    """The mail with this key, its alert and its recipient; None if there is none, or it was recalled."""
    row = await tx.notification(key)
    return None if row is None or row.alert_id is None else _of(row, await tx.alerts([row.alert_id]))


def _of(row: NotificationRow | None, alerts: Mapping[int, Alert]) -> Found | None:
    if row is None or row.alert_id is None or row.purpose != Purpose.MAIL:
        return None
    alert = alerts.get(row.alert_id)
    recipient = alert.recipient(row.target) if alert else None
    if alert is None or recipient is None or alert.status is AlertStatus.CANCELLED:
        return None
    return row, alert, recipient


def _confirmed_at(recipient: Recipient) -> datetime | None:
    return next((one.at for one in recipient.evidence if one.kind is ReceiptKind.CONFIRMED and one.stands), None)


def _event(report: WebReport, recipient: Recipient, people: Mapping[str, object]) -> ReceiptReported | ReceiptWithdrawn:
    if report.is_withdrawn:
        return ReceiptWithdrawn(recipient.id, report.kind, report.at, report.via)
    by = recipient.id if report.kind is ReceiptKind.CONFIRMED and recipient.id in people else None
    detail = f"{report.opener}, {report.confidence:.0%}: {report.detail}" if report.opener else report.detail
    return ReceiptReported(recipient.id, report.kind, report.at, report.via, by, detail[:300])
