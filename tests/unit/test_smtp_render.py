"""A letter as a mail: every field, in the form that the RFCs want."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest

from channels.message import Attachment
from channels.smtp.address import mailbox, spec
from channels.smtp.envelope import utf8_xtext, xtext
from channels.smtp.notifier import helo_of
from channels.smtp.render import render
from escalation.mail import Mail
from escalation.urgency import Unfit, unfit
from tests.fakes.smtp_desk import AT, LETTER


def rendered(language: str = "ja", **more: Any) -> bytes:
    return render(replace(LETTER, **more), "hanako@company.example", language, AT).data


def parsed(language: str = "ja", **more: Any) -> EmailMessage:
    mail = email.message_from_bytes(rendered(language, **more), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def test_the_header() -> None:
    mail = parsed(
        in_reply_to="<1@x.example>", references=("<0@x.example>", "<1@x.example>"), reply_to="当直 <duty@example.jp>"
    )
    assert {name: str(value) for name, value in mail.items() if not name.startswith("Content-T")} == {
        "Date": "Fri, 01 May 2026 03:00:00 +0000",
        "From": "監視センター <noc@example.jp>",
        "To": "田中 花子 <hanako@company.example>",
        "Reply-To": "当直 <duty@example.jp>",
        "Subject": "【緊急】基幹網の障害",
        "Message-ID": "<12.1.0-3@kidoku.example.jp>",
        "In-Reply-To": "<1@x.example>",
        "References": "<0@x.example> <1@x.example>",
        "Disposition-Notification-To": "receipts@example.jp",
        "Importance": "high",
        "X-Priority": "1",
        "Priority": "urgent",
        "Content-Language": "ja",
        "X-Kidoku": "mail",
        "MIME-Version": "1.0",
    }


def test_what_was_not_asked_for_is_not_there() -> None:
    mail = parsed(language="", receipt_to="", is_urgent=False)
    absent = ("Disposition-Notification-To", "Importance", "X-Priority", "Priority", "Content-Language", "Reply-To")
    for name in (*absent, "In-Reply-To", "References", "Auto-Submitted", "List-Unsubscribe", "Precedence", "Sender"):
        assert mail[name] is None, name


def test_intake_knows_it_for_kidokus_own() -> None:
    headers = tuple((name.lower(), str(value)) for name, value in parsed().items())
    mail = Mail(message_id="x", account="a", folder="INBOX", received_at=AT, sender="noc@example.jp", headers=headers)
    found = unfit(mail)
    assert found is not None and found.kind is Unfit.OWN


def test_the_same_letter_gives_the_same_bytes() -> None:
    more: dict[str, Any] = {"attachments": (Attachment("a.txt", "text/plain", b"x"),)}
    assert rendered(**more) == rendered(**more)
    boundaries = re.findall(rb'boundary="([^"]+)"', rendered(**more))
    assert len(set(boundaries)) == 2
    others = re.findall(rb'boundary="([^"]+)"', rendered(message_id="<other@x.example>", **more))
    assert not set(boundaries) & set(others)


def test_plain_text_alone() -> None:
    mail = parsed(html="")
    assert mail.get_content_type() == "text/plain" and mail.get_content_charset() == "utf-8"


@pytest.mark.parametrize(("html", "files", "expected"), [
    ("", 0, "text/plain"),
    ("<p>", 0, "multipart/alternative text/plain text/html"),
    ("", 1, "multipart/mixed text/plain application/pdf"),
    ("<p>", 2, "multipart/mixed multipart/alternative text/plain text/html application/pdf application/pdf"),
])  # fmt: skip
def test_the_parts(html: str, files: int, expected: str) -> None:
    mail = parsed(html=html, attachments=(Attachment("a.pdf", "application/pdf", b"x"),) * files)
    assert [part.get_content_type() for part in mail.walk()] == expected.split()
    assert [name for part in mail.walk() for name in part if name.lower() == "mime-version"] == ["MIME-Version"]


def test_an_english_text_stays_readable_and_a_japanese_one_short() -> None:
    english = parsed(html="", text="Disk full – call me.\n")
    assert english["Content-Transfer-Encoding"] == "quoted-printable"
    assert parsed(html="", text="至急ご確認ください。\n")["Content-Transfer-Encoding"] == "base64"
    assert english.get_content().splitlines() == ["Disk full – call me."]


@pytest.mark.parametrize(
    "text", ["x" * 5000, "あ" * 5000, "a\r\nb\rc\n", ".\n..\n", "From x\n", "a \t\n", "", "\x00\x1b"]
)
def test_every_text_is_seven_bits_in_short_lines(text: str) -> None:
    data = rendered(text=text, html=text)
    assert data.isascii() and b"\0" not in data
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert b"\r" not in data.replace(b"\r\n", b"") and b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize(("name", "expected"), [
    ("障害報告書 第一版.pdf", "障害報告書 第一版.pdf"),
    ("../../etc/passwd", "passwd"),
    ("C:\\報告\\a.pdf", "a.pdf"),
    ('say "hi".txt', "say _hi_.txt"),
    ("a\r\nX-Evil: 1.pdf", "a X-Evil_ 1.pdf"),
    ("exe.\u202efdp.scr", "exe.fdp.scr"),
    ("", "attachment"), ("...", "attachment"), ("/", "attachment"),
    ("あ" * 300 + ".pdf", "あ" * 116 + ".pdf"),
])  # fmt: skip
def test_file_names(name: str, expected: str) -> None:
    mail = parsed(attachments=(Attachment(name, "application/pdf", b"x"),))
    assert [part.get_filename() for part in mail.iter_attachments()] == [expected]


@pytest.mark.parametrize(("type", "expected"), [
    ("application/pdf", "application/pdf"), ("TEXT/CSV", "text/csv"), ("", "application/octet-stream"),
    ("message/rfc822", "application/octet-stream"), ("multipart/mixed", "application/octet-stream"),
    ("text/plain\r\nX: y", "application/octet-stream"), ('image/png"; x=', "application/octet-stream"),
])  # fmt: skip
def test_media_types(type: str, expected: str) -> None:
    (part,) = parsed(attachments=(Attachment("f", type, b"\x00\xff\r\n.\r\n"),)).iter_attachments()
    assert part.get_content_type() == expected
    assert part.get_payload(decode=True) == b"\x00\xff\r\n.\r\n"


@pytest.mark.parametrize("subject", [
    "Disk full", "【緊急】" + "基幹網の障害 " * 30, "=?utf-8?b?SGk=?=", "x" * 300, "a  b", "①㈱ ｶﾅ 🚨", "",
])  # fmt: skip
def test_subjects(subject: str) -> None:
    data = rendered(subject=subject)
    assert parsed(subject=subject)["Subject"] == subject.strip()
    assert max(map(len, data.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("name", [
    "Tanaka", "Tanaka, Hanako", 'Hanako "Hana" Tanaka', "back\\slash", "田中 花子", "a@b", "O'Neil (NOC)", ""
])  # fmt: skip
def test_names(name: str) -> None:
    mail = parsed(to_name=name)
    (address,) = mail["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "hanako@company.example")


@pytest.mark.parametrize("name", ["x" * 90, "とても長い名前の人" * 10])
def test_a_long_name_is_split_between_encoded_words(name: str) -> None:
    # The standard library's parser of addresses keeps the space between encoded words, against RFC 2047 section 6.2.
    raw = email.message_from_bytes(rendered(to_name=name))["To"]
    assert str(make_header(decode_header(raw))) == f"{name} <hanako@company.example>"
    assert all(len(line) <= 78 for line in raw.splitlines())


def test_a_long_thread_keeps_its_beginning_and_end() -> None:
    ids = tuple(f"<{number}@x.example>" for number in range(100))
    kept = parsed(references=(*ids, "no id", "<evil@x>\r\nX: y"))["References"].split()
    assert kept == [ids[0], *ids[-19:]]


@pytest.mark.parametrize(("more", "words"), [
    ({"message_id": "no-brackets@x"}, "no Message-ID"), ({"message_id": "<a@b>\r\nX: y"}, "no Message-ID"),
    ({"message_id": f"<{'x' * 300}@b>"}, "no Message-ID"), ({"message_id": ""}, "no Message-ID"),
    ({"sender": "nobody"}, "no mail address"), ({"sender": ""}, "no sender"),
    ({"envelope_sender": "x"}, "no mail address"), ({"receipt_to": "x y <z>"}, "no mail address"),
])  # fmt: skip
def test_what_can_not_be_sent_is_said(more: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rendered(**more)


@pytest.mark.parametrize("language", ["x" * 50, "ja\r\nX: y", "日本語", "e"])
def test_a_language_that_is_none_is_left_out(language: str) -> None:
    assert parsed(language=language)["Content-Language"] is None


# Addresses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [
    ("a@b.example", "a@b.example"), (" a@b.example ", "a@b.example"), ("a+b=c@b.example", "a+b=c@b.example"),
    ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'), ("a.@ezweb.ne.jp", '"a."@ezweb.ne.jp'),
    ('"a b"@x.example', '"a b"@x.example'), ("a@[192.0.2.1]", "a@[192.0.2.1]"), ("root@localhost", "root@localhost"),
    ("花子@例え.jp", "花子@xn--r8jz45g.jp"), ("a@例え.jp", "a@xn--r8jz45g.jp"), ("a@b.example.", "a@b.example"),
])  # fmt: skip
def test_an_address_is_written_as_smtp_wants_it(text: str, expected: str) -> None:
    assert spec(text) == expected
    assert spec(spec(text)) == expected


@pytest.mark.parametrize("text", [
    "", "a", "@", "a@", "@b", "a b@c.example", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a>@b.example", "<a@b.example>",
    "a@b.example\0", "a,b@c.example", "a@-b.example", "a@b..example", '"@b.example', "a" * 65 + "@b.example",
    "あ" * 22 + "@b.example", "a@" + "b." * 130 + "example", "a\u2028@b.example", "a@\u202eb.example",
])  # fmt: skip
def test_what_is_no_address_is_not_sent(text: str) -> None:
    with pytest.raises(ValueError, match="mail address"):
        spec(text)


def test_a_mailbox_has_a_name_and_an_address() -> None:
    assert (mailbox("監視 <noc@example.jp>").name, mailbox("noc@example.jp").name) == ("監視", "")


def test_xtext() -> None:
    assert xtext("a+b=c d~!") == "a+2Bb+3Dc+20d~!"
    assert utf8_xtext("あ+\\@x") == r"\x{3042}\x{2B}\x{5C}@x"


@pytest.mark.parametrize(("name", "helo"), [
    ("kidoku.example.jp", "kidoku.example.jp"), ("laptop", "[127.0.0.1]"), ("", "[127.0.0.1]"),
    ("a b.c", "[127.0.0.1]"),
])  # fmt: skip
def test_a_machine_without_a_name_gives_an_address(name: str, helo: str) -> None:
    assert helo_of(name) == helo


def test_the_date_is_the_moment_it_was_given() -> None:
    data = render(LETTER, "a@b.example", "", datetime(2026, 12, 31, 23, 59, tzinfo=UTC)).data
    assert b"Date: Thu, 31 Dec 2026 23:59:00 +0000\r\n" in data
