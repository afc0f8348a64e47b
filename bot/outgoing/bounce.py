"""The report to whoever handed in a mail that can't be delivered (RFC 3464 in RFC 6522)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

MOST_HEADER = 20_000
"""Octets of the mail's own header that go back with the report."""

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


def bounce(failure: Failure, data: bytes, *, to: str, by: str, message_id: str, now: datetime) -> bytes:
    """The report as a mail to ``to``, from the address ``by``. ``data`` is the mail that failed."""
    boundary = f"=_{message_id.strip('<>').partition('@')[0]}"
    parts = [
        _part("text/plain; charset=us-ascii", _words(failure)),
        _part("message/delivery-status", _status(failure, by, now)),
        _part("text/rfc822-headers", _header_of(data)),
    ]
    head = [
        f"Date: {format_datetime(now)}",
        f"From: Mail Delivery System <{by}>",
        f"To: {to}",
        "Subject: Undelivered mail returned to sender",
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


def _words(failure: Failure) -> str:
    return (
        "Your mail could not be delivered to\r\n\r\n"
        f"    {failure.recipient}\r\n\r\n"
        f"{_ascii(failure.reason)}\r\n\r\n"
        "It is not tried again.\r\n"
    )


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
    return _UNFIT.sub("?", text)[:500]


def _header_of(data: bytes) -> str:
    """The mail's header as it stands, cut at the end of a line."""
    head = re.split(rb"\r\n\r\n", data[:MOST_HEADER], maxsplit=1)[0]
    whole = head if len(head) < MOST_HEADER else head.rpartition(b"\r\n")[0]
    # A line that looks like the boundary would end the part: no header's line begins so.
    kept = [line for line in whole.decode("utf-8", "replace").split("\r\n") if not line.startswith("--")]
    return "\r\n".join([*kept, ""])
