"""What happened to an alert. Inputs come from outside; the derived ones are what ``decide`` made of them.

Both are kept in the alert's event list, in order; folding the list with ``fold.apply`` gives the alert.
The instant of an event is kept beside it (``now`` of the decision); ``at`` in an event is the outside's own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.mail import MailBrief
from escalation.outcome import (
    UNREACHED as UNREACHED,
)
from escalation.outcome import (
    Outcome as Outcome,
)
from escalation.policy import EscalationPolicy
from escalation.receipt import ReceiptKind, Recipient

STALLED_AFTER = timedelta(seconds=60)
"""A notification that can't leave for so long is reported as stalled, and tried on: the next step comes forward."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An urgent mail came in, or is sent by the team. The first event of every alert.

    ``sent_by`` is who sends it, a person's id or an address; "" for a mail that came in. ``starts_at`` is when a mail
    that is held leaves, and its climb begins; ``deadline`` is by when it should have been read. With ``approve_within``
    nothing leaves before one of ``approvers``, other than the sender, has approved it.

    ``silence`` is the number of the silence that had swallowed the mail before, 0 if none had; ``opened_by`` the person
    who asked for the alert then.

    ``is_exercise``: there is no such mail; ``opened_by`` wants to see how the policy goes. Over the channels
    ``left_out`` nobody is told in it, though the climb goes on as if they were.
    """

    mail: MailBrief
    policy: EscalationPolicy
    recipients: tuple[Recipient, ...]
    severity: str = "critical"
    rule: str = ""
    is_junk: bool = False
    sent_by: str = ""
    starts_at: datetime | None = None
    deadline: datetime | None = None
    approvers: tuple[str, ...] = ()
    approve_within: timedelta | None = None
    silence: int = 0
    opened_by: str = ""
    is_exercise: bool = False
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecipientAdded:
    """The same Message-ID was seen in one more mailbox."""

    recipient: Recipient


@dataclass(frozen=True, slots=True)
class MailJoined:
    """A later mail of the same thread came."""

    mail: MailBrief


@dataclass(frozen=True, slots=True)
class ReceiptReported:
    """Evidence about one recipient. ``via`` is its source, ``by`` the person if known, ``detail`` what the source
    said: a mail server's words, why an opening counts as a machine's."""

    recipient: str
    kind: ReceiptKind
    at: datetime
    via: str = ""
    by: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptWithdrawn:
    """Evidence taken back: marked unread again, moved out of Junk."""

    recipient: str
    kind: ReceiptKind
    at: datetime
    via: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A person took the alert. ``by`` is a person's id; ``via`` the channel."""

    by: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A person was reached and can't take it: the next step comes forward."""

    by: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class CallBackAsked:
    """A person who was called asks to be called again at ``at``, at the same address. Nothing else is put off."""

    by: str
    channel: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EscalatedNow:
    """A person asked for the next step at once; for one ``step`` (from 0) of the ladder, or that a person, ``to``, be
    told."""

    by: str
    via: str = ""
    to: str = ""
    step: int | None = None


@dataclass(frozen=True, slots=True)
class RemindedNow:
    """A person asked that whoever has not read be told again at once."""

    by: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A person wrote something down for those who work on the alert."""

    by: str
    text: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class SenderCalled:
    """Whoever took the alert is being connected with the sender, ``to`` (a person's id, or a name of the settings): the
    call was begun (``SENT``), or has ended so. ``seconds`` is how long it was. Whoever answers there answers for
    nothing."""

    by: str
    to: str
    outcome: Outcome = Outcome.SENT
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A person asked for quiet until an instant; then the climb goes on where it was."""

    by: str
    until: datetime
    via: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The incident is over. ``by`` is None when time did it."""

    by: str | None
    via: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """A second person lets a mail leave. ``by`` is their id."""

    by: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The alert should not have been one."""

    by: str | None
    via: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The due time of the alert came; what that means stands in the alert."""


@dataclass(frozen=True, slots=True)
class ClockSetBack:
    """The clock of the machine was set back by so much: what counts a wait keeps its length (``set_back.py``)."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class DeliveryReported:
    """What became of one notification; ``detail`` is the provider's word, without secrets. ``is_outage``: its channel
    is out of order, and the administrators hear of that. ``address``: where the mail server refused a mail for good."""

    key: str
    outcome: Outcome
    detail: str = ""
    is_outage: bool = False
    address: str = ""


Input = (
    Opened
    | RecipientAdded
    | MailJoined
    | ReceiptReported
    | ReceiptWithdrawn
    | Acknowledged
    | PassedOn
    | CallBackAsked
    | EscalatedNow
    | RemindedNow
    | Noted
    | SenderCalled
    | Snoozed
    | Resolved
    | Approved
    | Cancelled
    | TimerFired
    | ClockSetBack
    | DeliveryReported
)
