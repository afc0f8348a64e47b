"""The body of a mail as MIME: text, HTML beside it, files after it; 7-bit throughout, so that every server takes it."""

import re
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from io import BytesIO

from channels.message import Attachment, Letter
from channels.smtp.address import printable

POLICY = SMTP.clone(cte_type="7bit")
LONGEST_FILE_NAME = 120

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TYPE = re.compile(r"([a-z]{1,20})/([a-z0-9][a-z0-9!#$&^_.+-]{0,79})")
_WHOLE = frozenset({"multipart", "message"})
"""Types that may not be encoded (RFC 2045, 6.4): a file of theirs travels as any other file."""


def content(letter: Letter) -> bytes:
    """Everything from the MIME headers on, the same bytes for the same letter."""
    root = EmailMessage(policy=POLICY)
    _set_text(root, letter.text, "plain")
    if letter.html:
        alternative = EmailMessage(policy=POLICY)
        _set_text(alternative, letter.html, "html")
        root.make_alternative(_boundary(letter, "alternative"))
        _attach(root, alternative)
    if letter.attachments:
        root.make_mixed(_boundary(letter, "mixed"))
        for attachment in letter.attachments:
            _attach(root, _file(attachment))
    return _flat(root)


def _attach(root: EmailMessage, part: EmailMessage) -> None:
    del part["MIME-Version"]
    root.attach(part)


def _set_text(part: EmailMessage, text: str, subtype: str) -> None:
    clean = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
    part.set_content(clean, subtype=subtype, charset="utf-8", cte=_encoding(clean))


def _encoding(text: str) -> str:
    """Readable in its raw form where it is mostly ASCII, short where it is not."""
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return "quoted-printable" if foreign * 6 <= len(text) else "base64"


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


def _flat(root: EmailMessage) -> bytes:
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=POLICY).flatten(root)
    return out.getvalue()
