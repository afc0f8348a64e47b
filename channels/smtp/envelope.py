"""What goes with MAIL FROM and RCPT TO, by what the server offers.

DSN: RFC 3461 (ENVID, ORCPT and their xtext). SIZE: RFC 1870. 8BITMIME: RFC 6152. SMTPUTF8: RFC 6531, and RFC 6533 for
an ORCPT beyond ASCII.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from channels.smtp.address import needs_utf8
from channels.smtp.answer import Meaning, SmtpError
from channels.smtp.render import Rendered
from escalation.phrase import N_

LONGEST_ENVID = 100
LONGEST_ORCPT = 500
"""RFC 3461, 4.4 and 4.2, in characters."""

_UTF8 = Meaning(N_("the mail server takes no addresses beyond ASCII (SMTPUTF8)"), is_final=True)
_LARGE = Meaning(N_("the mail is too large for the mail server"), is_final=True)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The parameters of both commands. ``has_dsn``: the server was asked for delivery reports."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    has_dsn: bool


def envelope(mail: Rendered, envelope_id: str, offered: Mapping[str, str]) -> Envelope:
    """``offered`` are the server's extensions, in small letters, with their parameters. Raises SmtpError."""
    has_dsn = "dsn" in offered and not mail.is_relayed
    sender = [*_size(len(mail.data), offered), *_body(mail, offered), *_utf8(mail, offered)]
    if has_dsn:
        sender += ["RET=HDRS", *_envid(envelope_id)]
    return Envelope(tuple(sender), _notify(mail.recipient) if has_dsn else (), has_dsn)


def _size(length: int, offered: Mapping[str, str]) -> list[str]:
    if "size" not in offered:
        return []
    most = offered["size"].strip()
    if most.isascii() and most.isdigit() and 0 < int(most[:20]) < length:
        raise SmtpError(_LARGE, words=f"{length} bytes, and it takes {int(most[:20])}")
    return [f"SIZE={length}"]


def _body(mail: Rendered, offered: Mapping[str, str]) -> list[str]:
    """What is ours is ASCII but for addresses; a relayed mail may not be. A server that does not offer it gets it all
    the same: converting it (RFC 6152, 3) would break its signatures."""
    return ["BODY=8BITMIME"] if "8bitmime" in offered and (mail.is_8bit or mail.needs_utf8) else []


def _utf8(mail: Rendered, offered: Mapping[str, str]) -> list[str]:
    """SMTPUTF8 only where an address needs it: everything else is ASCII already."""
    if not mail.needs_utf8:
        return []
    if "smtputf8" not in offered:
        raise SmtpError(_UTF8)
    return ["SMTPUTF8"]


def _envid(envelope_id: str) -> list[str]:
    encoded = xtext(envelope_id) if re.fullmatch(r"[ -~]+", envelope_id) else ""
    return [f"ENVID={encoded}"] if 0 < len(encoded) <= LONGEST_ENVID else []


def _notify(recipient: str) -> tuple[str, ...]:
    kind, encoded = ("utf-8", utf8_xtext(recipient)) if needs_utf8(recipient) else ("rfc822", xtext(recipient))
    original = f"{kind};{encoded}"
    asked = "NOTIFY=SUCCESS,FAILURE,DELAY"
    return (asked, f"ORCPT={original}") if len(original) <= LONGEST_ORCPT else (asked,)


def xtext(text: str) -> str:
    """ASCII ``text`` as RFC 3461 section 4 writes it: printable characters but "+" and "=" stand for themselves."""
    return re.sub(r"[^!-*,-<>-~]", lambda found: f"+{ord(found[0]):02X}", text)


def utf8_xtext(text: str) -> str:
    r"""``text`` as RFC 6533 section 3 writes it (utf-8-addr-xtext): あ is \x{3042}."""
    return re.sub(r"[^!-*,-<>-\[\]-~]", lambda found: f"\\x{{{ord(found[0]):02X}}}", text)
