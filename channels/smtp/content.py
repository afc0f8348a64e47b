"""The body of a mail as MIME: text, HTML beside it, files after it; 7-bit throughout, so that every server takes it."""

import re
from collections.abc import Sequence
from email.charset import BASE64, QP, Charset
from email.generator import BytesGenerator
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP, compat32
from hashlib import sha256
from io import BytesIO
from typing import Any

from channels.message import Attachment, Letter
from channels.smtp.address import printable

POLICY = SMTP.clone(cte_type="7bit")
PLAIN = compat32.clone(linesep="\r\n", cte_type="7bit")
"""The older of the library's two ways, where no header needs more: the newer one parses each that it is given, which
takes longer than all else of a mail."""
LONGEST_FILE_NAME = 120

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TYPE = re.compile(r"([a-z]{1,20})/([a-z0-9][a-z0-9!#$&^_.+-]{0,79})")
_WHOLE = frozenset({"multipart", "message"})
"""Types that may not be encoded (RFC 2045, 6.4): a file of theirs travels as any other file."""


def content(letter: Letter) -> bytes:
    """Everything from the MIME headers on, the same bytes for the same letter."""
    part: Message = _text(letter.text, "plain")
    if letter.html:
        part = _together(letter, "alternative", [part, _text(letter.html, "html")])
    if not letter.attachments:
        return _flat(part, PLAIN)
    return _flat(_together(letter, "mixed", [part, *map(_file, letter.attachments)]), POLICY)


def _together(letter: Letter, subtype: str, parts: Sequence[Message]) -> Message:
    for part in parts:
        del part["MIME-Version"]
    return MIMEMultipart(subtype, _boundary(letter, subtype), parts)


def _text(text: str, subtype: str) -> Message:
    clean = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
    charset = Charset("utf-8")
    charset.body_encoding = _encoding(clean)
    return MIMEText(clean, subtype, charset)  # type: ignore[arg-type]


def _encoding(text: str) -> int:
    """Readable in its raw form where it is mostly ASCII, short where it is not."""
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return QP if foreign * 6 <= len(text) else BASE64


def _file(attachment: Attachment) -> EmailMessage:
    part = EmailMessage(policy=POLICY)
    main, sub = media_type(attachment.type)
    name = file_name(attachment.name)
    part.set_content(attachment.data, maintype=main, subtype=sub, cte="base64", disposition="attachment", filename=name)
    return part


def media_type(text: str) -> tuple[str, str]:
    """ "application/pdf" in two; application/octet-stream for what is none, or may not be encoded."""
    found = _TYPE.fullmatch(text.strip().lower())
    if found is None or found[1] in _WHOLE:
        return "application", "octet-stream"
    return found[1], found[2]


def file_name(text: str) -> str:
    """A name without a path, and without what would lead a reader astray; never empty."""
    name = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", printable(text))
    # What Windows forbids in a name goes; with it go quotes and "=?", which mail programs each read in their own way.
    name = re.sub(r'["<>|*?:]', "_", " ".join(re.split(r"[/\\]", name)[-1].split()))
    name = name.strip(" .")
    if len(name) > LONGEST_FILE_NAME:
        stem, dot, ending = name.rpartition(".")
        kept = f"{dot}{ending}" if stem and len(ending) <= 16 else ""
        name = name[: LONGEST_FILE_NAME - len(kept)].strip(" .") + kept
    return name or "attachment"


def _boundary(letter: Letter, level: str) -> str:
    """Never within a part: "=_" occurs neither in base64 nor in quoted-printable (RFC 2045, 6.7)."""
    return f"=_{sha256(f'{letter.message_id} {level}'.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _flat(root: Any, policy: Any) -> bytes:
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=policy).flatten(root)
    return out.getvalue()
