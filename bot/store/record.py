"""What goes into the store and comes out of it, besides the core's own values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from channels.imap.mailbox import UnsavedError
from escalation.alert import Alert
from escalation.decided import Event
from escalation.mail import MailBrief


class NotificationState(StrEnum):
    """``sending`` is committed before the provider is called: found again, it is a try whose outcome was lost."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    ENDED = "ended"
    REJECTED = "rejected"
    DROPPED = "dropped"


LEFT_OUT = "left_out"
"""The outcome of what an exercise does not send, as whoever began it wishes."""

MISSED = "missed"
"""The outcome so far of a page that could not leave in an outage of its channel: its room is told later that it missed
it. If it leaves after all, it has the outcome of any other."""


class NotificationRow(NamedTuple):
    """One notification: a row of the outbox while one of ``send_at``, ``update_at``, ``follow_at`` is set.

    ``due_at`` is when it should have left. ``claimed_at`` is when the first try without an outcome began: what a
    provider is asked from. ``digits``: the two digits of a call. ``text``: the JSON of an alarm, empty for an alert's.
    ``turn``: how often its step was tried before.
    """

    key: str
    alert_id: int | None
    channel: str
    address: str
    due_at: datetime
    created_at: datetime
    target: str = ""
    person: str | None = None
    purpose: str = "step"
    step: int = 0
    loop: int = 1
    priority: int = 0
    state: NotificationState = NotificationState.PENDING
    send_at: datetime | None = None
    update_at: datetime | None = None
    follow_at: datetime | None = None
    attempts: int = 0
    failures: int = 0
    claimed_at: datetime | None = None
    is_stalled: bool = False
    ref: Mapping[str, str] = MappingProxyType({})
    outcome: str = ""
    detail: str = ""
    digits: str = ""
    text: str = ""
    sent_at: datetime | None = None
    turn: int = 0

    @property
    def next_at(self) -> datetime | None:
        """When a lane has something to do with it. What has not left is brought up to date by leaving: a wish for an
        update must not cut short the wait that a provider asked for."""
        if self.send_at is not None:
            return self.send_at
        return min((at for at in (self.update_at, self.follow_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """An alert after its decision, how long its list was before, and what is appended."""

    alert: Alert
    seq_before: int
    events: tuple[tuple[Event, datetime], ...]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One entry of an alert's list."""

    alert_id: int
    seq: int
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MailCopy:
    """A watched mail in one folder: whose receipt its flags are. Of one that was swallowed, ``alert_id`` is 0 and
    ``silence_id`` the silence that did it."""

    account: str
    folder: str
    uid: int
    message_id: str
    alert_id: int
    recipient_id: str
    is_seen: bool = False
    is_answered: bool = False
    silence_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swallowed:
    """A mail that a silence kept quiet: what its alert would have been, and what became of it. ``at`` is when;
    ``is_read``: it is known to have been read since; ``alert_id`` is the alert that opened for it later, if one did."""

    silence_id: int
    mail: MailBrief
    rule: str
    policy: str
    severity: str
    at: datetime
    is_junk: bool = False
    is_read: bool = False
    alert_id: int | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has read it, and no alert sees to that."""
        return not self.is_read and self.alert_id is None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a mail. ``type`` is its media type."""

    name: str
    type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """What a mail that the team sends says; each recipient gets one of their own. ``sender`` is a From mailbox.

    ``fields`` are filled into subject and text where they say ``${name}``, by the recipient's address.
    ``is_confidential``: the mail carries a link alone. At ``expires_at`` its content is deleted. ``is_probe``: it is a
    test, and not urgent.
    """

    sender: str
    subject: str
    text: str = field(repr=False)
    html: str = field(default="", repr=False)
    reply_to: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    is_confidential: bool = False
    expires_at: datetime | None = None
    is_probe: bool = False

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A one-time code of the mail with this key. What it is follows from ``nonce`` (``Tokens.code``). ``asker`` and
    ``viewer`` are the clients that asked for it and that used it."""

    mail_key: str
    number: int
    alert_id: int
    nonce: str = field(repr=False)
    made_at: datetime
    asker: str = ""
    tries: int = 0
    used_at: datetime | None = None
    viewer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayedMail:
    """A mail that goes on as it was handed in, until it has left to everybody. ``id`` has 17 characters, and the keys
    of its notifications begin with it. ``sender`` is the envelope's, "" for the null reverse-path."""

    id: str
    user: str
    sender: str
    taken_at: datetime
    data: bytes = field(repr=False)
    is_utf8: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What is recorded of an address, or of a whole domain ("@team.example"). ``given_by`` recorded, on which
    ``ground``, that pictures were agreed to. Whoever has declined wants no pictures, and with
    ``has_declined_receipts`` is not asked for read receipts either; ``declined_by`` is who recorded that."""

    subject: str
    given_at: datetime | None = None
    given_by: str = ""
    ground: str = ""
    declined_at: datetime | None = None
    declined_by: str = ""
    has_declined_receipts: bool = False


class ProbeRow(NamedTuple):
    """A test of what the mail system of an address gives: its mail's alert, and until when receipts are waited for.
    ``has_empty_mdn``: a read receipt came that proves nothing: it was denied, or no person had a hand in it."""

    alert_id: int
    address: str
    until: datetime
    finished_at: datetime | None = None
    has_empty_mdn: bool = False


class DomainRecord(NamedTuple):
    """What the last probe of a domain's mail system gave; ``data`` is the JSON of its findings."""

    domain: str
    probed_at: datetime
    data: str


class AuditOutcome(StrEnum):
    """What became of a command. ``denied``: their role does not allow it. ``stranger``: nobody of the settings.
    ``mistaken``: it could not be understood, or not be done as it was asked."""

    DONE = "done"
    NOTHING = "nothing"
    DENIED = "denied"
    STRANGER = "stranger"
    MISTAKEN = "mistaken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One command: ``who`` is a person's id, or "slack:U…" of a stranger; ``argument`` is shortened."""

    at: datetime
    who: str
    via: str
    verb: str
    outcome: AuditOutcome
    alert_id: int | None = None
    argument: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogRow:
    """A dialog that somebody has before them. ``alert_id`` is what it is about, 0 if about none or not said yet;
    ``answers`` by the names of its fields; ``rooms`` is where it was opened, as the provider calls the place. Once done
    it is remembered without the answers: it is not done again."""

    key: str
    person: str
    verb: str
    made_at: datetime
    alert_id: int = 0
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    rooms: tuple[str, ...] = ()
    done_at: datetime | None = None


class ConflictError(Exception):
    """Another writer appended to one of these alerts, or gave one of these turns, first: read again, decide again."""


class StoreError(UnsavedError):
    """The database can't be used; ``why`` says which, why, and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
