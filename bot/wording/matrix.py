"""The read matrix of a mail that the team sent: recipients × delivered, opened, read. The unread come first."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from bot.language import Words
from bot.wording.name import plain, recipient_name
from bot.wording.receipt import receipt_word
from escalation.alert import Alert
from escalation.receipt import Evidence, ReceiptKind, Recipient
from escalation.roster import Roster

MOST_LINES = 40
"""More recipients than this are folded into counts, the unread named first."""

_DELIVERY = (
    ReceiptKind.FAILED,
    ReceiptKind.JUNKED,
    ReceiptKind.DELIVERED,
    ReceiptKind.DELAYED,
    ReceiptKind.ACCEPTED,
)
"""What is said of the way, the most telling first."""
_OPENING = (ReceiptKind.OPENED, ReceiptKind.OPENED_BY_MACHINE)
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient, each cell in words."""

    name: str
    delivered: str
    opened: str
    read: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """``folded`` says how many of each group are left out of ``lines``, and how many of them have read."""

    lines: tuple[Line, ...]
    folded: tuple[str, ...] = ()


def matrix_of(alert: Alert, words: Words, roster: Roster, now: datetime, most: int = MOST_LINES) -> Matrix:
    """Those who have not read before those who have; in the order of the mail otherwise."""
    ordered = sorted(alert.recipients, key=alert.has_read)
    shown, rest = ordered[:most], ordered[most:]
    return Matrix(tuple(_line(alert, one, words, roster, now) for one in shown), tuple(_folded(alert, rest, words)))


def _line(alert: Alert, one: Recipient, words: Words, roster: Roster, now: datetime) -> Line:
    name = plain(one.name) or recipient_name(one, roster, words)
    return Line(
        name=name if one.id in roster.people or name == one.address else f"{name} <{one.address}>",
        delivered=_first(one, _DELIVERY, words, now),
        opened=_first(one, _OPENING, words, now),
        read=_said(alert.read_evidence(one), words, now) or words.gettext("not yet"),
    )


def _first(one: Recipient, kinds: tuple[ReceiptKind, ...], words: Words, now: datetime) -> str:
    standing = {item.kind: item for item in one.evidence if item.stands}
    found = next((standing[kind] for kind in kinds if kind in standing), None)
    return _said(found, words, now) or NOTHING


def _said(evidence: Evidence | None, words: Words, now: datetime) -> str:
    if evidence is None or evidence.at is None:
        return ""
    said = f"{words.moment(evidence.at, now)} {receipt_word(evidence.kind, words, evidence.via)}"
    return f"{said}: {plain(evidence.detail)}" if evidence.kind is ReceiptKind.FAILED and evidence.detail else said


def _folded(alert: Alert, rest: list[Recipient], words: Words) -> list[str]:
    """ "partner.example: 12 of 40 have read"."""
    groups = Counter(_group(one) for one in rest)
    read = Counter(_group(one) for one in rest if alert.has_read(one))
    return [
        words.gettext("%(group)s: %(n)d of %(all)d more have read") % {"group": group, "n": read[group], "all": count}
        for group, count in groups.most_common()
    ]


def _group(one: Recipient) -> str:
    return one.address.rpartition("@")[2] or one.id
