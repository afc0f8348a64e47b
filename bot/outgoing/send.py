"""Sends an urgent mail: opens its alert and puts one mail a recipient into the outbox, in one transaction."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.desk import Desk
from bot.outgoing.addressing import Addressed
from bot.outgoing.care import needed_approval
from bot.outgoing.confidential import counting
from bot.post import Post
from bot.store.record import OutgoingMail
from bot.wording.name import NEUTRAL_SUBJECT
from escalation.alert import AlertStatus
from escalation.event import Opened
from escalation.mail import MailBrief
from escalation.policy import EscalationPolicy


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that is ready to go. ``sent_by`` is a person's id, or the address that hears what became of it.
    ``starts_at`` is when it leaves, None for now."""

    mail: OutgoingMail
    to: tuple[Addressed, ...]
    policy: EscalationPolicy
    sent_by: str
    severity: str = "critical"
    starts_at: datetime | None = None
    deadline: datetime | None = None


def policy_named(policies: Mapping[str, EscalationPolicy], name: str) -> EscalationPolicy | None:
    """The policy of that name; without a name the only one that there is; None if it is not plain which."""
    if not name and len(policies) == 1:
        return next(iter(policies.values()))
    return policies.get(name)


async def is_held(desk: Desk, id: int) -> bool:
    """Whether a mail waits for a second person; one that is long deleted does not."""
    alert = (await desk.load([id])).get(id)
    return alert is not None and alert.status is AlertStatus.HELD


async def send(desk: Desk, draft: Draft, post: Post) -> int:
    """Stage it; returns the alert's id. What comes into a watched mailbox with one of its Message-IDs is this
    alert's."""
    if post.hold:
        draft = replace(draft, starts_at=max(draft.starts_at or desk.now, desk.now + post.hold))
    policy = counting(draft.policy) if draft.mail.is_confidential else draft.policy
    approval = None
    if not draft.mail.is_probe:
        approval = needed_approval(draft.mail, [one.recipient.address for one in draft.to], post.care)
    if approval is None:
        policy = policy.placed(draft.starts_at or desk.now, draft.deadline)
    opened = Opened(
        mail=MailBrief(
            message_id=f"{secrets.token_hex(12)}@sent.kidoku.invalid",
            subject=NEUTRAL_SUBJECT if draft.mail.is_confidential else draft.mail.subject[:500],
            sender=post.address,
            sender_name=post.name,
            received_at=max(desk.now, draft.starts_at or desk.now),
        ),
        policy=policy,
        recipients=tuple(one.recipient for one in draft.to),
        severity=draft.severity,
        sent_by=draft.sent_by,
        starts_at=draft.starts_at,
        deadline=draft.deadline,
        approvers=tuple(id for id in approval.approvers if id != draft.sent_by) if approval else (),
        approve_within=approval.within if approval else None,
    )
    fields = {one.recipient.address: dict(one.fields) for one in draft.to if one.fields}
    id = await desk.send(opened, replace(draft.mail, fields=fields))
    for number in range(len(draft.to)):
        desk.links[post.message_id(f"{id}.m{number}").strip("<>")] = id
    return id
