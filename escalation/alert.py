"""The alert: one urgent mail being watched, as a frozen value."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from escalation.decided import Notified
from escalation.mail import MailBrief
from escalation.policy import EscalationPolicy, Ladder
from escalation.receipt import Evidence, ReceiptKind, Recipient, is_read, read_evidence
from escalation.redial import Called


class AlertStatus(StrEnum):
    """``held`` waits for a second person, and nothing has left; ``triggered`` climbs; ``acknowledged`` has a human;
    ``exhausted`` ended without one."""

    HELD = "held"
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"

    @property
    def is_closed(self) -> bool:
        return self in (AlertStatus.RESOLVED, AlertStatus.CANCELLED)


class Alert(NamedTuple):
    """The fold of an alert's events. A named tuple, because most of a decision is making the next one.

    ``seq`` is the number of events folded. ``ladder`` is None before the first climb and after the ladder has ended.
    ``loop`` counts from 1; ``rung`` is the next one to fire, and equals
    the number of rungs while the loop waits for its end. ``due_at`` is when something must happen next: a rung, the
    end of a loop, of a snooze, of an acknowledgement; None only when closed or exhausted.
    ``current`` are the notifications of the newest rung that may still turn out to have reached nobody;
    ``is_else`` says that they are already the ``else`` of their step.
    ``newest`` is the (ladder, rung) that told them. ``ladder_until`` is when the window of the ladder ends. This loop
    began at ``began_at``. In it, ``tried`` are the (channel, address) of everybody told or
    missed, and ``places`` the next rung of each ladder that was left; both are kept only where there is more than one
    ladder. ``waits`` are the (ladder, rung, since when) of every step that has waited in it for its time.
    ``taken_by`` are the people who acknowledged or whose reading was enough (``is_taken_by_reading``);
    only receipts since ``read_since`` count.
    ``keys`` is how many notification keys this alert has given out. ``sent_by`` is who sent the mail, if the team did.
    ``approvers`` may let a held mail leave, and have been ``asked`` so many times, each for ``approve_within``.
    ``called_back`` is who asked in this climb to be called again, once for each time. ``called`` is what became of the
    calls of this loop, where a step asks (``redial.py``).
    ``is_exercise``: it is about no real mail, and must never look as if it were; in it nobody is told over the channels
    ``left_out``.
    """

    id: int
    mail: MailBrief
    policy: EscalationPolicy
    recipients: tuple[Recipient, ...]
    opened_at: datetime
    status: AlertStatus = AlertStatus.TRIGGERED
    severity: str = "critical"
    rule: str = ""
    is_junk: bool = False
    status_at: datetime | None = None
    taken_by: tuple[str, ...] = ()
    taken_via: str = ""
    is_taken_by_reading: bool = False
    read_since: datetime | None = None
    climb: int = 0
    ladder: int | None = None
    loop: int = 1
    rung: int = 0
    due_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str = ""
    current: tuple[Notified, ...] = ()
    is_else: bool = False
    keys: int = 0
    mails: int = 1
    seq: int = 0
    sent_by: str = ""
    deadline: datetime | None = None
    starts_at: datetime | None = None
    approvers: tuple[str, ...] = ()
    approve_within: timedelta | None = None
    asked: int = 0
    newest: tuple[int, int] | None = None
    ladder_until: datetime | None = None
    tried: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    waits: tuple[tuple[int, int, datetime], ...] = ()
    began_at: datetime | None = None
    called_back: tuple[str, ...] = ()
    is_exercise: bool = False
    left_out: tuple[str, ...] = ()
    called: tuple[Called, ...] = ()

    @property
    def out_at(self) -> datetime:
        """Since when it can be read: since it came or, of a mail that the team sends, since it left or will leave."""
        return max(self.opened_at, self.starts_at or self.opened_at)

    @property
    def wake_at(self) -> datetime | None:
        """When something must happen next: what is due, or before that the end of the ladder's window."""
        if self.status is not AlertStatus.TRIGGERED or self.ladder_until is None or self.due_at is None:
            return self.due_at
        return min(self.due_at, max(self.ladder_until, self.snoozed_until or self.ladder_until))

    def waits_since(self, rung: int) -> datetime | None:
        """Since when the step of this rung of the ladder waits for its time; None if it does not."""
        return next((since for ladder, one, since in self.waits if (ladder, one) == (self.ladder, rung)), None)

    @property
    def active_ladder(self) -> Ladder | None:
        return None if self.ladder is None else self.policy.ladders[self.ladder]

    @property
    def is_unapproved(self) -> bool:
        """Whether nothing of it may leave: a second person must let it, and none has by now, or did before it was
        closed. The climb begins with the approval."""
        return self.approve_within is not None and self.climb == 0

    @property
    def is_read(self) -> bool:
        """Whether enough recipients have read, as the policy demands."""
        return is_read(self.recipients, self.policy.counts, self.policy.read_by, self.read_since)

    def read_evidence(self, recipient: Recipient) -> Evidence | None:
        """The earliest receipt by which this recipient counts as having read."""
        return read_evidence(recipient, self.policy.counts, self.policy.read_by, self.read_since)

    def has_read(self, recipient: Recipient) -> bool:
        return self.read_evidence(recipient) is not None

    def is_failing(self, recipient: Recipient) -> bool:
        """Whether the mail that the team sent does not get to this recipient."""
        return bool(self.sent_by) and recipient.has(ReceiptKind.FAILED)

    def mail_fails(self, address: str) -> bool:
        """Whether a mail that the team sent does not get to this address of a recipient."""
        return any(one.address == address and self.is_failing(one) for one in self.recipients)

    def recipient(self, id: str) -> Recipient | None:
        return next((one for one in self.recipients if one.id == id), None)
