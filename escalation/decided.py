"""What ``decide`` made of what happened: the derived events, which stand in the alert's list beside the inputs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from escalation.event import Input
from escalation.fairness import Choice
from escalation.receipt import ReceiptKind


class ClimbReason(StrEnum):
    OPENED = "opened"
    ACK_TIMEOUT = "ack_timeout"
    MARKED_UNREAD = "marked_unread"
    MAIL_JOINED = "mail_joined"
    RECIPIENT_ADDED = "recipient_added"
    SNOOZE_ENDED = "snooze_ended"
    ASKED_FOR = "asked_for"


@dataclass(frozen=True, slots=True)
class ClimbStarted:
    """A climb begins; ``ladder`` is None when no window holds this instant. ``loop`` and ``rung`` are where: the
    foot of the ladder, but for an acknowledged alert that somebody escalates, which goes on from where it was.
    ``until`` is when the ladder's window ends, if that is known."""

    climb: int
    ladder: int | None
    due_at: datetime
    reason: ClimbReason
    loop: int = 1
    rung: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LadderChanged:
    """The window of the ladder ended, and ``ladder`` is climbed from here on: ``rung`` is next, due at ``due_at``.

    ``until`` is when its own window ends. ``is_gap``: no window holds, and the ladder goes on that was climbed.
    """

    ladder: int | None
    rung: int
    due_at: datetime | None
    until: datetime | None
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Notified:
    """One notification that a rung sent off. ``address`` is where, ``person`` whom (None for a room), ``stands_in_for``
    somebody on leave. ``choice`` is why they had the turn, where turns go by load."""

    key: str
    channel: str
    target: str
    address: str
    person: str | None = None
    stands_in_for: str | None = None
    choice: Choice | None = None


class SkipReason(StrEnum):
    HAS_READ = "has_read"
    NO_CONTACT = "no_contact"
    NOBODY_ON_CALL = "nobody_on_call"
    UNKNOWN_TARGET = "unknown_target"
    ALREADY_TOLD = "already_told"
    OUTSIDE = "outside"
    TOO_SOON = "too_soon"
    REMINDED_ENOUGH = "reminded_enough"
    NOT_NOW = "not_now"
    QUIET_HOURS = "quiet_hours"
    ON_LEAVE = "on_leave"
    NO_NEW_WAY = "no_new_way"
    MAIL_FAILED = "mail_failed"
    NO_REDIAL = "no_redial"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody or some target that a rung did not tell, and why. ``person`` may stand in for somebody on leave."""

    target: str
    reason: SkipReason
    person: str | None = None
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """Those who may approve the mail were told, and whoever sent it; at ``due_at`` they have had their time."""

    time: int
    due_at: datetime
    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class NotApproved:
    """Nobody approved the mail in time: it does not leave, and whoever sent it was told."""

    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...] = ()


class FireReason(StrEnum):
    """Why a rung fired at this instant."""

    DUE = "due"
    UNREACHABLE = "unreachable"
    ASKED_FOR = "asked_for"
    PASSED_ON = "passed_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class RungFired:
    """A rung told its targets. ``due_at`` is when it should have been; ``next_due_at`` when the next one is.

    ``is_else``: the step's ``else`` was used. ``loop`` counts from 1, ``rung`` and ``step`` from 0.
    """

    climb: int
    loop: int
    rung: int
    step: int
    attempt: int
    due_at: datetime
    next_due_at: datetime
    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...] = ()
    is_else: bool = False
    reason: FireReason = FireReason.DUE


@dataclass(frozen=True, slots=True)
class StepWaits:
    """A step is due and its condition does not hold: it waits, and is looked at again at ``until``."""

    loop: int
    rung: int
    step: int
    until: datetime


@dataclass(frozen=True, slots=True)
class CallBackPromised:
    """A person will be called again at ``due_at``."""

    by: str
    due_at: datetime
    notified: tuple[Notified, ...]


@dataclass(frozen=True, slots=True)
class TakenForward:
    """A recipient whom the mail can't reach was told at once over another channel, and the sender with them."""

    recipient: str
    kind: ReceiptKind
    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldBeside:
    """Those whom a person asked for were told, beside the ladder."""

    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class LoopEnded:
    """The last rung of a loop had its wait and nobody came; the next loop begins, its first rung at ``due_at``."""

    loop: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReadReached:
    """Enough recipients have read, as the policy demands: the alert is taken by its readers."""

    readers: tuple[str, ...]
    kind: ReceiptKind


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The ladder ended and nobody came: the last resort was told."""

    notified: tuple[Notified, ...]
    skipped: tuple[Skipped, ...] = ()


Derived = (
    ApprovalAsked
    | NotApproved
    | ClimbStarted
    | LadderChanged
    | StepWaits
    | RungFired
    | CallBackPromised
    | TakenForward
    | ToldBeside
    | LoopEnded
    | ReadReached
    | Exhausted
)

Event = Input | Derived
