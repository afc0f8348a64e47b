"""What happens to a mail that is watched: it is a receipt of the mailbox's owner, a person or somebody of a team."""

from dataclasses import dataclass, replace

import structlog

from bot.desk import Desk
from bot.routes import Owner
from bot.store.record import MailCopy
from channels.imap.mailbox import FiledAsJunk, FlagsChanged, Removed, Renumbered
from escalation.event import ReceiptReported, ReceiptWithdrawn
from escalation.receipt import ReceiptKind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WatchedMail:
    """The watched mail of one folder, at one desk."""

    desk: Desk
    account: str
    folder: str
    owner: Owner

    @property
    def via(self) -> str:
        return f"imap:{self.account}"

    async def receipt(self, alert_id: int, kind: ReceiptKind) -> None:
        # A mail in the Junk folder has come there, and has been moved there: that is one thing to tell.
        if kind is ReceiptKind.JUNKED and await self._is_known_as_junk(alert_id):
            return
        by = None if self.owner.is_team else self.owner.id
        await self.desk.feed(alert_id, ReceiptReported(self.owner.id, kind, self.desk.now, self.via, by))

    async def _is_known_as_junk(self, alert_id: int) -> bool:
        alert = (await self.desk.load([alert_id])).get(alert_id)
        recipient = alert.recipient(self.owner.id) if alert else None
        return recipient is not None and recipient.has(ReceiptKind.JUNKED)

    async def _withdrawal(self, alert_id: int, kind: ReceiptKind) -> None:
        await self.desk.feed(alert_id, ReceiptWithdrawn(self.owner.id, kind, self.desk.now, self.via))

    async def _copy(self, uid: int, message_id: str) -> MailCopy | None:
        for copy in await self.desk.tx.find_copies(message_id):
            if (copy.account, copy.folder, copy.uid) == (self.account, self.folder, uid):
                return copy
        return None

    async def flags_changed(self, change: FlagsChanged) -> None:
        copy = await self._copy(change.uid, change.message_id)
        if copy is None:
            return
        if change.is_seen and not copy.is_seen:
            await self.receipt(copy.alert_id, self.owner.seen)
        if copy.is_seen and not change.is_seen:
            await self._withdrawal(copy.alert_id, self.owner.seen)
        if change.is_answered and not copy.is_answered:
            await self.receipt(copy.alert_id, self._answered)
        changed = replace(copy, is_seen=change.is_seen, is_answered=change.is_answered)
        if copy.silence_id:
            # At once, and its flags alone: whoever opens its alert in this transaction reads them, and keeps the copy.
            await self.desk.tx.mark_copy(changed)
        else:
            self.desk.copies.append(changed)

    @property
    def _answered(self) -> ReceiptKind:
        return ReceiptKind.SEEN_SHARED if self.owner.is_team else ReceiptKind.REPLIED

    async def junked(self, alert_id: int, filed: FiledAsJunk) -> None:
        if filed.is_junk:
            await self.receipt(alert_id, ReceiptKind.JUNKED)
        else:
            await self._withdrawal(alert_id, ReceiptKind.JUNKED)

    async def removed(self, removed: Removed) -> None:
        copy = await self._copy(removed.uid, removed.message_id)
        if copy is None:
            return
        if not copy.silence_id:
            await self._gone(copy, removed)
        now = replace(copy, is_seen=copy.is_seen or removed.is_seen)
        if removed.moved_uid:
            await self.desk.tx.move_copy(now, removed.moved_to, removed.moved_uid)
        elif copy.silence_id:
            # It stays known whether it had been read: that decides whether its alert is opened later.
            await self.desk.tx.mark_copy(now)
        else:
            await self.desk.tx.drop_copy(copy.account, copy.folder, copy.uid, copy.message_id)

    async def _gone(self, copy: MailCopy, removed: Removed) -> None:
        if copy.is_seen:
            return
        if removed.is_seen:
            await self.receipt(copy.alert_id, self.owner.seen)
        elif removed.is_lost:
            log.info("A watched mail left its folder; where to is not known", alert_id=copy.alert_id, via=self.via)
        elif not removed.moved_to:
            await self.receipt(copy.alert_id, ReceiptKind.DELETED_UNREAD)

    async def renumbered(self, change: Renumbered) -> None:
        await self.desk.tx.renumber_copy(self.account, self.folder, change.message_id, change.uid)
