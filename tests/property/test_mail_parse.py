"""Any bytes give a mail."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from channels.imap.parse import parse_file, parse_mail
from channels.imap.structure import text_part
from channels.imap.text import decode, decode_words
from escalation.mail import Mail

AT = datetime(2026, 5, 3, 2, tzinfo=UTC)
NAMES = st.sampled_from(
    [b"Subject", b"From", b"To", b"Message-ID", b"References", b"Date", b"Importance", b"Content-Type"]
)
HEADERS = st.lists(st.tuples(NAMES, st.binary(max_size=200)), max_size=10).map(
    lambda fields: b"".join(name + b": " + value + b"\r\n" for name, value in fields)
)
CHARSETS = st.sampled_from(
    ["", "iso-2022-jp", "shift_jis", "gb2312", "utf-7", "hz", "undefined", "idna", "base64", "\x00"]
)


def is_clean(mail: Mail) -> bool:
    texts = [mail.subject, mail.sender, mail.sender_name, mail.message_id, *(value for _, value in mail.headers)]
    return not any(char in text for text in texts for char in "\r\n\x00\x1b")


@given(st.binary(max_size=3000))
def test_any_file(raw: bytes) -> None:
    assert is_clean(parse_file(raw, AT))


@given(HEADERS)
def test_any_headers(raw: bytes) -> None:
    mail = parse_mail(raw, "", account="a", folder="INBOX", received_at=AT)
    assert is_clean(mail)
    assert mail.message_id
    mail.subject.encode("utf-8")


@given(st.binary(max_size=500), CHARSETS)
def test_any_bytes_in_any_charset(data: bytes, charset: str) -> None:
    decode(data, charset)


@given(st.text(max_size=300))
def test_any_words(text: str) -> None:
    decode_words(text)


STRUCTURE = st.recursive(
    st.none() | st.binary(max_size=10) | st.integers(),
    lambda inner: st.lists(inner, max_size=5) | st.lists(inner, max_size=9).map(tuple),
    max_leaves=20,
)


@given(STRUCTURE)
def test_any_structure(structure: object) -> None:
    text_part(structure)
