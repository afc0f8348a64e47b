"""What a mail says of another mail that was sent before."""

from dataclasses import dataclass
from enum import StrEnum


class MailKind(StrEnum):
    """What a mail in the receipts mailbox is; ``none`` says nothing of a mail that was sent."""

    DSN = "dsn"
    MDN = "mdn"
    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    FEEDBACK = "feedback"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reported:
    """What is said of one recipient; what is not said is an empty string.

    ``address`` is the Final-Recipient, ``original_address`` the address that the mail was sent to, where it differs.
    ``action`` is RFC 3464's: failed, delayed, delivered, relayed, expanded. ``status`` is an enhanced code (RFC 3463).
    ``disposition`` and ``mode`` are an MDN's disposition type and mode (RFC 8098): displayed, deleted …;
    ``manual-action/MDN-sent-manually`` and its like.
    """

    address: str
    original_address: str = ""
    action: str = ""
    status: str = ""
    disposition: str = ""
    mode: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a mail means. Message-IDs have no angle brackets; ``references`` are the thread, the nearest first.

    ``envelope_id`` is what was given as ENVID; ``delivered_to`` are the addresses that the mail itself came to, among
    them the bounce address; ``error`` names in words what could not be understood, else it is empty.
    ``subject`` is that of an answer whose headers name no machine: its words alone made the ``kind``, without knowing
    the subject that was sent (``channels.receipts.answering``). ``reported_by`` is the host that wrote a report: its
    Reporting-MTA (RFC 3464, 2.2.2), else its sender's domain. ``message_id`` is the mail's own. Nothing here has been
    checked against what was really sent: a stranger can write any of it.
    """

    kind: MailKind
    original_message_id: str = ""
    envelope_id: str = ""
    recipients: tuple[Reported, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    sender: str = ""
    error: str = ""
    subject: str = ""
    reported_by: str = ""
    message_id: str = ""
