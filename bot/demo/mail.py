"""The mails of the demo."""

import smtplib
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid

from bot.demo.mail_server import LOOPBACK


def mail_of(subject: str, to: str, sender_name: str = "Carrier NOC") -> bytes:
    """An urgent mail as a carrier would write it."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = formataddr((sender_name, "noc@carrier.example"), "utf-8")
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain="carrier.example")
    message.set_content(f"{subject}\n")
    return bytes(message)


def send(port: int, subject: str, to: str) -> None:
    """Send a mail through the demo's SMTP door. Raises OSError or SMTPException."""
    with smtplib.SMTP(LOOPBACK, port, timeout=10) as client:
        client.sendmail("noc@carrier.example", [f"{to}@team.example"], mail_of(subject, f"{to}@team.example"))
