"""The mail that silences swallow: kept in the transaction that reads it, and opened as alerts later where somebody asks
for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.desk import Desk
from bot.routes import Owner, Routes
from bot.store.record import MailCopy, Swallowed
from escalation.event import Opened
from escalation.mail import Mail, MailBrief
from escalation.policy import EscalationPolicy
from escalation.receipt import Evidence, Recipient
from escalation.routing import Verdict
from escalation.silence import Silence

log = structlog.get_logger(__name__)


async def swallow(desk: Desk, one: Silence, mail: Mail, verdict: Verdict, copy: MailCopy) -> bool | None:
    """Keep a mail as swallowed by this silence: True if it is new, False if it is in one more mailbox only. None if the
    silence has ended: then its alert opens."""
    id = one.id
    if one.maintenance:
        id = await desk.tx.time_of(one)
        desk.wakes.append(one.end)
    kept = Swallowed(
        silence_id=id,
        mail=MailBrief.of(mail),
        rule=verdict.rule or "",
        policy=verdict.policy or "",
        severity=verdict.severity,
        at=desk.now,
        is_junk=mail.is_junk,
    )
    is_new = await desk.tx.swallow(kept)
    if is_new is not None:
        desk.copies.append(replace(copy, silence_id=id))
        log.info("A silence swallowed a mail", silence=id, rule=verdict.rule, account=copy.account)
    return is_new


def recipients_of(desk: Desk, copies: Sequence[MailCopy], owners: Mapping[str, Owner]) -> list[Recipient]:
    """In whose mailboxes a swallowed mail is, each once, with what is known of their reading it."""
    found: dict[str, Recipient] = {}
    for copy in sorted(copies, key=lambda one: not one.is_seen):
        id = copy.recipient_id
        owner = owners.get(copy.account) or Owner(id, id in desk.rules.roster.teams)
        seen = (Evidence(owner.seen, desk.now, via=f"imap:{copy.account}"),) if copy.is_seen else ()
        found.setdefault(id, Recipient(id, owner.is_team, evidence=seen))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Reopened:
    """The alerts that were opened, and the policies that are no longer there, so that some could not be."""

    alerts: tuple[int, ...]
    lacking: tuple[str, ...]


async def open_waiting(desk: Desk, silence_id: int, by: str, routes: Routes) -> Reopened:
    """Open an alert for every mail of this silence that nobody has read and that has none. Safe to run twice."""
    alerts: list[int] = []
    lacking: dict[str, None] = {}
    await desk.tx.hold_silence(silence_id)
    for one in await desk.tx.swallowed(silence_id):
        policy = _policy(one, routes)
        if not one.is_waiting or one.mail.message_id in desk.links:
            continue
        if policy is None:
            lacking[one.policy] = None
        else:
            alerts.append(await _open(desk, one, by, policy, routes))
    return Reopened(tuple(alerts), tuple(lacking))


def _policy(one: Swallowed, routes: Routes) -> EscalationPolicy | None:
    """The one that it would have had; if that is gone, the one of its rule today."""
    today = next((rule.policy for rule in routes.rules if rule.name == one.rule), "")
    return routes.policies.get(one.policy) or routes.policies.get(today)


async def _open(desk: Desk, one: Swallowed, by: str, policy: EscalationPolicy, routes: Routes) -> int:
    message_id = one.mail.message_id
    copies = await desk.tx.silent_copies(message_id)
    opened = Opened(
        mail=one.mail,
        policy=policy,
        recipients=tuple(recipients_of(desk, copies, routes.owners)),
        severity=one.severity,
        rule=one.rule,
        is_junk=one.is_junk,
        silence=one.silence_id,
        opened_by=by,
    )
    id = await desk.open(opened)
    await desk.tx.hand_over(message_id, id)
    log.info("Alert opened for a swallowed mail", alert_id=id, silence=one.silence_id, by=by)
    return id
