"""Headers as they are really written."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.imap.head import MOST_FIELD, MOST_HEAD, MOST_HEADER_BYTES, MOST_LINES, looked_at
from channels.imap.parse import parse_file, parse_mail
from channels.imap.structure import text_part
from escalation.mail import Mail

AT = datetime(2026, 5, 3, 2, tzinfo=UTC)


def parse(raw: bytes, at: datetime = AT) -> Mail:
    return parse_mail(raw, "", account="alice", folder="INBOX", received_at=at)


def test_a_whole_header() -> None:
    mail = parse(
        b'From: =?utf-8?B?5bGx55Sw?= <NOC@Carrier.Example>\r\nTo: "Doe, J" <j@x.example>, b@x.example\r\n'
        b"Cc: C@x.example\r\nSubject: a\r\n folded  subject\r\nMessage-ID: <id@x>\r\nIn-Reply-To: <p@x>\r\n"
        b"References: <r@x> <p@x>\r\nDate: Sun, 3 May 2026 02:00:00 +0900\r\nList-Id: <ops.list>\r\n"
    )
    assert (mail.sender_name, mail.sender) == ("山田", "noc@carrier.example")
    assert mail.to == ("j@x.example", "b@x.example", "c@x.example")
    assert mail.subject == "a folded subject"
    assert mail.message_id == "id@x"
    assert mail.references == ("p@x", "r@x")
    assert mail.sent_at == datetime(2026, 5, 2, 17, tzinfo=UTC)
    assert mail.list_id == "<ops.list>"
    assert mail.header("SUBJECT") == "a folded subject"
    assert mail.defects == ()


def test_without_a_message_id_the_same_mail_in_two_mailboxes_is_one() -> None:
    head = b"From: a@x.example\r\nSubject: s\r\nDate: Sun, 3 May 2026 02:00:00 +0900\r\n"
    first = parse(b"Received: by one\r\n" + head)
    second = parse(b"Received: by two\r\n" + head, AT + timedelta(seconds=2))
    assert first.message_id == second.message_id
    assert "there is no Message-ID" in first.defects


def test_a_machine_that_always_says_the_same_is_heard_each_time() -> None:
    head = b"From: a@x.example\r\nSubject: disk full\r\n"
    assert parse(head).message_id != parse(head, AT + timedelta(minutes=5)).message_id


_NOISE = {
    "one field": b"X-Long: " + b"a" * 2_000_000 + b"\r\n",
    "folded": b"X-Long:" + b" aaaaaaaa\r\n" * 200_000,
    "many fields": b"X-N: aaa\r\n" * 200_000,
    "short lines": b"a:\n" * 40_000,
    "addresses": b"To: " + b",\r\n ".join(b"somebody.%d@partner.example" % n for n in range(15_000)) + b"\r\n",
    "no fields": b"aaaaaaaa\r\n" * 200_000,
}


@pytest.mark.parametrize("noise", _NOISE)
def test_two_megabytes_of_headers_hide_no_subject(noise: str) -> None:
    asked = b"Subject: urgent\r\n folded\r\nFrom: a@x.example\r\nX-Priority: 1\r\nMessage-ID: <a@x>\r\n"
    for raw in (asked + _NOISE[noise], _NOISE[noise] + asked):
        mail = parse(raw)
        assert (mail.subject, mail.sender, mail.message_id) == ("urgent folded", "a@x.example", "a@x")
        assert mail.header("X-Priority") == "1"
        assert "very long" in mail.defects[0]
        assert sum(len(value) for _, value in mail.headers) < 100_000
        assert parse_file(raw + b"\r\nbody", AT).subject == "urgent folded"


def test_headers_beyond_all_bounds_are_cut_and_said_to_be() -> None:
    mail = parse(b"Subject: urgent\r\nX-Long: " + b"a" * MOST_HEAD + b"\r\nFrom: a@x.example\r\n")
    assert (mail.subject, mail.sender) == ("urgent", "")
    assert str(MOST_HEAD) in mail.defects[0]


def test_a_field_across_the_bound_is_read_whole_and_the_first_one_counts() -> None:
    noise = b"X-Long: " + b"a" * (MOST_HEADER_BYTES - 20) + b"\r\n"
    assert parse(noise + b"Subject: this is the one\r\nSubject: another\r\n").subject == "this is the one"


def test_of_a_long_head_no_more_than_so_much_is_looked_at() -> None:
    needed = b"".join(b"%s: %s\r\n" % (name, b"a" * 50_000) for name in (b"To", b"Cc", b"Subject", b"References"))
    kept = looked_at(b"X: %s\r\n" % (b"a" * 900) * 5_000 + needed)
    assert len(kept) <= MOST_HEADER_BYTES + 4 * MOST_FIELD + 2 * MOST_LINES
    assert kept.count(b"\n") <= MOST_LINES


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"no header at all\r\n", b": empty name\r\n"])
def test_what_can_not_be_read_is_still_a_mail(raw: bytes) -> None:
    assert parse(raw).defects


def test_a_whole_file_gives_its_plain_text() -> None:
    raw = (
        b"From: a@x.example\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<b>html</b>\r\n"
        b"--b\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + "障害".encode("iso2022_jp") + b"\r\n"
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nsecret\r\n--b--\r\n"
    )
    assert parse_file(raw, AT).text.strip() == "障害"


def test_the_text_part_is_found_in_a_structure_and_attachments_are_not() -> None:
    plain = (b"TEXT", b"PLAIN", (b"CHARSET", b"ISO-2022-JP"), None, None, b"7BIT", 10, 1)
    attached = (b"TEXT", b"PLAIN", None, None, None, b"BASE64", 10, 1, None, (b"ATTACHMENT", None), None, None)
    html = (b"TEXT", b"HTML", (b"CHARSET", b"utf-8"), None, None, b"QUOTED-PRINTABLE", 10, 1)
    mixed = ([([html, plain], b"ALTERNATIVE"), attached], b"MIXED")
    found = text_part(mixed)
    assert found is not None
    assert (found.number, found.charset, found.encoding) == ("1.2", "iso-2022-jp", "7bit")
    assert text_part(attached) is None
    assert text_part((None,)) is None
