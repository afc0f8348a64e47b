"""What the secure view knows of a confidential mail, before the code and after it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.store.record import Enclosure, OutgoingMail


class Refusal(StrEnum):
    """Why something is not done."""

    NOWHERE = "nowhere"
    EXPIRED = "expired"
    TOO_MANY = "too_many"
    NO_CODE = "no_code"
    WRONG = "wrong"
    LOCKED = "locked"
    VIRUS = "virus"
    UNSCANNED = "unscanned"


@dataclass(frozen=True, slots=True)
class Cover:
    """What the page shows to whoever has the link. ``ways`` are the channels over which a code may be sent, the surest
    first; ``has_code``: one was sent that is still good."""

    sender: str
    recipient: str
    sent_at: datetime
    language: str
    zone: str
    ways: tuple[str, ...]
    expires_at: datetime | None = None
    is_expired: bool = False
    has_code: bool = False
    is_confirmed_at: datetime | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What the mail says to this recipient."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    files: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    """What of a confidential mail may be known without its code; it never changes."""

    sender: str
    expires_at: datetime | None = None

    @classmethod
    def of(cls, mail: OutgoingMail) -> "Sealed":
        return cls(mail.sender, mail.expires_at)

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now
