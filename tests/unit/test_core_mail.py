"""What an alert keeps of a mail."""

from escalation.mail import Mail, MailBrief
from tests.fakes.policies import AT

MAIL = Mail(
    message_id="1@example.com",
    account="noc",
    folder="INBOX",
    received_at=AT,
    subject="s" * 600,
    sender="nagios@example.com",
    sender_name="n" * 300,
    headers=(("x-priority", "1"), ("x-priority", "5")),
    text="the password is hunter2",
)


def test_a_header_is_found_in_any_case_and_the_first_one_counts() -> None:
    assert (MAIL.header("X-Priority"), MAIL.header("list-id")) == ("1", "")


def test_an_alert_keeps_little_of_its_mail() -> None:
    brief = MailBrief.of(MAIL)
    assert (len(brief.subject), len(brief.sender_name)) == (500, 200)
    assert "hunter2" not in repr(brief)
