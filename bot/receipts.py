"""Receipts of the mail that the team sent: from the mailbox that they come back to, or straight from mail servers.

The rules:

1. A receipt counts only with a genuine stamp (``bot/post.py``): in the Message-ID it names, in its envelope id, in the
   thread it answers, or in the address it came to. A stranger can't make one.
2. It speaks for the one recipient whose mail had that stamp, or for nobody (``bot/addressee.py``).
3. Of several groups for that recipient each counts, in their order: what was delivered first may have failed after.
4. An answer counts if no machine wrote it. To the mail of a check it confirms that contact, while that is asked and if
   its person wrote it.
5. Whatever does not count changes nothing, and is counted in ``kidoku_receipts_total``.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog

from bot import confirm
from bot.addressee import is_for_another, is_in_domain, reported
from bot.desk import Desk
from bot.engine import Engine
from bot.finding import HOP
from bot.metrics import Metrics
from bot.post import Post
from bot.store.checks import How
from bot.store.record import AuditEntry, AuditOutcome, NotificationRow
from channels.gateway.submission import Refusal
from channels.imap.mailbox import Arrived, Cursor, MailboxBatch, Watched
from channels.message import Verb
from channels.receipts import MailKind, Reported, Understood, answering, understand
from escalation.alert import Alert
from escalation.command import IN_OWN_WORDS, Purpose
from escalation.event import ReceiptReported
from escalation.receipt import ReceiptKind, Recipient

log = structlog.get_logger(__name__)

_ACTIONS = {
    "failed": ReceiptKind.FAILED,
    "delayed": ReceiptKind.DELAYED,
    "delivered": ReceiptKind.DELIVERED,
    "expanded": ReceiptKind.DELIVERED,
    "relayed": ReceiptKind.ACCEPTED,
}
"""RFC 3464 section 2.3.3. ``relayed`` went to a system that tells no more."""


class Verdict(StrEnum):
    """What became of a mail in the receipts mailbox. ``no_stamp`` and ``wrong_recipient`` may be forged.

    ``own_notice``: its stamp is genuine, but of a notice in Kidoku's own words, or of what is no longer kept; or Kidoku
    itself wrote it.
    """

    COUNTED = "counted"
    SAYS_NOTHING = "says_nothing"
    NO_STAMP = "no_stamp"
    OWN_NOTICE = "own_notice"
    WRONG_RECIPIENT = "wrong_recipient"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a mail was understood to be, and what became of it."""

    understood: Understood
    verdict: Verdict


class ReceiptIntake:
    """Implements ``channels.imap.mailbox.Ledger`` and ``channels.gateway.submission.Receipts``. Without a ``post``
    nothing is sent, and nothing counts."""

    def __init__(self, engine: Engine, post: Post | None, metrics: Metrics) -> None:
        self.engine = engine
        self.post = post
        self.metrics = metrics

    async def load(self, account: str, folder: str) -> tuple[Cursor | None, Mapping[int, Watched]]:
        async with self.engine.store.reading() as tx:
            return await tx.cursor(account, folder), {}

    async def commit(self, batch: MailboxBatch) -> None:
        """Save what the receipts say, and the cursor, in one transaction."""
        arrived = [one for one in batch.happenings if isinstance(one, Arrived)]
        read = [await asyncio.to_thread(understand, one.raw) for one in arrived]

        async def job(desk: Desk) -> list[Taken]:
            taken = [await self._take(desk, understood) for understood in read]
            await desk.tx.put_cursor(batch.account, batch.folder, batch.cursor)
            return taken

        for one in await self.engine.submit(job):
            self._note(one)

    def is_awaited(self, address: str) -> bool:
        return self.post is not None and self.post.is_awaited(address)

    async def accept(self, recipients: tuple[str, ...], data: bytes) -> str | Refusal:
        """Implements ``channels.gateway.submission.Receipts``: the envelope says surest where it came to."""
        read = await asyncio.to_thread(understand, data)
        understood = replace(read, delivered_to=(*recipients, *read.delivered_to))
        try:
            taken = await self.engine.submit(lambda desk: self._take(desk, understood))
        except Exception:
            log.exception("A receipt that was handed in could not be kept")
            return Refusal(451, "4.3.0 The receipt could not be kept; try again later")
        self._note(taken)
        return "Read"

    def _note(self, taken: Taken) -> None:
        kind, fault = taken.understood.kind, taken.understood.error or None
        self.metrics.receipt(kind, taken.verdict)
        log.info("A receipt was read", kind=kind, verdict=taken.verdict, fault=fault)

    async def _take(self, desk: Desk, understood: Understood) -> Taken:
        key = self._key(understood)
        if key is None and not self._is_own(understood):
            return Taken(understood, Verdict.NO_STAMP)
        row = await desk.tx.notification(key) if key else None
        if row is not None and row.purpose == Purpose.CHECK and not self._is_own(understood):
            return Taken(understood, await _confirm(desk, understood, row))
        alert = (await desk.load([row.alert_id])).get(row.alert_id) if row and row.alert_id is not None else None
        recipient = _recipient(alert, row.address) if alert and row else None
        if alert is None or recipient is None or row is None or row.purpose in IN_OWN_WORDS or self._is_own(understood):
            return Taken(understood, Verdict.OWN_NOTICE)
        understood = answering(understood, _subject_sent(alert))
        return Taken(understood, await _judge(desk, understood, alert, recipient))

    def _key(self, understood: Understood) -> str | None:
        if self.post is None:
            return None
        keys = (self.post.key_in(text) for text in _places(understood))
        return next((key for key in keys if key is not None), None)

    def _is_own(self, understood: Understood) -> bool:
        """Whether we wrote the mail itself."""
        return self.post is not None and self.post.key_in(understood.message_id) is not None


async def _confirm(desk: Desk, understood: Understood, row: NotificationRow) -> Verdict:
    """An answer to the mail of a check. Its subject is ours, and repeats no machine's words."""
    one = await desk.tx.check(json.loads(row.text)["id"])
    if understood.kind is not MailKind.REPLY or one is None or not one.is_open(desk.now):
        return Verdict.SAYS_NOTHING
    sender = desk.rules.roster.person_of(understood.sender)
    if understood.sender != one.address.lower() and (sender is None or sender.id != one.person):
        return Verdict.WRONG_RECIPIENT
    await confirm.keep(desk, one, How.REPLY)
    await desk.tx.add_audit(
        AuditEntry(at=desk.now, who=one.person, via=one.channel, verb=Verb.CONFIRM, outcome=AuditOutcome.DONE)
    )
    return Verdict.COUNTED


async def _judge(desk: Desk, understood: Understood, alert: Alert, recipient: Recipient) -> Verdict:
    """Feed what a report with a genuine stamp says of the recipient whose mail had that stamp."""
    roster = desk.rules.roster
    if is_for_another(understood, alert, recipient, roster):
        return Verdict.WRONG_RECIPIENT
    said = _said(understood, recipient)
    if not said and understood.kind is MailKind.MDN:
        await desk.tx.note_empty_mdn(alert.id)
    for kind, detail in said:
        by = recipient.id if kind is ReceiptKind.REPLIED and recipient.id in roster.people else None
        await desk.feed(
            alert.id, ReceiptReported(recipient.id, kind, desk.now, _via(understood, kind, recipient), by, detail)
        )
    return Verdict.COUNTED if said else Verdict.SAYS_NOTHING


def _places(understood: Understood) -> Iterator[str]:
    """Where a stamp may stand, the surest first."""
    yield understood.envelope_id
    yield understood.original_message_id
    yield from understood.delivered_to
    yield understood.in_reply_to
    yield from understood.references


def _subject_sent(alert: Alert) -> str:
    """The subject that an answer quotes; "" where each recipient's may have been another (``${name}``)."""
    return "" if "$" in alert.mail.subject else alert.mail.subject


def _recipient(alert: Alert, address: str) -> Recipient | None:
    return next((one for one in alert.recipients if one.address == address), None)


def _said(understood: Understood, recipient: Recipient) -> list[tuple[ReceiptKind, str]]:
    """The receipts, in the order of the report, each with its source's own words; none if it proves nothing."""
    if understood.kind is MailKind.REPLY:
        return [(ReceiptKind.REPLIED, "")]
    found = (_receipt(understood.kind, one) for one in reported(understood, recipient))
    return [one for one in found if one is not None]


def _via(understood: Understood, kind: ReceiptKind, recipient: Recipient) -> str:
    """The source: a DSN's is only certainly the recipient's own system if the mail arrived there, or by its host."""
    is_theirs = kind is ReceiptKind.DELIVERED or is_in_domain(understood.reported_by, recipient)
    is_hop = understood.kind is MailKind.DSN and (kind is ReceiptKind.ACCEPTED or not is_theirs)
    return HOP if is_hop else understood.kind


def _receipt(kind: MailKind, one: Reported) -> tuple[ReceiptKind, str] | None:
    if kind is MailKind.MDN:
        done = _displayed(one)
        return None if done is None else (done, f"{one.disposition} ({one.mode})")
    action = _ACTIONS.get(one.action) if kind is MailKind.DSN else None
    words = " ".join(part for part in (one.status, one.diagnostic) if part)
    return None if action is None else (action, words[:300])


def _displayed(reported: Reported) -> ReceiptKind | None:
    """What an MDN proves (RFC 8098 section 3.2.6): an action that no person took proves nothing."""
    if "automatic-action" in reported.mode:
        return None
    return {"displayed": ReceiptKind.DISPLAYED, "deleted": ReceiptKind.DELETED_UNREAD}.get(reported.disposition)
