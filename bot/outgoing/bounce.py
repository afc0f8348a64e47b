"""The report to whoever handed in a mail that can't be delivered (RFC 3464 in RFC 6522): in their language for them, in
the fields of RFC 3464 for programs."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.base64mime import body_encode
from email.header import Header
from email.utils import format_datetime

from bot.language import Words
from bot.tame import cut
from bot.wording.reason import reason

MOST_HEADER = 20_000
"""Octets of the mail's own header that go back with the report."""
MOST_REASON = 500

_STATUS = re.compile(r"(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_CODE = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
_UNFIT = re.compile(r"[^ -~]+")


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient who did not get a mail. ``reason`` is why, with the server's words where it gave some."""

    recipient: str
    reason: str
    is_given_up: bool
    taken_at: datetime


def bounce(failure: Failure, data: bytes, words: Words, *, to: str, by: str, message_id: str, now: datetime) -> bytes:
    """The report as a mail to ``to``, whose ``words`` these are, from the address ``by``. ``data`` is the mail that
    failed."""
    subject = words.gettext("Undelivered mail returned to sender")
    boundary = f"=_{message_id.strip('<>').partition('@')[0]}"
    parts = [
        _text_part(_told(failure, words)),
        _part("message/delivery-status", _status(failure, by, now)),
        _part("text/rfc822-headers", _header_of(data)),
    ]
    head = [
        f"Date: {format_datetime(now)}",
        # What mail servers call themselves everywhere: people and filters know it.
        f"From: Mail Delivery System <{by}>",
        f"To: {to}",
        f"Subject: {_encoded(subject)}",
        f"Message-ID: {message_id}",
        "Auto-Submitted: auto-replied",
        "X-Kidoku: bounce",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="{boundary}"',
    ]
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    text = "\r\n".join(head) + f"\r\n\r\n{body}--{boundary}--\r\n"
    return text.encode("utf-8", "replace")


def _part(kind: str, text: str) -> str:
    return f"Content-Type: {kind}\r\n\r\n{text}"


def _text_part(text: str) -> str:
    """In ASCII where it is that; no line of base64 looks like the boundary, and every mail server lets it pass."""
    if text.isascii():
        return _part("text/plain; charset=us-ascii", text)
    head = "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
    return _part(head, body_encode(text.encode("utf-8", "replace"), eol="\r\n"))


def _encoded(text: str) -> str:
    """RFC 2047, where ASCII is not enough."""
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")


def _told(failure: Failure, words: Words) -> str:
    why = cut(reason(failure.reason, words), MOST_REASON)
    lines = [
        words.gettext("Your mail could not be delivered to this address:"),
        f"    {failure.recipient}",
        why,
        words.gettext("It is not tried again."),
    ]
    return "\r\n\r\n".join(lines) + "\r\n"


def _status(failure: Failure, by: str, now: datetime) -> str:
    """RFC 3464, 2.2 and 2.3; 4.4.7 is "delivery time expired" (RFC 3463)."""
    found = _STATUS.search(failure.reason)
    status = "4.4.7" if failure.is_given_up else found[0] if found else "5.0.0"
    kind = "rfc822" if failure.recipient.isascii() else "utf-8"
    lines = [
        f"Reporting-MTA: dns; {by.rpartition('@')[2]}",
        f"Arrival-Date: {format_datetime(failure.taken_at)}",
        "",
        f"Final-Recipient: {kind}; {failure.recipient}",
        "Action: failed",
        f"Status: {status}",
        f"Last-Attempt-Date: {format_datetime(now)}",
    ]
    if code := _CODE.search(failure.reason):
        lines.append(f"Diagnostic-Code: smtp; {_ascii(failure.reason[code.start() :])}")
    return "\r\n".join([*lines, ""])


def _ascii(text: str) -> str:
    return _UNFIT.sub("?", text)[:MOST_REASON]


def _header_of(data: bytes) -> str:
    """The mail's header as it stands, cut at the end of a line."""
    head = re.split(rb"\r\n\r\n", data[:MOST_HEADER], maxsplit=1)[0]
    whole = head if len(head) < MOST_HEADER else head.rpartition(b"\r\n")[0]
    # A line that looks like the boundary would end the part: no header's line begins so.
    kept = [line for line in whole.decode("utf-8", "replace").split("\r\n") if not line.startswith("--")]
    return "\r\n".join([*kept, ""])
