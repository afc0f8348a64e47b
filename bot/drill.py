"""Drills: a real exercise of a policy, through the real outbox, marked as one wherever it is told.

1. A drill is an alert of its own, about no mail; whoever is told answers it as any other.
2. It is over when somebody has taken it, a minute later, so that a call under way hears so; when it is closed; and
   at its end at the latest, answered or not.
3. When it ends is kept in the store: a restart forgets no drill, and none goes on for ever.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk
from bot.engine import Engine
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.store.drills import Drill
from bot.wording.name import DRILL, DRILL_SENDER
from escalation.alert import Alert, AlertStatus
from escalation.event import Opened, Resolved
from escalation.mail import MailBrief
from escalation.occasion import recipients_of
from escalation.phrase import Phrase, advice
from escalation.policy import EscalationPolicy
from escalation.roster import Roster

log = structlog.get_logger(__name__)

USUAL = timedelta(hours=1)
LONGEST = timedelta(days=1)
AFTER_TAKEN = timedelta(minutes=1)
MOST_OPEN = 5
"""Drills at once: more than that is a slip of a script."""

VIA = "drill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A drill as it is asked for. It lasts ``at_most``; over the channels ``left_out`` nobody is told."""

    policy: str
    by: str
    at_most: timedelta = USUAL
    severity: str = "critical"
    left_out: tuple[str, ...] = ()


async def begin(desk: Desk, wanted: Wanted, policies: dict[str, EscalationPolicy], words: Words) -> int:
    """Open the alert of a drill; returns its number. ``wanted.by`` is a person. Raises BadArgumentError."""
    policy = policy_of(wanted, policies)
    if len(going_on := await desk.tx.open_drills()) >= MOST_OPEN:
        form = Phrase("%(count)s drills go on already", count=str(len(going_on)))
        raise BadArgumentError(
            advice(form, Phrase("wait, or end one: kidoku resolve %(id)s", id=str(going_on[0].alert_id)))
        )
    id = await desk.open(opened(wanted, policy, desk.rules.roster, desk.now, words))
    ends_at = desk.now + wanted.at_most
    await desk.tx.add_drill(Drill(alert_id=id, policy=policy.name, by=wanted.by, begun_at=desk.now, ends_at=ends_at))
    log.info("A drill has begun", alert_id=id, policy=policy.name, by=wanted.by)
    return id


def policy_of(wanted: Wanted, policies: dict[str, EscalationPolicy]) -> EscalationPolicy:
    """The policy as it is exercised: what is taken does not climb again. Raises BadArgumentError."""
    if not timedelta(0) < wanted.at_most <= LONGEST:
        raise BadArgumentError(Phrase("a drill lasts a day at most; write --at-most 30m"))
    if wanted.policy not in policies:
        known: str = ", ".join(sorted(policies)) or Phrase("none")
        form = Phrase("there is no policy “%(name)s”; the policies are: %(known)s", name=wanted.policy, known=known)
        raise BadArgumentError(form)
    return replace(policies[wanted.policy], ack_timeout=None)


def opened(wanted: Wanted, policy: EscalationPolicy, roster: Roster, now: datetime, words: Words) -> Opened:
    """The alert of a drill, about no mail."""
    subject = words.gettext(DRILL) % {"policy": policy.name}
    message_id = f"{now.isoformat()}.{policy.name}.{DRILL_SENDER}"
    return Opened(
        mail=MailBrief(
            message_id=message_id, subject=subject, sender=DRILL_SENDER, sender_name="Kidoku", received_at=now
        ),
        policy=policy,
        recipients=recipients_of(policy, roster),
        severity=wanted.severity,
        opened_by=wanted.by,
        is_exercise=True,
        left_out=wanted.left_out,
    )


class DrillWatch:
    """Ends the drills whose time has come."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def look(self) -> None:
        """Safe to run at any time, and again."""
        async with self.engine.store.reading() as tx:
            has_any = bool(await tx.open_drills())
        if has_any:
            await self.engine.submit(_end_due)


async def _end_due(desk: Desk) -> None:
    going_on = await desk.tx.open_drills()
    alerts = await desk.load([one.alert_id for one in going_on])
    over = [one.alert_id for one in going_on if _is_over(one, alerts.get(one.alert_id), desk.now)]
    for id in over:
        await desk.feed(id, Resolved(None, VIA))
        log.info("A drill is over", alert_id=id)
    await desk.tx.end_drills(over, desk.now)


def _is_over(one: Drill, alert: Alert | None, now: datetime) -> bool:
    if alert is None or alert.status.is_closed or one.ends_at <= now:
        return True
    if alert.status is not AlertStatus.ACKNOWLEDGED or alert.status_at is None:
        return False
    return alert.status_at + AFTER_TAKEN <= now
