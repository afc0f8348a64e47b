"""A letter as the bytes of a mail (RFC 5322), or the reason why it can be none. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from channels.message import Letter
from channels.smtp import header
from channels.smtp.address import Mailbox, mailbox, needs_utf8, spec
from channels.smtp.content import content

OWN = "X-Kidoku"
"""Intake knows Kidoku's own mail by a header that begins so, and opens no alert for it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """``sender`` and ``recipient`` are the envelope's. ``needs_utf8``: only a server with SMTPUTF8 can take it.
    ``is_relayed``: it is somebody else's, and goes without a wish for reports. ``is_8bit``: not all of it is ASCII."""

    sender: str
    recipient: str
    data: bytes
    needs_utf8: bool
    is_relayed: bool = False
    is_8bit: bool = False


def render(letter: Letter, address: str, language: str, at: datetime) -> Rendered:
    """The mail to ``address``, dated ``at`` (aware). The same arguments give the same bytes.

    It says nothing of Auto-Submitted: a human wrote it, and replies and receipts are wanted.
    Raises ValueError, which says what is wrong with an address or the Message-ID.
    """
    recipient = spec(address)
    if letter.raw:
        return _relayed(letter, recipient)
    lines = list(_header(letter, Mailbox(letter.to_name, recipient), language, at))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    sender = spec(letter.envelope_sender)
    is_international = needs_utf8(head) or needs_utf8(sender)
    return Rendered(sender, recipient, head.encode() + content(letter), is_international)


def _relayed(letter: Letter, recipient: str) -> Rendered:
    """Untouched, with the sender it was handed in with."""
    sender = spec(letter.envelope_sender) if letter.envelope_sender else ""
    is_international = letter.is_utf8 or needs_utf8(sender) or needs_utf8(recipient)
    return Rendered(sender, recipient, letter.raw, is_international, is_relayed=True, is_8bit=not letter.raw.isascii())


def _header(letter: Letter, to: Mailbox, language: str, at: datetime) -> Iterator[tuple[str, str]]:
    yield "Date", format_datetime(at)
    yield "From", header.mailboxes("From", mailbox(letter.sender))
    yield "To", header.mailboxes("To", to)
    if letter.reply_to:
        yield "Reply-To", header.mailboxes("Reply-To", mailbox(letter.reply_to))
    yield "Subject", header.subject(letter.subject)
    yield "Message-ID", header.message_id(letter.message_id)
    if header.is_message_id(letter.in_reply_to):
        yield "In-Reply-To", letter.in_reply_to
    if thread := header.references(letter.references):
        yield "References", thread
    if letter.receipt_to:
        yield "Disposition-Notification-To", header.mailboxes("Disposition-Notification-To", mailbox(letter.receipt_to))
    if letter.is_urgent:
        yield from (("Importance", "high"), ("X-Priority", "1"), ("Priority", "urgent"))
    if tag := header.language(language):
        yield "Content-Language", tag
    yield OWN, "mail"
