"""What to do, as data: the engine turns each into outbox rows in the transaction that saves the decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Purpose(StrEnum):
    """Why somebody is told. ``mail``: this is the mail itself; ``sender``: whoever sent it hears what became of it.
    ``approval``: whoever may let it leave. ``asked``: a person asked that this one be told now. ``code``: a one-time
    code that its recipient has just asked for. ``relay``: somebody else's mail, of no alert. ``duty``: around a shift,
    of no alert either. ``check``: to see whether this contact reaches its person. ``called_in``: they rang us, and
    heard it. ``missed``: what a room missed while its channel was out of order. ``connected``: the call to the sender
    with whom somebody was connected; it tells of nothing."""

    STEP = "step"
    ELSE = "else"
    LAST_RESORT = "last_resort"
    ALARM = "alarm"
    MAIL = "mail"
    SENDER = "sender"
    APPROVAL = "approval"
    ASKED = "asked"
    CODE = "code"
    RELAY = "relay"
    DUTY = "duty"
    CHECK = "check"
    CALLED_IN = "called_in"
    MISSED = "missed"
    CONNECTED = "connected"


IN_OWN_WORDS = frozenset(
    {
        Purpose.SENDER,
        Purpose.APPROVAL,
        Purpose.CODE,
        Purpose.ALARM,
        Purpose.DUTY,
        Purpose.CHECK,
        Purpose.MISSED,
    }
)
"""What Kidoku tells in its own words, also to somebody to whom a mail goes: never the mail itself."""


class Notify(NamedTuple):
    """Tell one address over one channel. ``key`` is deterministic: the same decision gives the same key.

    ``due_at`` is when it should have been told: what lateness is measured from. ``turn`` counts how often its step was
    tried before.
    """

    key: str
    due_at: datetime
    channel: str
    address: str
    target: str
    person: str | None
    purpose: Purpose
    step: int = 0
    loop: int = 1
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Drop every notification of this alert that has not left yet, and end calls that still ring.

    ``is_recall``: the mail itself, too. Otherwise whoever has not got it yet still does.
    """

    is_recall: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """Bring what was already posted up to date."""


class AlarmKind(StrEnum):
    """Why the administrators must know (promise 4: silence is never final)."""

    EXHAUSTED = "exhausted"
    NOBODY_REACHED = "nobody_reached"
    NOBODY_NEXT = "nobody_next"
    NO_LADDER = "no_ladder"
    NO_CONTACT = "no_contact"
    NOBODY_ON_CALL = "nobody_on_call"
    PARKED = "parked"
    CHANNEL_DOWN = "channel_down"
    MAILBOX_DOWN = "mailbox_down"
    CLOCK_JUMPED = "clock_jumped"
    NOT_APPROVED = "not_approved"
    CONTACT_STOPPED = "contact_stopped"
    WRONG_PINS = "wrong_pins"
    ACCOUNT_DOWN = "account_down"
    ACCOUNT_BACK = "account_back"
    SENDER_DOWN = "sender_down"
    SENDER_BACK = "sender_back"
    HOLIDAYS_END = "holidays_end"
    CALENDAR_FAILED = "calendar_failed"
    CALENDAR_UNCLEAR = "calendar_unclear"
    CALENDAR_BACK = "calendar_back"
    STORE_FAILED = "store_failed"
    RECOVERED = "recovered"
    OUTAGE = "outage"
    ANSWERS_LOST = "answers_lost"
    ANSWERS_BACK = "answers_back"


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Tell the administrators, by a path that still works. ``detail`` names the step, target or channel."""

    kind: AlarmKind
    detail: str = ""


Command = Notify | Withdraw | Refresh | RaiseAlarm
