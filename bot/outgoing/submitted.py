"""A mail that was handed in → what the team sends: its text, HTML and files. Any bytes give one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser
from email.utils import collapse_rfc2231_value
from html import unescape

from bot.store.record import Enclosure, OutgoingMail
from channels.imap.text import decode, decode_words, many_lines, one_line

MOST_TEXT = 1_000_000
MOST_FILES = 200
_NAME = re.compile(r"/?[A-Za-z0-9]*")
_HIDDEN = frozenset({"script", "style", "title", "!--"})
_SPACES = dict.fromkeys(("br", "/p", "/div", "/tr", "/li", "/table", *(f"/h{n}" for n in range(1, 7))), "\n")
_SPACES |= {"/td": " ", "/th": " "}


def outgoing(raw: bytes, *, sender: str, subject: str, reply_to: str) -> OutgoingMail:
    """What ``raw`` says, as a mail from ``sender``. What can't be taken apart goes along as a file."""
    mail = OutgoingMail(sender=sender, subject=one_line(subject), text="", reply_to=reply_to)
    try:
        parts = list(_leaves(BytesParser().parsebytes(raw)))
        return _filled(mail, parts)
    except Exception:
        # The standard library's parser is tolerant but not total: what was handed in still arrives.
        return replace(mail, enclosures=(Enclosure("mail.eml", "application/octet-stream", raw),))


def _filled(mail: OutgoingMail, parts: list[Message]) -> OutgoingMail:
    plain = next((one for one in parts if _is_body(one, "text/plain")), None)
    rich = next((one for one in parts if _is_body(one, "text/html")), None)
    files = [one for one in parts if one is not plain and one is not rich]
    html = _text(rich)
    text = _text(plain) or without_tags(html)
    return replace(mail, text=text, html=html, enclosures=tuple(_file(one) for one in files[:MOST_FILES]))


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something; a mail within the mail is one."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _is_body(part: Message, kind: str) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return part.get_content_type() == kind and not disposition.startswith("attachment")


def _text(part: Message | None) -> str:
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    return many_lines(decode(payload[:MOST_TEXT], part.get_content_charset(""))) if isinstance(payload, bytes) else ""


def _file(part: Message) -> Enclosure:
    name = part.get_filename()
    shown = one_line(decode_words(collapse_rfc2231_value(str(name)))) if name else ""
    if part.is_multipart():
        data = b"".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Message))
        return Enclosure(shown or "mail.eml", "message/rfc822", data)
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return Enclosure(shown or f"part.{part.get_content_subtype()}", part.get_content_type(), data)


def without_tags(html: str) -> str:
    """The words of HTML, for readers without it. Takes as long as the text is: whatever is nested or left open."""
    first, *rest = html.split("<")
    lines = (" ".join(line.split()) for line in unescape("".join([first, *_words(rest)])).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _words(pieces: list[str]) -> Iterator[str]:
    """``pieces`` each begin within a tag."""
    hidden = ""
    for piece in pieces:
        tag, end, text = piece.partition(">")
        name = "!--" if tag.startswith("!--") else _NAME.match(tag)[0].lower()  # type: ignore[index]
        if hidden:
            is_comment = hidden == "!--"
            if "-->" in piece if is_comment else name == f"/{hidden}":
                hidden = ""
                yield piece.rpartition("-->")[2] if is_comment else text
        elif not end or not (name or tag.startswith(("!", "?"))):
            yield f"<{piece}"
        elif name in _HIDDEN and not piece.endswith("/>") and "-->" not in piece:
            hidden = name
        else:
            yield f"{_SPACES.get(name, '')}{piece.rpartition('-->')[2] if name == '!--' else text}"
