"""What the mail systems of domains give, as far as it was learnt: by probes, and by the mail that was sent.

Probes are kept as records of their domains. What ordinary mails show is counted anew from what is kept of them: once a
mail is deleted, it counts no more.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.finding import Finding, Signal, findings
from bot.outgoing.probe import Result, decoded
from bot.store.part import chunks
from bot.store.record import DomainRecord
from bot.store.store import Tx
from escalation.command import Purpose
from escalation.receipt import ReceiptKind, Recipient


@dataclass(slots=True)
class Tally:
    """Of so many ``mails`` to a domain: how many were asked for each receipt, and how many gave it."""

    mails: int = 0
    asked: Counter[Signal] = field(default_factory=Counter)
    given: Counter[Signal] = field(default_factory=Counter)

    def add(self, found: Iterable[Finding]) -> None:
        self.mails += 1
        for one in found:
            self.asked[one.signal] += one.is_asked
            self.given[one.signal] += bool(one.given)


@dataclass(slots=True)
class Learnt:
    """Of one domain: the last probe, and its mails."""

    domain: str
    record: DomainRecord | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def result(self) -> Result | None:
        return decoded(self.record.data) if self.record else None


async def learnt(tx: Tx, *, has_page: bool) -> list[Learnt]:
    """Every domain of which anything is known, by name."""
    found = {one.domain: Learnt(one.domain, one) for one in await tx.domain_records()}
    for ids in chunks(await tx.sent_alerts()):
        for alert in (await tx.alerts(ids)).values():
            recipients = {one.address: one for one in alert.recipients}
            for row in await tx.notifications_of(alert.id):
                recipient = recipients.get(row.address)
                if row.purpose == Purpose.MAIL and row.sent_at is not None and recipient is not None:
                    given = findings(recipient, row.ref, has_page=has_page, is_own=True)
                    if _tells(recipient, given):
                        domain = row.address.rpartition("@")[2]
                        found.setdefault(domain, Learnt(domain)).tally.add(given)
    return sorted(found.values(), key=lambda one: one.domain)


def _tells(recipient: Recipient, given: Iterable[Finding]) -> bool:
    """Whether the mail says anything of the domain's system: one that failed on its way may never have come to it."""
    return not recipient.has(ReceiptKind.FAILED) or any(one.given for one in given)
