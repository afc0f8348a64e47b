"""Receipts: the evidence that a recipient has read, how strong each is, and the verdict.

The rules:

1. A receipt is a fact with an instant. For each recipient and kind only the latest instant matters, of ``delivered``
   the first (a reminder arrives later), so receipts may arrive in any order and any number of times: one verdict.
2. A withdrawal (marked unread again) takes back its own kind, if it is later than the receipt.
3. A recipient has read when one kind that the policy counts stands.
4. ``seen_shared`` says that somebody of a team has read. It counts for ``any``, and never for more.
5. ``acknowledged`` always counts: a person pressed or said so.
6. After a later mail of the thread, or a climb that began again, only receipts since then count.
7. ``failed`` says that mail does not get to the address, until a later receipt shows that it does: that takes it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil


class ReceiptKind(StrEnum):
    """The rows of the table of receipts (DESIGN.md, section 4), weakest first within their family."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    FAILED = "failed"
    JUNKED = "junked"
    OPENED_BY_MACHINE = "opened_by_machine"
    OPENED = "opened"
    DELETED_UNREAD = "deleted_unread"
    DISPLAYED = "displayed"
    SEEN = "seen"
    SEEN_SHARED = "seen_shared"
    REPLIED = "replied"
    CONFIRMED = "confirmed"
    ACKNOWLEDGED = "acknowledged"


NEVER_READ = frozenset(
    {
        ReceiptKind.ACCEPTED,
        ReceiptKind.DELIVERED,
        ReceiptKind.DELAYED,
        ReceiptKind.FAILED,
        ReceiptKind.JUNKED,
        ReceiptKind.OPENED_BY_MACHINE,
        ReceiptKind.DELETED_UNREAD,
    }
)
"""Kinds that no policy may count as read."""

ARRIVED = frozenset(
    {
        ReceiptKind.DELIVERED,
        ReceiptKind.OPENED,
        ReceiptKind.DISPLAYED,
        ReceiptKind.SEEN,
        ReceiptKind.SEEN_SHARED,
        ReceiptKind.REPLIED,
        ReceiptKind.CONFIRMED,
    }
)
"""Kinds that show that mail gets to the address. A machine may open what is refused after it; a mail that is deleted
unread may have been rejected (Sieve)."""

READ_BY_DEFAULT = frozenset(
    {
        ReceiptKind.DISPLAYED,
        ReceiptKind.SEEN,
        ReceiptKind.SEEN_SHARED,
        ReceiptKind.REPLIED,
        ReceiptKind.CONFIRMED,
        ReceiptKind.ACKNOWLEDGED,
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The latest receipt (rule 1) and the latest withdrawal of one kind."""

    kind: ReceiptKind
    at: datetime | None = None
    withdrawn_at: datetime | None = None
    via: str = ""
    by: str | None = None
    detail: str = ""

    @property
    def stands(self) -> bool:
        return self.at is not None and (self.withdrawn_at is None or self.at >= self.withdrawn_at)

    def stands_since(self, since: datetime | None) -> bool:
        return self.stands and (since is None or (self.at is not None and self.at >= since))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who should read the mail: a person, a team (shared mailbox), or a bare address.

    ``id`` is the person's or team's id in the settings, or the address itself. ``address`` is where a mail that the
    team sends goes to, ``name`` how it calls them. ``reminders`` counts the reminders by mail.
    """

    id: str
    is_team: bool = False
    address: str = ""
    evidence: tuple[Evidence, ...] = ()
    name: str = ""
    reminders: int = 0
    reminded_at: datetime | None = None

    def has(self, kind: ReceiptKind) -> bool:
        return any(item.kind is kind and item.stands for item in self.evidence)

    def read_evidence(self, counts: frozenset[ReceiptKind], since: datetime | None = None) -> Evidence | None:
        """The earliest standing receipt of a kind that counts (rules 3, 5 and 6)."""
        wanted = (counts | {ReceiptKind.ACKNOWLEDGED}) - NEVER_READ
        standing = [item for item in self.evidence if item.kind in wanted and item.stands_since(since)]
        return min(standing, key=lambda item: (item.at, item.kind), default=None)


@dataclass(frozen=True, slots=True)
class ReadBy:
    """How many recipients must have read: exactly one of the three is set; ``any`` is ``count=1``."""

    count: int | None = None
    percent: int | None = None
    everybody: bool = False

    def needed(self, recipients: int) -> int:
        """How many of so many recipients; at least 1, so that nobody reading is never enough."""
        if self.everybody:
            return max(1, recipients)
        if self.percent is not None:
            return max(1, ceil(self.percent * recipients / 100))
        return max(1, min(self.count or 1, recipients))

    @property
    def is_any(self) -> bool:
        return self.count == 1


ANY = ReadBy(count=1)
ALL = ReadBy(everybody=True)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None or (other is not None and other > one) else one


def with_receipt(
    recipient: Recipient, kind: ReceiptKind, at: datetime, *, via: str = "", by: str | None = None, detail: str = ""
) -> Recipient:
    """The recipient with one more receipt (rules 1 and 7); the same object if nothing is new."""
    known = _with(recipient, Evidence(kind, at=at, via=via, by=by, detail=detail))
    return with_withdrawal(known, ReceiptKind.FAILED, at) if kind in ARRIVED else known


def with_withdrawal(recipient: Recipient, kind: ReceiptKind, at: datetime) -> Recipient:
    """The recipient with a receipt taken back (rule 2); the same object if nothing is new."""
    return _with(recipient, Evidence(kind, withdrawn_at=at))


def _with(recipient: Recipient, new: Evidence) -> Recipient:
    old = next((item for item in recipient.evidence if item.kind is new.kind), None)
    merged = new if old is None else _merge(old, new)
    if merged == old:
        return recipient
    others = [item for item in recipient.evidence if item.kind is not new.kind]
    return replace(recipient, evidence=tuple(sorted([*others, merged], key=lambda item: item.kind)))


def _rank(item: Evidence) -> tuple[bool, datetime, str, str, str]:
    return (item.at is not None, item.at or _NEVER, item.via, item.by or "", item.detail)


def _merge(old: Evidence, new: Evidence) -> Evidence:
    is_first_wanted = old.kind is ReceiptKind.DELIVERED and old.at is not None and new.at is not None
    best = (min if is_first_wanted else max)(old, new, key=_rank)
    return replace(best, withdrawn_at=_later(old.withdrawn_at, new.withdrawn_at))


def read_evidence(
    recipient: Recipient, counts: frozenset[ReceiptKind], read_by: ReadBy, since: datetime | None = None
) -> Evidence | None:
    """By what this recipient counts as having read, under this policy (rules 3, 4 and 6); None if they don't."""
    kinds = counts if read_by.is_any else counts - {ReceiptKind.SEEN_SHARED}
    return recipient.read_evidence(kinds, since)


def is_read(
    recipients: Iterable[Recipient],
    counts: frozenset[ReceiptKind],
    read_by: ReadBy,
    since: datetime | None = None,
) -> bool:
    """The verdict over all recipients: has the mail been read as the policy demands?"""
    everyone = list(recipients)
    needed = read_by.needed(len(everyone))
    may_miss = len(everyone) - needed
    for one in everyone:
        if read_evidence(one, counts, read_by, since) is None:
            may_miss -= 1
        else:
            needed -= 1
        if needed == 0 or may_miss < 0:
            return needed == 0
    return False
