"""The read matrix of a mail that the team sent: recipients × delivered, opened, read. The unread come first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.language import N_, Words
from bot.wording.forwarded import looks_forwarded
from bot.wording.name import plain, recipient_name
from bot.wording.reason import failure_words
from bot.wording.receipt import receipt_word
from escalation.alert import Alert
from escalation.receipt import Evidence, ReceiptKind, Recipient
from escalation.roster import Roster

MOST_LINES = 40
"""More recipients than this are folded into counts, the unread named first."""
MOST_FACTS = 8
"""Recipients that a chat's message names one by one: with the other facts it stays within ten or so."""
MOST_GROUPS = 10

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


def matrix_facts(alert: Alert, words: Words, roster: Roster, now: datetime) -> Iterator[tuple[str, str]]:
    """The matrix in a chat: a line for each recipient, the unread first; of many, counts, and counts of each group."""
    if len(alert.recipients) <= MOST_FACTS:
        for line in matrix_of(alert, words, roster, now).lines:
            yield line.name, " · ".join(cell for cell in (line.delivered, line.opened, line.read) if cell != NOTHING)
        return
    for label, kind in ((N_("Delivered"), ReceiptKind.DELIVERED), (N_("Opened"), ReceiptKind.OPENED)):
        count = sum(one.has(kind) for one in alert.recipients)
        values = {"n": count, "all": len(alert.recipients)}
        yield words.gettext(label), words.gettext("%(n)d of %(all)d") % values if count else ""
    groups = list(_groups(alert, alert.recipients).items())
    form = words.gettext("%(group)s: %(n)d of %(all)d")
    listed = [form % {"group": group, "n": read, "all": count} for group, (read, count) in groups[:MOST_GROUPS]]
    yield words.gettext("Have read"), words.listed(listed) if len(groups) > 1 else ""


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
    if evidence.kind is ReceiptKind.FAILED:
        why = f"{said}: {failure_words(evidence.detail, evidence.via, words)}" if evidence.detail else said
        return words.gettext("%(said)s (no reminder goes there by mail)") % {"said": why}
    if looks_forwarded(evidence.detail, evidence.via):
        return words.gettext("%(said)s (perhaps forwarded)") % {"said": said}
    return said


def _folded(alert: Alert, rest: Sequence[Recipient], words: Words) -> list[str]:
    """ "partner.example: 12 of 40 have read"."""
    form = words.gettext("%(group)s: %(n)d of %(all)d more have read")
    groups = _groups(alert, rest).items()
    return [form % {"group": group, "n": read, "all": count} for group, (read, count) in groups]


def _groups(alert: Alert, those: Sequence[Recipient]) -> dict[str, tuple[int, int]]:
    """Of each group, how many have read, and how many there are; the largest first."""
    counts = Counter(_group(one) for one in those)
    read = Counter(_group(one) for one in those if alert.has_read(one))
    return {group: (read[group], count) for group, count in counts.most_common()}


def _group(one: Recipient) -> str:
    return one.address.rpartition("@")[2] or one.id
