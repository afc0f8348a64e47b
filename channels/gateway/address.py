"""Mail addresses as a client may name them in MAIL and RCPT."""

import re

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\x80-\U0010ffff]+")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~\x80-\U0010ffff]|\\[ -~])+"')
_DOMAIN = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]([A-Za-z0-9_.\-\x80-\U0010ffff]*[A-Za-z0-9_.\x80-\U0010ffff])?")
_LITERAL = re.compile(r"\[[A-Za-z0-9.:-]+\]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST_LOCAL = 64
LONGEST = 254
"""RFC 5321, 4.5.3.1, in octets."""


def is_address(text: str) -> bool:
    """Whether it can be one (RFC 5321 and 6531), and has nothing that could end a command or a header's line."""
    local, _, domain = text.rpartition("@")
    if _UNPRINTABLE.search(text) or not (_LOCAL.fullmatch(local) or _QUOTED.fullmatch(local)):
        return False
    if not (_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain)):
        return False
    return len(local.encode()) <= LONGEST_LOCAL and len(text.encode()) <= LONGEST
