"""What of a notification is decided without its channel: whether it is still wanted, how long it is tried, and what its
alert is told of its outcome. Pure, but for the jitter."""

import random
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from bot.outgoing import relay
from bot.store.record import MISSED, NotificationRow, NotificationState
from escalation.alert import Alert, AlertStatus
from escalation.command import Purpose
from escalation.event import UNREACHED, DeliveryReported, Outcome, ReceiptReported
from escalation.policy import MAIL, PHONE, SMS, WHATSAPP
from escalation.receipt import ReceiptKind

PRICED = frozenset({PHONE, SMS, WHATSAPP})
PRICE_AFTER = timedelta(minutes=5)
"""Twilio tells the price of a call some minutes after its end."""
MOST_PRICE_ASKS = 4
MOST_WAIT = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=6)
LONGEST_RING = timedelta(minutes=2)
LONGEST_OUTAGE = timedelta(days=14)
"""What a room missed is told after an outage this long, too."""

_LIVE = {
    Purpose.STEP: frozenset({AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED}),
    Purpose.ELSE: frozenset({AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED}),
    Purpose.LAST_RESORT: frozenset({AlertStatus.EXHAUSTED}),
    Purpose.ASKED: frozenset({AlertStatus.TRIGGERED, AlertStatus.ACKNOWLEDGED, AlertStatus.EXHAUSTED}),
    Purpose.SENDER: frozenset(AlertStatus),
    Purpose.APPROVAL: frozenset({AlertStatus.HELD}),
    Purpose.MAIL: frozenset(AlertStatus) - {AlertStatus.CANCELLED},
    Purpose.CODE: frozenset(AlertStatus) - {AlertStatus.CANCELLED},
}


def back_off(failures: int) -> timedelta:
    """1 s, 2 s, 4 s … capped at a minute, with a fifth of jitter so that lanes don't march in step."""
    wait = min(MOST_WAIT.total_seconds(), 2.0 ** max(0, failures - 1))
    return timedelta(seconds=wait * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, no secret


def visible(alert: Alert | None) -> object:
    """What of an alert a posted message shows: if this changed while it was sent, it must be brought up to date."""
    if alert is None:
        return None
    return (alert.status, alert.taken_by, alert.recipients, alert.due_at, alert.is_junk, alert.mails)


def patience(row: NotificationRow, failures: int) -> tuple[timedelta, timedelta]:
    """How long a notification is tried, and how long to wait now. Relayed mail is as patient as mail servers are."""
    if row.purpose == Purpose.RELAY:
        return relay.GIVE_UP_AFTER, relay.back_off(failures)
    if row.purpose == Purpose.MISSED:
        return LONGEST_OUTAGE, back_off(failures)
    return GIVE_UP_AFTER, back_off(failures)


def ended(row: NotificationRow, outcome: Outcome, detail: str, now: datetime) -> NotificationRow:
    """The row of a call or text message that is over; only its price may still be asked for."""
    follow_at = now + PRICE_AFTER if row.channel in PRICED and row.ref else None
    over = row._replace(state=NotificationState.ENDED, follow_at=follow_at, outcome=outcome, detail=detail, failures=0)
    return over._replace(send_at=None)


def priced(row: NotificationRow, cost: Mapping[str, str], now: datetime) -> NotificationRow:
    """The row of what is over, with what it cost as far as the provider says; asked again a few times."""
    failures = row.failures + 1
    is_known = "price" in cost or failures >= MOST_PRICE_ASKS
    follow_at = None if is_known else now + PRICE_AFTER * 2**failures
    return row._replace(ref={**row.ref, **cost}, follow_at=follow_at, failures=failures)


def is_wanted(row: NotificationRow, alert: Alert) -> bool:
    """Whether it should still leave: not if somebody took the alert meanwhile, asked for silence, or if it is a
    reminder to where mail does not get."""
    if row.purpose in _REMINDERS and row.channel == MAIL and alert.mail_fails(row.address):
        return False
    is_quiet = alert.snoozed_until is not None and row.purpose not in (Purpose.MAIL, Purpose.CODE, Purpose.ASKED)
    return alert.status in _LIVE[Purpose(row.purpose)] and not is_quiet


def is_page(row: NotificationRow) -> bool:
    """Whether an alert tells somebody by it, as its ladder or a person asks."""
    return row.purpose in _PAGES


def is_overtaken(row: NotificationRow, others: Collection[NotificationRow], now: datetime) -> bool:
    """Whether a page that missed its time in an outage has become one too many: its alert has told somebody since,
    otherwise than by a call that nobody took, or that may ring yet; or tells the same place again anyway. ``others``:
    all of its alert."""
    if row.outcome != MISSED:
        return False
    return any(_has_overtaken(one, row, now) for one in others if is_page(one) and _is_later(one, row))


def _is_later(one: NotificationRow, row: NotificationRow) -> bool:
    """Told by a later rung, or a later try of it: not beside this one."""
    times = ((each.purpose, each.step, each.loop, each.turn) for each in (one, row))
    return _number(one) > _number(row) and len(set(times)) > 1


def _number(row: NotificationRow) -> int:
    number = row.key.rpartition(".")[2]
    return int(number) if number.isdecimal() else -1


def _has_overtaken(one: NotificationRow, row: NotificationRow, now: datetime) -> bool:
    if one.state in _LEFT:
        return not _rings(one, now) and one.outcome not in _UNANSWERED
    return one.state in _WAITING and (one.channel, one.address) == (row.channel, row.address)


def _rings(one: NotificationRow, now: datetime) -> bool:
    is_call = one.channel == PHONE and one.state is NotificationState.SENT
    return is_call and one.sent_at is not None and now - one.sent_at < LONGEST_RING


def happened(
    row: NotificationRow, outcome: Outcome, at: datetime, detail: str = "", *, is_outage: bool = False
) -> DeliveryReported | ReceiptReported | None:
    """What the alert is told of an outcome: of the mail itself it is a receipt of the one it went to, and of a code or
    of what is about no alert nothing."""
    if row.purpose in (Purpose.CODE, Purpose.RELAY, Purpose.DUTY, Purpose.CHECK, Purpose.MISSED):
        return None
    if row.purpose == Purpose.MAIL:
        return ReceiptReported(row.target, _RECEIPTS[outcome], at, "smtp", detail=detail)
    is_refused = row.channel == MAIL and outcome is Outcome.REJECTED and not detail.startswith(relay.GIVEN_UP)
    return DeliveryReported(row.key, outcome, detail, is_outage, row.address if is_refused else "")


_PAGES = frozenset({Purpose.STEP, Purpose.ELSE, Purpose.LAST_RESORT, Purpose.ASKED})
_REMINDERS = _PAGES - {Purpose.LAST_RESORT}
_LEFT = frozenset({NotificationState.SENT, NotificationState.ENDED})
_WAITING = frozenset({NotificationState.PENDING, NotificationState.SENDING})
_UNANSWERED = frozenset({Outcome.BUSY, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.HUNG_UP} | UNREACHED)
_RECEIPTS = {
    Outcome.SENT: ReceiptKind.ACCEPTED,
    Outcome.STALLED: ReceiptKind.DELAYED,
    Outcome.REJECTED: ReceiptKind.FAILED,
}
