"""Mail addresses as SMTP and a header need them (RFC 5321, 5322, 6531): written safely, or not at all."""

import re
from dataclasses import dataclass
from email.utils import parseaddr

from email_validator import EmailNotValidError, validate_email

from escalation.phrase import Phrase, advice

LONGEST_LOCAL = 64
LONGEST = 254
"""RFC 5321, 4.5.3.1, in octets; a path of 256 has two angle brackets."""

_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff"
_DOT_ATOM = re.compile(rf"[{_ATEXT}]+(\.[{_ATEXT}]+)*")
_LOOSE = re.compile(rf"[{_ATEXT}][{_ATEXT}.]*")
"""What telephone companies of Japan gave away for years, and people still have: a..b.@docomo.ne.jp."""
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])+"')
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
_LITERAL = re.compile(r"\[[A-Za-z0-9.:-]+\]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def printable(text: str) -> str:
    """``text`` on one line: whatever could end a header's line, or can't be encoded, is a space."""
    return _UNPRINTABLE.sub(" ", text).strip()


def spec(text: str) -> str:
    """One address, as it may stand between angle brackets: an international domain in ASCII, an odd local part in
    quotes. Raises ValueError, which says what is wrong with it."""
    shown = printable(text)[:80]
    local, at, domain = text.strip().rpartition("@")
    if not at or _UNPRINTABLE.search(text):
        raise ValueError(
            advice(Phrase("“%(text)s” is no mail address", text=shown), Phrase("write it like noc@example.jp"))
        )
    address = f"{_local(local, shown)}@{_domain(domain, shown)}"
    if len(local.encode()) > LONGEST_LOCAL or len(address.encode()) > LONGEST:
        raise ValueError(
            advice(
                Phrase("“%(text)s” is too long for a mail address", text=shown),
                Phrase("write at most 64 characters before its @"),
            )
        )
    return address


def _local(local: str, shown: str) -> str:
    if _DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local):
        return local
    if _LOOSE.fullmatch(local):
        return f'"{local}"'
    raise ValueError(
        Phrase("“%(text)s” is no mail address: what stands before its @ can't be written in one", text=shown)
    )


def _domain(domain: str, shown: str) -> str:
    if _LITERAL.fullmatch(domain) or (domain.isascii() and _DOMAIN.fullmatch(domain)):
        return domain.rstrip(".")
    try:
        if domain.isascii():
            raise EmailNotValidError("no domain")
        found = validate_email(f"a@{domain}", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(
            Phrase("“%(text)s” is no mail address: what stands after its @ is no domain", text=shown)
        ) from error
    return str(found.ascii_domain)


def needs_utf8(address: str) -> bool:
    """Whether only a server with SMTPUTF8 can take it (RFC 6531)."""
    return not address.isascii()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person or desk in a header: ``name`` may be "", ``address`` is a ``spec``."""

    name: str
    address: str


def mailbox(text: str) -> Mailbox:
    """“NOC <noc@example.jp>”, or the address alone. Raises ValueError, which says what to write."""
    name, address = parseaddr(printable(text))
    if not address:
        shown = printable(text)[:80]
        raise ValueError(
            advice(Phrase("“%(text)s” is no sender", text=shown), Phrase("write it like NOC <noc@example.jp>"))
        )
    return Mailbox(name, spec(address))
