"""One way of telling: whom, over which channel."""

from dataclasses import dataclass
from enum import StrEnum

MAIL = "mail"
"""The channel that sends mail: it reaches a recipient by the address that the mail went to, known person or not."""
PHONE = "phone"
"""The channel that calls."""
SMS = "sms"
"""The channel that sends text messages."""
WHATSAPP = "whatsapp"
"""The channel that sends messages by WhatsApp; they are answered as text messages are."""
CONSOLE = "console"
"""The bot's own terminal: everybody has it, and nobody may be looking."""


class TargetKind(StrEnum):
    PERSON = "person"
    TEAM = "team"
    ROUND_ROBIN = "roundrobin"
    ONCALL = "oncall"
    UNREAD = "unread"
    SENDER = "sender"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step names: written ``alice``, ``team:noc``, ``roundrobin:noc``, ``oncall:noc``, ``oncall:noc/backup``,
    ``unread``, ``sender`` or ``#ops``."""

    kind: TargetKind
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read a target from its written form; any text that is no other kind names a person."""
        if text in ("unread", "sender"):
            return cls(TargetKind(text))
        if text.startswith("#"):
            return cls(TargetKind.ROOM, text)
        prefix, colon, name = text.partition(":")
        if colon and prefix in ("team", "roundrobin", "oncall"):
            return cls(TargetKind(prefix), name)
        return cls(TargetKind.PERSON, text)

    def __str__(self) -> str:
        match self.kind:
            case TargetKind.UNREAD | TargetKind.SENDER:
                return self.kind
            case TargetKind.TEAM | TargetKind.ROUND_ROBIN | TargetKind.ONCALL:
                return f"{self.kind}:{self.name}"
            case _:
                return self.name


@dataclass(frozen=True, slots=True)
class Action:
    """One way of telling: these targets, over this channel. ``address`` of each is found when it fires."""

    channel: str
    targets: tuple[Target, ...]
