"""Whatever strangers write into a letter: it is a valid mail within the limits, with no field that we did not set."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.message import Attachment
from channels.smtp.address import printable, spec
from channels.smtp.answer import clean
from channels.smtp.content import file_name
from channels.smtp.envelope import envelope, utf8_xtext, xtext
from channels.smtp.header import LONGEST_SUBJECT
from channels.smtp.render import Rendered, render
from tests.fakes.hostile import HUGE
from tests.fakes.smtp_desk import AT, LETTER

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=600)
NASTY = st.lists(
    st.sampled_from([
        "\r\n", "\n", "\r", "\0", "\u2028", "\x85", "\x1b", "\ud83d", "=?utf-8?q?x?=", "Bcc: evil@x.example", ":", " ",
        "\t", '"', "\\", "<", ">", "@", ",", ";", "(", ")", "あ", "ｶﾞ", "🚨", ".", "a", "word ", "-" * 90, "=_", "--",
        "\u3000",
    ]),
    max_size=60,
).map("".join)  # fmt: skip
TEXT = ANYTHING | NASTY
NAMES = {
    "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References", "X-Priority", "Priority",
    "Disposition-Notification-To", "Importance", "Content-Language", "X-Kidoku", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip


def parsed(data: bytes) -> EmailMessage:
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def check(data: bytes) -> EmailMessage:
    assert data.isascii() and b"\0" not in data
    rest = data.replace(b"\r\n", b"")
    assert b"\r" not in rest and b"\n" not in rest
    assert max(map(len, data.split(b"\r\n"))) <= 998
    mail = parsed(data)
    assert set(mail.keys()) <= NAMES and len(mail.keys()) == len(set(mail.keys()))
    assert [part.defects for part in mail.walk()] == [[] for _ in mail.walk()]
    return mail


@given(TEXT, TEXT)
def test_hostile_subjects_and_names(subject: str, name: str) -> None:
    data = render(replace(LETTER, subject=subject, to_name=name), "hanako@company.example", "ja", AT).data
    mail = check(data)
    assert len(mail["To"].addresses) == 1 and mail["To"].addresses[0].addr_spec == "hanako@company.example"
    if len(printable(subject)) <= 400:
        # A tab or a wide space within folded white space may come back as it went; nothing else is left to chance.
        assert "".join(str(mail["Subject"]).split()) == "".join(printable(subject).split())


@pytest.mark.parametrize("name", HUGE)
def test_a_megabyte_of_whatever_strangers_write(name: str) -> None:
    text = HUGE[name]
    mail = check(
        render(replace(LETTER, subject=text, to_name=text, text=text), "hanako@company.example", "ja", AT).data
    )
    assert len(mail["To"].addresses) == 1 and mail["To"].addresses[0].addr_spec == "hanako@company.example"
    assert len(str(mail["Subject"])) <= LONGEST_SUBJECT


@given(TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT, st.binary(max_size=300)), max_size=3))
def test_hostile_texts_and_files(text: str, html: str, files: list[tuple[str, str, bytes]]) -> None:
    attachments = tuple(Attachment(*one) for one in files)
    letter = replace(LETTER, text=text, html=html, attachments=attachments)
    mail = check(render(letter, "hanako@company.example", "ja", AT).data)
    found = list(mail.iter_attachments()) if attachments else []
    assert [part.get_payload(decode=True) for part in found] == [one.data for one in attachments]
    assert [part.get_filename() for part in found] == [file_name(one.name) for one in attachments]


@given(TEXT, st.sampled_from(["sender", "reply_to", "receipt_to", "message_id", "in_reply_to", "envelope_sender"]))
def test_hostile_fields_are_refused_or_harmless(text: str, field: str) -> None:
    changes: dict[str, Any] = {field: text}
    try:
        mail = render(replace(LETTER, **changes), "hanako@company.example", text, AT)
    except ValueError:
        return
    if not mail.needs_utf8:
        check(mail.data)
    assert set(parsed(mail.data).keys()) <= NAMES


LOCAL = st.sampled_from(["a", "a..b", "a.", '"a b"', "花子", "a+b", '"', "a b", "\r\n", ">", "x" * 70])
DOMAIN = st.sampled_from(["b.example", "例え.jp", "[192.0.2.1]", "b> SIZE=1", "b\r\nDATA", "", "-", "x" * 300, "b..c"])


@given(st.tuples(LOCAL, DOMAIN).map("@".join) | TEXT)
def test_an_address_never_leaves_its_brackets(text: str) -> None:
    try:
        address = spec(text)
    except ValueError:
        return
    assert not any(ord(one) < 32 or one == "\x7f" for one in address)
    assert "<" not in address.replace('\\"', "").split('"')[-1] and ">" not in address.split('"')[-1]
    assert " " not in address.split('"')[-1]
    assert spec(address) == address


@given(TEXT)
def test_the_parameters_of_the_envelope_are_words(text: str) -> None:
    mail = Rendered("b@example.jp", "hanako@company.example", b"x", needs_utf8=False)
    asked = envelope(mail, text, {"dsn": "", "size": "", "8bitmime": ""})
    for one in (*asked.sender, *asked.recipient):
        assert one.isascii() and one.isprintable() and " " not in one and len(one) <= 512


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_xtext_comes_back(text: str) -> None:
    encoded = xtext(text)
    pieces = encoded.split("+")
    assert pieces[0] + "".join(chr(int(one[:2], 16)) + one[2:] for one in pieces[1:]) == text
    assert utf8_xtext(text).isascii()


@given(TEXT, st.text(min_size=4, max_size=20))
def test_the_servers_words_are_one_short_line(text: str, secret: str) -> None:
    words = clean(f"{text}{secret}", [secret])
    assert len(words) <= 200 and "\n" not in words and "\r" not in words and "\0" not in words
    words.encode()
