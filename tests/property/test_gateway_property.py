"""Any bytes as a mail are kept or refused in words, never more; what is relayed is what was handed in."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import LANGUAGES, Words
from bot.outgoing.bounce import Failure, bounce
from bot.outgoing.submitted import outgoing, without_tags
from channels.gateway.text import read_text, with_line_ends
from channels.message import Letter
from channels.receipts.understand import understand
from channels.smtp.render import render
from tests.fakes.gateway import AT

PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b".",
        b"\r\n.\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: text/html; charset=nonsense\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*=nonsense'x'%ff%\"\r\n",
        b"<p>",
        b"</p>",
        b"&#x110000;",
        b"<",
        b"\x00\xff",
        b"x" * 100,
    ]
)
BYTES = st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=40).map(b"".join)


def stuffed(text: bytes) -> bytes:
    lines = text.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


@given(BYTES, st.integers(16, 300))
async def test_what_is_read_is_what_was_meant(text: bytes, limit: int) -> None:
    text += b"\r\n"
    reader = asyncio.StreamReader(limit=limit)
    reader.feed_data(stuffed(text) + b".\r\nQUIT\r\n")
    assert await read_text(reader, len(text)) == text
    assert await reader.readline() == b"QUIT\r\n"


@given(BYTES, st.integers(1, 40))
async def test_it_may_come_in_any_pieces(text: bytes, size: int) -> None:
    text += b"\r\n"
    wire = stuffed(text) + b".\r\n"
    reader = asyncio.StreamReader(limit=16)
    reading = asyncio.create_task(read_text(reader, len(text)))
    for start in range(0, len(wire), size):
        reader.feed_data(wire[start : start + size])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert await reading == text


@given(BYTES)
async def test_one_byte_too_many_is_too_many(text: bytes) -> None:
    text += b"\r\n"
    reader = asyncio.StreamReader(limit=1_000)
    reader.feed_data(stuffed(text) + b".\r\nQUIT\r\n")
    assert await read_text(reader, len(text) - 1) is None
    assert await reader.readline() == b"QUIT\r\n"


@given(BYTES)
def test_line_ends(text: bytes) -> None:
    mended = with_line_ends(text)
    assert with_line_ends(mended) == mended
    assert mended.replace(b"\r\n", b"").count(b"\r") == mended.replace(b"\r\n", b"").count(b"\n") == 0
    assert mended.replace(b"\r", b"").replace(b"\n", b"") == text.replace(b"\r", b"").replace(b"\n", b"")


@given(BYTES)
def test_any_bytes_become_a_mail(raw: bytes) -> None:
    mail = outgoing(raw, sender="NOC <noc@team.example>", subject="a\r\nb", reply_to="")
    assert "\n" not in mail.subject
    assert len(mail.enclosures) <= 200


@given(st.text(max_size=200).map(lambda text: text.replace("x", "<p a=>")))
def test_tags(html: str) -> None:
    without_tags(html)


@given(BYTES.filter(bool), st.booleans())
def test_what_is_relayed_is_untouched(raw: bytes, is_null: bool) -> None:
    letter = Letter(
        sender="", envelope_sender="" if is_null else "a@b.example", subject="", text="", message_id="",
        envelope_id="", raw=raw,
    )  # fmt: skip
    rendered = render(letter, "c@d.example", "en", AT)
    assert (rendered.data, rendered.sender) == (raw, letter.envelope_sender)
    assert rendered.is_8bit != raw.isascii()


@given(BYTES, st.text(max_size=100))
@settings(max_examples=60)
def test_a_report_says_who_and_that_it_failed_whatever_failed(raw: bytes, reason: str) -> None:
    failure = Failure("c@d.example", reason, False, AT)
    for language in LANGUAGES:
        report = bounce(
            failure,
            raw,
            Words(language, "UTC"),
            to="a@b.example",
            by="n@t.example",
            message_id="<r1@t.example>",
            now=AT,
        )
        found = understand(report)
        assert [(one.address, str(one.action)) for one in found.recipients] == [("c@d.example", "failed")]
