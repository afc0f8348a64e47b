"""A probe: a test mail that finds out which receipts the mail system of an address gives.

It goes the way of every mail: its alert, the outbox, the mail server, and back through the receipts. It pages nobody:
whoever sends it takes its alert in the same transaction, so that no ladder climbs; at the end of its time the alert
resolves by itself, and what was learnt is kept as its domain's record.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.desk import Desk
from bot.engine import Engine
from bot.finding import Finding, Signal, findings
from bot.language import Words
from bot.outgoing.addressing import Addressed
from bot.outgoing.send import Draft, send
from bot.post import Post
from bot.store.record import DomainRecord, NotificationRow, OutgoingMail, ProbeRow
from bot.store.store import Tx
from escalation.alert import AlertStatus
from escalation.command import Purpose
from escalation.event import Acknowledged
from escalation.policy import MAIL, Action, EscalationPolicy, Ladder, Step, Target, TargetKind
from escalation.receipt import ReceiptKind, Recipient

log = structlog.get_logger(__name__)

POLICY = "probe"
VIA = "probe"
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=30)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What a probe has given so far. ``way``: "waiting", "left" (the next server took it), or "refused"."""

    way: str
    findings: tuple[Finding, ...] = ()


async def start(desk: Desk, to: Addressed, by: str, within: timedelta, post: Post, words: Words) -> ProbeRow:
    """Send a probe, unless one of this address is under way; returns it. ``by`` is a person's id, ``words`` are the
    recipient's."""
    address = to.recipient.address
    known = await desk.tx.probe_of(address)
    if known is not None and known.finished_at is None:
        return known
    span = post.hold + within
    draft = Draft(_mail(words, post), (to,), policy_of(span), by, severity="info")
    id = await send(desk, draft, post)
    await desk.feed(id, Acknowledged(by, VIA))
    probe = ProbeRow(id, address, desk.now + span)
    await desk.tx.add_probe(probe)
    return probe


def policy_of(span: timedelta) -> EscalationPolicy:
    """Nobody to tell, and the end by itself after ``span``. Its one step would be due only after that: a ladder without
    any would end at once, which is an alarm."""
    sender = Action(MAIL, (Target(TargetKind.SENDER),))
    ladder = Ladder((Step(sender, after=2 * span),))
    return EscalationPolicy(name=POLICY, ladders=(ladder,), last_resort=(), resolve_after=span)


def _mail(words: Words, post: Post) -> OutgoingMail:
    lines = [
        words.gettext("This is a test: nothing is urgent, and nobody is called."),
        words.gettext(
            "It is to find out which receipts your mail system gives: whether it tells that a mail was delivered, and "
            "that it was read."
        ),
        words.gettext("Please open it as any mail, and let your mail program send a read receipt if it asks."),
    ]
    if post.public_url:
        lines.append(words.gettext("Then please press the button on the page below."))
    subject = words.gettext("Test of receipts by Kidoku")
    return OutgoingMail(sender=post.sender, subject=subject, text="\n\n".join(lines) + "\n", is_probe=True)


async def result_of(tx: Tx, probe: ProbeRow, *, has_page: bool) -> Result | None:
    """How far it is; None once its alert is deleted."""
    alert = (await tx.alerts([probe.alert_id])).get(probe.alert_id)
    if alert is None:
        return None
    mails = [row for row in await tx.notifications_of(probe.alert_id) if row.purpose == Purpose.MAIL]
    result = _result(alert.recipients[0], mails, has_page=has_page)
    return replace(result, findings=tuple(map(_or_empty, result.findings))) if probe.has_empty_mdn else result


def _or_empty(one: Finding) -> Finding:
    """A read receipt that proves nothing is a receipt still, if no better one came."""
    return Finding(Signal.MDN, True, "empty") if one.signal is Signal.MDN and not one.given else one


def _result(recipient: Recipient, mails: Sequence[NotificationRow], *, has_page: bool) -> Result:
    left = next((row for row in mails if row.sent_at is not None), None)
    if left is not None:
        return Result("left", findings(recipient, left.ref, has_page=has_page))
    return Result("refused" if recipient.has(ReceiptKind.FAILED) else "waiting")


async def finish_due(engine: Engine, *, has_page: bool) -> int:
    """Keep what was learnt by the probes whose time is over; returns how many. Safe to run at any time, and again."""

    async def job(desk: Desk) -> int:
        ended = await desk.tx.ended_probes(desk.now, AT_ONCE)
        for probe in ended:
            await _finish(desk, probe, has_page=has_page)
        return len(ended)

    return await engine.submit(job)


async def _finish(desk: Desk, probe: ProbeRow, *, has_page: bool) -> None:
    alert = (await desk.load([probe.alert_id])).get(probe.alert_id)
    result = await result_of(desk.tx, probe, has_page=has_page)
    if result is not None and alert is not None and alert.status is not AlertStatus.CANCELLED:
        domain = probe.address.rpartition("@")[2]
        await desk.tx.put_domain_record(DomainRecord(domain, alert.opened_at, encoded(result)))
        log.info("A probe has ended", alert_id=probe.alert_id, way=result.way)
    await desk.tx.finish_probe(probe.alert_id, desk.now)


def encoded(result: Result) -> str:
    """As JSON, without anything that names a person."""
    return json.dumps({"way": result.way, "findings": [one._asdict() for one in result.findings]})


def decoded(data: str) -> Result:
    """What ``encoded`` made."""
    plain = json.loads(data)
    found = (Finding(Signal(one["signal"]), one["is_asked"], one["given"]) for one in plain["findings"])
    return Result(plain["way"], tuple(found))


def is_over(probe: ProbeRow, now: datetime) -> bool:
    return probe.finished_at is not None or probe.until <= now
