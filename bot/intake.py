"""Intake: which alert something belongs to, or whether it opens one. The one implementation of the mail ledger.

The rules:

1. A Message-ID that belongs to an open alert adds a recipient; one that belongs to a closed alert changes nothing,
   unless its sender used it again for another mail.
2. A later mail of a thread that has an open alert joins it, unless a colleague or a machine wrote it. A thread whose
   alert is closed or exhausted does not swallow an urgent mail: it opens a new alert.
3. Any other mail opens an alert if a routing rule says that it is urgent; unless a silence swallows it (the rules of
   that stand in ``escalation/silence.py``). Then it is kept as swallowed, and watched for being read.
4. A swallowed mail that comes again unread, when no silence swallows it, opens an alert for everybody who has it; one
   that has been read opens none.
5. What happens to a watched mail is a receipt (``bot/watched_mail.py``).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import structlog

from bot.desk import Desk
from bot.engine import Engine
from bot.failpoint import failpoint
from bot.metrics import Metrics
from bot.routes import Routes
from bot.store.record import MailCopy
from bot.swallowed import recipients_of, swallow
from bot.watched_mail import WatchedMail
from channels.imap.mailbox import (
    Arrived,
    Cursor,
    FiledAsJunk,
    FlagsChanged,
    Happening,
    MailboxBatch,
    Removed,
    Renumbered,
    Watched,
)
from channels.imap.sync import CLOCKS_DIFFER
from escalation.alert import Alert, AlertStatus
from escalation.event import MailJoined, Opened, RecipientAdded
from escalation.mail import Mail, MailBrief
from escalation.receipt import Evidence, ReceiptKind, Recipient
from escalation.routing import Verdict, route
from escalation.silence import Silence, silenced_by

log = structlog.get_logger(__name__)


class Intake:
    """Takes batches from mailboxes; implements ``channels.imap.mailbox.Ledger``."""

    def __init__(self, engine: Engine, routes: Callable[[], Routes], metrics: Metrics | None = None) -> None:
        self.engine = engine
        self.routes = routes
        self.metrics = metrics

    async def load(self, account: str, folder: str) -> tuple[Cursor | None, Mapping[int, Watched]]:
        async with self.engine.store.reading() as tx:
            swallowed = await tx.swallowed_copies(account, folder, self.engine.clock.now())
            return await tx.cursor(account, folder), swallowed | await tx.copies(account, folder)

    async def followed(self, account: str) -> Collection[str]:
        """Implements ``channels.imap.mailbox.Followed``."""
        async with self.engine.store.reading() as tx:
            return await tx.folders_with_copies(account)

    async def commit(self, batch: MailboxBatch) -> None:
        """Save a batch and its cursor in one transaction."""

        async def job(desk: Desk) -> list[str]:
            return await _Batch(desk, batch, self.routes()).take()

        swallowed = await self.engine.submit(job)
        failpoint("intake.committed")
        if self.metrics is not None:
            for rule in swallowed:
                self.metrics.swallowed(rule)


class _Batch:
    """One batch at one desk."""

    def __init__(self, desk: Desk, batch: MailboxBatch, routes: Routes) -> None:
        self.desk = desk
        self.batch = batch
        self.routes = routes
        self.owner = routes.owners[batch.account]
        self.watched = WatchedMail(desk, batch.account, batch.folder, self.owner)
        self.known: dict[str, int] = {}
        self.silences: dict[int, Silence] = {}
        self.swallowed_before: set[str] = set()
        self.swallowed: list[str] = []
        arrivals = [one for one in batch.happenings if isinstance(one, Arrived)]
        self.verdicts = {one.uid: route(routes.rules, one.mail) for one in arrivals}

    async def take(self) -> list[str]:
        """Returns the rules whose mail was swallowed, one for each mail."""
        await self._look_up()
        await self._compare_with_silences()
        await self._reserve()
        for happening in self.batch.happenings:
            await self._one(happening)
        await self.desk.tx.put_cursor(self.batch.account, self.batch.folder, self.batch.cursor)
        return self.swallowed

    async def _look_up(self) -> None:
        """One query for every Message-ID of the batch, and one for the alerts: a burst stays fast."""
        ids = set(_message_ids(self.batch.happenings))
        if not ids:
            return
        self.known = {id: alert for id, alert in self.desk.links.items() if id in ids}
        self.known |= await self.desk.tx.alert_of_mails(ids - self.known.keys())
        await self.desk.load(set(self.known.values()))

    async def _compare_with_silences(self) -> None:
        """Which silence swallows each urgent mail. They are read in this very transaction: what another process makes
        or lifts counts from its commit on."""
        urgent = [one for one in self.batch.happenings if isinstance(one, Arrived) and self.verdicts[one.uid].opens]
        if not urgent:
            return
        tx, now = self.desk.tx, self.desk.now
        standing = await tx.standing_silences(now)
        for one in urgent if standing or self.routes.maintenance else ():
            found = silenced_by(self.verdicts[one.uid], one.mail, now, standing, self.routes.maintenance)
            if found is not None:
                self.silences[one.uid] = found
        self.swallowed_before = await tx.were_swallowed({one.mail.message_id for one in urgent})

    async def _reserve(self) -> None:
        """Ids for all that may open, in one statement."""
        urgent = [uid for uid, verdict in self.verdicts.items() if verdict.opens and uid not in self.silences]
        if len(urgent) > 1:
            await self.desk.reserve(len(urgent))

    async def _one(self, happening: Happening) -> None:
        match happening:
            case Arrived():
                await self._arrived(happening)
            case FlagsChanged():
                await self.watched.flags_changed(happening)
            case FiledAsJunk():
                if happening.message_id in self.known:
                    await self.watched.junked(self.known[happening.message_id], happening)
            case Removed():
                await self.watched.removed(happening)
            case Renumbered():
                await self.watched.renumbered(happening)

    async def _alert(self, message_id: str) -> Alert | None:
        id = self.known.get(message_id)
        return None if id is None else (await self.desk.load([id])).get(id)

    async def _arrived(self, arrived: Arrived) -> None:
        mail = arrived.mail
        alert = await self._alert(mail.message_id)
        if alert is not None and not (alert.status.is_closed and await self._is_another(alert, mail)):
            await self._seen_again(alert, arrived)
            return
        thread = await self._thread(mail)
        if thread is not None:
            await self._joined(thread, arrived)
        else:
            await self._route(arrived)

    async def _seen_again(self, alert: Alert, arrived: Arrived) -> None:
        if alert.status.is_closed:
            log.info(
                "A mail came again after its alert was closed; it opens none", alert_id=alert.id, via=self.watched.via
            )
            return
        recipient = self._recipient(arrived.mail)
        await self.desk.feed(alert.id, RecipientAdded(recipient))
        for evidence in recipient.evidence:
            await self.watched.receipt(alert.id, evidence.kind)
        self._keep(arrived, alert.id)

    async def _is_another(self, alert: Alert, mail: Mail) -> bool:
        """Whether a mail has the Message-ID of an earlier one, and is not that: it was written after that had come, or
        has another subject in the same mailbox. In another mailbox a mailing list may have written its name into it."""
        first = alert.mail
        if alert.sent_by or first.message_id != mail.message_id:
            return False
        if mail.sent_at is not None and mail.sent_at > first.received_at + CLOCKS_DIFFER:
            return True
        if first.subject == MailBrief.of(mail).subject:
            return False
        copies = await self.desk.tx.find_copies(mail.message_id)
        return any(copy.account == self.batch.account for copy in copies)

    async def _thread(self, mail: Mail) -> Alert | None:
        for reference in mail.references:
            alert = await self._alert(reference)
            if alert is not None and alert.status in (AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED):
                return alert
        return None

    async def _joined(self, alert: Alert, arrived: Arrived) -> None:
        """A later mail of a thread. One that a colleague wrote is talk about the incident, not news to be read; and its
        From line alone proves nothing, so it is no receipt either."""
        mail = arrived.mail
        is_talk = self.desk.rules.roster.person_of(mail.sender) is not None
        if is_talk or self.verdicts[arrived.uid].is_excluded:
            return
        await self.desk.feed(alert.id, MailJoined(MailBrief.of(mail)))
        self._link(mail.message_id, alert.id)
        self._keep(arrived, alert.id)

    async def _route(self, arrived: Arrived) -> None:
        verdict = self.verdicts[arrived.uid]
        if verdict.policy is None or verdict.ignored or await self._is_swallowed(arrived, verdict):
            return
        others = await self._others(arrived.mail.message_id)
        opened = Opened(
            mail=MailBrief.of(arrived.mail),
            policy=self.routes.policies[verdict.policy],
            recipients=(self._recipient(arrived.mail), *(one for one in others if one.id != self.owner.id)),
            severity=verdict.severity,
            rule=verdict.rule or "",
            is_junk=arrived.mail.is_junk,
        )
        if arrived.mail.message_id in self.known:
            await self.desk.tx.unlink_mail(arrived.mail.message_id)
        id = await self.desk.open(opened)
        self._link(arrived.mail.message_id, id)
        self._keep(arrived, id)
        if others:
            await self.desk.tx.hand_over(arrived.mail.message_id, id)
        log.info("Alert opened", alert_id=id, rule=verdict.rule, policy=verdict.policy, account=self.batch.account)

    async def _is_swallowed(self, arrived: Arrived, verdict: Verdict) -> bool:
        """Whether a silence swallows it now; or has before, and it comes again read: somebody files it away."""
        found, copy = self.silences.get(arrived.uid), self._copy_of(arrived)
        is_new = await swallow(self.desk, found, arrived.mail, verdict, copy) if found is not None else None
        if is_new:
            self.swallowed.append(verdict.rule or "")
        if is_new is not None:
            return True
        return copy.is_seen and arrived.mail.message_id in self.swallowed_before

    async def _others(self, message_id: str) -> list[Recipient]:
        """Who else has this mail, of which a silence kept quiet until now."""
        if message_id not in self.swallowed_before:
            return []
        return recipients_of(self.desk, await self.desk.tx.silent_copies(message_id), self.routes.owners)

    def _recipient(self, mail: Mail) -> Recipient:
        kinds = []
        if "\\Seen" in mail.flags:
            kinds.append(self.owner.seen)
        if mail.is_junk:
            kinds.append(ReceiptKind.JUNKED)
        evidence = tuple(Evidence(kind, self.desk.now, via=self.watched.via) for kind in kinds)
        return Recipient(self.owner.id, self.owner.is_team, evidence=evidence)

    def _link(self, message_id: str, alert_id: int) -> None:
        self.known[message_id] = alert_id
        self.desk.links[message_id] = alert_id

    def _keep(self, arrived: Arrived, alert_id: int) -> None:
        self.desk.copies.append(replace(self._copy_of(arrived), alert_id=alert_id))

    def _copy_of(self, arrived: Arrived) -> MailCopy:
        return MailCopy(
            account=self.batch.account,
            folder=self.batch.folder,
            uid=arrived.uid,
            message_id=arrived.mail.message_id,
            alert_id=0,
            recipient_id=self.owner.id,
            is_seen="\\Seen" in arrived.mail.flags,
            is_answered="\\Answered" in arrived.mail.flags,
        )


def _message_ids(happenings: Iterable[Happening]) -> Iterable[str]:
    for happening in happenings:
        if isinstance(happening, Arrived):
            yield happening.mail.message_id
            yield from happening.mail.references
        else:
            yield happening.message_id
