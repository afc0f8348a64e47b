"""Mail headers → ``Mail``. Any bytes give a Mail; what could not be read is said in its ``defects``."""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from inspect import signature

from channels.imap.head import MOST_HEAD, MOST_LINES, is_long, looked_at
from channels.imap.text import decode, decode_words, many_lines, one_line
from escalation.mail import Mail
from escalation.phrase import Phrase

MOST_VALUE = 8_000
MOST_TEXT = 65_536
MOST_ADDRESSES = 200
MOST_REFERENCES = 50
MOST_ID_BYTES = 500
NO_ID = "@kidoku.invalid"
"""What the Message-ID ends with that is given to a mail without one."""
_ID = re.compile(r"<([^<>\s]{1,300})>")
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)

# Since Python's fix for CVE-2023-27043 the parser drops whole lists for one odd address, unless told otherwise.
_LENIENT: dict[str, bool] = {"strict": False} if "strict" in signature(getaddresses).parameters else {}

Headers = Sequence[tuple[str, bytes]]


def parse_mail(
    raw_headers: bytes,
    text: str,
    *,
    account: str,
    folder: str,
    received_at: datetime,
    flags: Collection[str] = (),
    is_junk: bool = False,
) -> Mail:
    """The mail of these headers (RFC 5322, tolerantly). ``text`` is its text part, decoded, or empty."""
    fields = list(_fields(looked_at(raw_headers)))
    values = [(name, _value(raw)) for name, raw in fields]
    sender_name, sender = _sender(fields)
    return Mail(
        message_id=_message_id(fields, received_at),
        account=account,
        folder=folder,
        received_at=received_at,
        subject=next((value for name, value in values if name == "subject"), ""),
        sender=sender,
        sender_name=sender_name,
        to=tuple(address for _, address in _addresses(fields, ("to", "cc")))[:MOST_ADDRESSES],
        sent_at=_sent_at(fields),
        headers=tuple(values),
        references=_references(fields),
        list_id=next((value for name, value in values if name == "list-id"), ""),
        flags=frozenset(flags),
        text=many_lines(text[:MOST_TEXT]),
        is_junk=is_junk,
        defects=tuple(_defects(raw_headers, fields, sender)),
    )


def parse_file(raw: bytes, received_at: datetime, *, account: str = "", folder: str = "INBOX") -> Mail:
    """The mail of a whole message, such as an .eml file."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    return parse_mail(head, text_of(raw), account=account, folder=folder, received_at=received_at)


def text_of(raw: bytes) -> str:
    """The first text part of a whole message: plain if there is one, else HTML as it stands."""
    try:
        message = BytesParser().parsebytes(raw)
        parts = [part for part in message.walk() if part.get_content_maintype() == "text" and not _is_attached(part)]
        parts.sort(key=lambda part: part.get_content_subtype() != "plain")
        payload = parts[0].get_payload(decode=True) if parts else b""
        charset = parts[0].get_content_charset("") if parts else ""
    except Exception:
        # The standard library's parser is tolerant but not total; routing goes on with the headers.
        return ""
    return decode(payload[:MOST_TEXT], charset) if isinstance(payload, bytes) else ""


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).lower().startswith("attachment")


def _fields(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Unfolded (lower-case name, raw value), RFC 5322 section 2.2.3; lines that are no field are passed over."""
    unfolded = re.sub(rb"\r?\n(?=[ \t])", b"", raw.replace(b"\x00", b" "))
    for number, line in enumerate(re.split(rb"\r\n|\n|\r", unfolded)):
        if number >= MOST_LINES:
            return
        match = _NAME.fullmatch(line)
        if match:
            yield match.group(1).decode("ascii").lower(), match.group(2).strip()


def _value(raw: bytes) -> str:
    return one_line(decode_words(decode(raw[: MOST_VALUE * 4])))[:MOST_VALUE]


def _first(fields: Headers, name: str) -> bytes:
    return next((raw for key, raw in fields if key == name), b"")


def _addresses(fields: Headers, names: Collection[str]) -> list[tuple[str, str]]:
    """(name, lower-case address), split before the encoded words are decoded: a decoded name may hold a comma."""
    texts = [one_line(decode(raw[: MOST_VALUE * 4])) for name, raw in fields if name in names]
    try:
        pairs = getaddresses(texts, **_LENIENT)
    except (ValueError, IndexError):
        return []
    return [(one_line(decode_words(name)), address.strip().lower()) for name, address in pairs if "@" in address]


def _sender(fields: Headers) -> tuple[str, str]:
    for name in ("from", "sender", "return-path"):
        if found := _addresses(fields, (name,)):
            return found[0][0][:200], found[0][1][:320]
    return "", ""


def _message_id(fields: Headers, received_at: datetime) -> str:
    text = one_line(decode(_first(fields, "message-id")[:MOST_VALUE]))
    match = _ID.search(text)
    bare = match.group(1) if match else text.strip("<> ")
    if bare and " " not in bare and len(bare.encode()) <= MOST_ID_BYTES:
        return bare
    # The same mail in two mailboxes differs in its trace headers only. Without a Date, two mails of a machine that
    # always says the same must not be taken for one: rather one alert too many.
    date = _first(fields, "date") or received_at.isoformat().encode()
    same = b"\n".join([date, *(_first(fields, name) for name in ("from", "to", "subject"))])
    return f"{hashlib.sha256(same).hexdigest()[:40]}{NO_ID}"


def message_id_of(raw_headers: bytes, received_at: datetime) -> str:
    """What ``parse_mail`` would take for the Message-ID."""
    return _message_id(list(_fields(looked_at(raw_headers))), received_at.astimezone(UTC))


def _references(fields: Headers) -> tuple[str, ...]:
    """The thread's Message-IDs, the nearest first."""
    found: list[str] = []
    for name in ("in-reply-to", "references"):
        found += reversed(_ID.findall(one_line(decode(_first(fields, name)[: MOST_VALUE * 4]))))
    return tuple(dict.fromkeys(found))[:MOST_REFERENCES]


def _sent_at(fields: Headers) -> datetime | None:
    try:
        at = parsedate_to_datetime(one_line(decode(_first(fields, "date"))))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _defects(raw: bytes, fields: Headers, sender: str) -> Iterator[str]:
    if len(raw) > MOST_HEAD:
        yield Phrase("the headers are longer than %(n)d bytes; the rest was not read", n=MOST_HEAD)
    elif is_long(raw):
        yield Phrase("the headers are very long; only a part of them was looked at, the subject and sender among it")
    if not fields:
        yield Phrase("there are no headers that can be read")
    if not sender:
        yield Phrase("there is no sender address")
    if not _first(fields, "message-id"):
        yield Phrase("there is no Message-ID")
