"""What is handed in at the gateway, and to whom it goes."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Submitted:
    """One mail with its envelope. ``user`` is who logged in; ``sender`` is "" for the null reverse-path (RFC 5321,
    4.5.5). ``data`` is the mail without its dot-stuffing, every line ended by CRLF."""

    user: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes = field(repr=False)
    is_utf8: bool = False
    """It was handed in with SMTPUTF8 (RFC 6531): its headers may be UTF-8."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The mail is not taken. ``words`` begin with an enhanced status code (RFC 3463): "4.3.0 …"."""

    code: int
    words: str


class Receipts(Protocol):
    """Where the gateway hands over what comes back for a mail that was sent."""

    def is_awaited(self, address: str) -> bool:
        """Whether this is an address that receipts come back to; of those with a stamp, only a genuine one."""
        ...

    async def accept(self, recipients: tuple[str, ...], data: bytes) -> str | Refusal:
        """Read it; returns after the commit what the client is told, in ASCII. The same one twice changes nothing.
        Never raises for what stands in the mail."""
        ...


class Submissions(Protocol):
    """Where the gateway hands over mail."""

    async def accept(self, submitted: Submitted) -> str | Refusal:
        """Keep it durably; returns after the commit what the client is told, in ASCII. The same mail handed in twice
        goes once. Never raises for what stands in the mail."""
        ...
