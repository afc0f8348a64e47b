"""The header of a mail, field by field, in ASCII wherever the addresses allow it (RFC 5322, 2047).

The standard library's own folding is not used for what strangers may fill: it has changed its mind about long words
and about spaces between encoded words from one release to the next. ``email.header.Header`` has not.
"""

import re
from collections.abc import Iterable
from email.header import Header

from channels.smtp.address import Mailbox, printable

LONGEST_SUBJECT = 400
LONGEST_NAME = 100
MOST_REFERENCES = 20
LONGEST_ID = 250

_PLAIN_SUBJECT = 66
"""Characters that fit on the first line, after "Subject: "."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")


def subject(text: str) -> str:
    """The value of Subject. What merely looks like an encoded word is encoded, so that it shows as it was written."""
    line = _cut(printable(text), LONGEST_SUBJECT)
    if line.isascii() and "=?" not in line and len(line) <= _PLAIN_SUBJECT:
        return line
    return _encoded(line, "Subject")


def mailboxes(name: str, *those: Mailbox) -> str:
    """The value of an address header, one mailbox to a line."""
    return ",\r\n ".join(_mailbox(name, one) for one in those)


def _mailbox(header: str, one: Mailbox) -> str:
    name = _cut(printable(one.name), LONGEST_NAME)
    if not name:
        return one.address
    if not name.isascii() or "=?" in name or len(name) > _PLAIN_SUBJECT:
        return f"{_encoded(name, header)}\r\n <{one.address}>"
    if _ATOMS.fullmatch(name):
        return f"{name} <{one.address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"\r\n <{one.address}>'


def _encoded(text: str, header: str) -> str:
    return Header(text, "utf-8", maxlinelen=75, header_name=header).encode(linesep="\r\n")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def message_id(text: str) -> str:
    """A Message-ID with its angle brackets. Raises ValueError."""
    if not is_message_id(text):
        raise ValueError(f"“{printable(text)[:80]}” is no Message-ID")
    return text


def is_message_id(text: str) -> bool:
    return len(text) <= LONGEST_ID and _MESSAGE_ID.fullmatch(text) is not None


def references(ids: Iterable[str]) -> str:
    """The value of References: what can't be one is left out, and of a long thread the middle (RFC 5537, 3.4.4)."""
    good = [one for one in ids if is_message_id(one)]
    if len(good) > MOST_REFERENCES:
        good = [good[0], *good[-(MOST_REFERENCES - 1) :]]
    return "\r\n ".join(good)


def language(tag: str) -> str:
    """A language tag (BCP 47), or "" if it is none."""
    return tag if _LANGUAGE.fullmatch(tag) else ""
