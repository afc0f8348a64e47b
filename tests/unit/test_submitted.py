"""A mail that was handed in, taken apart; and HTML in words, however it is broken."""

import time

import pytest

from bot.outgoing.submitted import outgoing, without_tags


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The disk is <b>f</b>ull &amp; 満杯</p><p>a<br>b<br/>c</p>", "The disk is full & 満杯\na\nb\nc"),
        ("<title>x</title><style>p{}\na>b</style><script>if(a<b)alert(1)</script>ok", "ok"),
        ("a<!-- c > <b>d</b> > e -->f<!--[if mso]><p>no</p><![endif]-->g", "afg"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("1 < 2 <", "1 < 2 <"),
        ("<p>a</p>\n\n\n\n\n<p>b</p>", "a\n\nb"),
        ("<script>never closed", ""),
    ],
)
def test_words_of_html(html: str, text: str) -> None:
    assert without_tags(html) == text


@pytest.mark.parametrize("evil", ["<script>", "<", "<div>", "<!--", "<style ", "<a b='", "&lt", "<b><i>"])
def test_hostile_html_takes_as_long_as_it_is(evil: str) -> None:
    began = time.process_time()
    without_tags((evil * 1_000_000)[:1_000_000])
    assert time.process_time() - began < 10


def test_a_mail_in_html_alone_has_words_too() -> None:
    raw = b"Content-Type: text/html; charset=shift_jis\r\n\r\n<p>" + "障害".encode("cp932") + b"</p>\r\n"
    mail = outgoing(raw, sender="a@b.example", subject="x", reply_to="")
    assert (mail.text, "障害" in mail.html) == ("障害", True)


def test_a_mail_within_the_mail_is_a_file() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nlook\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Subject: inner\r\n\r\nwords\r\n--b--\r\n"
    )
    mail = outgoing(raw, sender="a@b.example", subject="x", reply_to="")
    assert mail.text.strip() == "look"
    [file] = mail.enclosures
    assert (file.name, b"Subject: inner" in file.data) == ("mail.eml", True)


def test_what_is_nested_too_deeply_goes_along_as_a_file() -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (one, one) for one in range(3_000))
    mail = outgoing(raw, sender="a@b.example", subject="x", reply_to="")
    assert [(one.name, one.data) for one in mail.enclosures] == [("mail.eml", raw)]
