"""A mail as the routing rules see it, and the little of it that an alert keeps."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One arrived mail, decoded; no text holds control characters other than a line feed in ``text``.

    ``message_id`` has no angle brackets; a mail without one gets ``<digest>@kidoku.invalid``, made from its
    bytes, so that the same mail in two mailboxes still has one identity. Addresses are lower-case.
    ``headers`` are (lower-case name, decoded value) in the order of the mail, capped in number and length.
    ``defects`` say in words what could not be read; a mail with defects is still matched by the rules.
    """

    message_id: str
    account: str
    folder: str
    received_at: datetime
    subject: str = ""
    sender: str = ""
    sender_name: str = ""
    to: tuple[str, ...] = ()
    sent_at: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    references: tuple[str, ...] = ()
    list_id: str = ""
    flags: frozenset[str] = frozenset()
    text: str = ""
    is_junk: bool = False
    defects: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first value of a header (any case), or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailBrief:
    """What an alert keeps of its mail: enough to recognise it, never its text."""

    message_id: str
    subject: str
    sender: str
    sender_name: str
    received_at: datetime

    @classmethod
    def of(cls, mail: Mail) -> "MailBrief":
        return cls(
            message_id=mail.message_id,
            subject=mail.subject[:500],
            sender=mail.sender,
            sender_name=mail.sender_name[:200],
            received_at=mail.received_at,
        )
