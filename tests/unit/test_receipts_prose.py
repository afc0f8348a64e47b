"""Returned mails that are written for people only: who, what, which code."""

import pytest

from channels.receipts import MailKind, understand
from tests.fakes.bounces import BOUNCES, Bounce


@pytest.mark.parametrize("bounce", BOUNCES, ids=[bounce.system for bounce in BOUNCES])
def test_the_recipients_and_their_fate(bounce: Bounce) -> None:
    found = understand(bounce.mail)
    assert (found.kind, found.error) == (MailKind.DSN, "")
    assert tuple((one.address, one.action, one.status) for one in found.recipients) == bounce.said


@pytest.mark.parametrize("bounce", BOUNCES, ids=[bounce.system for bounce in BOUNCES])
def test_the_original_is_found_where_its_head_came_back(bounce: Bounce) -> None:
    found = understand(bounce.mail)
    has_head = "{original}" in bounce.text or "page-42@" in bounce.text
    assert found.original_message_id == ("page-42@our.example" if has_head else "")


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("メールアドレスをご確認の上、再送信してください。", "failed"),
        ("しばらくしてから再試行してください。", "failed"),
        ("引き続き再送信します。", "delayed"),
        ("配信が遅延しています。再送を続けます。", "delayed"),
    ],
)
def test_a_wish_that_the_reader_sends_it_again_is_no_delay(words: str, action: str) -> None:
    head = (
        "From: MAILER-DAEMON@carrier.example\r\nSubject: Mail System Error\r\nContent-Type: text/plain; charset=utf-8"
    )
    text = f"{head}\r\n\r\n次の宛先に送信できませんでした。{words}\r\n\r\n<hanako@carrier.example>: 450 4.2.0\r\n"
    assert [(one.address, one.action) for one in understand(text.encode()).recipients] == [
        ("hanako@carrier.example", action)
    ]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Successful Mail Delivery Report", "Your message could not be delivered to"),
        ("Undeliverable: success", "Your message could not be successfully delivered to"),
        ("Mail Delivery Report", "Your message was successfully delivered to"),
    ],
)
def test_a_mail_has_arrived_only_where_subject_and_text_say_so(subject: str, words: str) -> None:
    text = (
        f"From: MAILER-DAEMON@carrier.example\r\nSubject: {subject}\r\n\r\n{words}\r\n\r\n<hanako@carrier.example>\r\n"
    )
    assert [(one.address, one.action) for one in understand(text.encode()).recipients] == [
        ("hanako@carrier.example", "failed")
    ]
