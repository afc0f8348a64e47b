"""What a host in the settings is, and how safely it is talked to."""

import re
from collections.abc import Callable
from enum import StrEnum
from ipaddress import ip_address

from escalation.phrase import Phrase, advice

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\.?")


class Security(StrEnum):
    """``tls``: from the first byte. ``starttls``: upgraded before the login. ``plain``: neither."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


def is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host's name or address (without its port) is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def mail_server(fix: Phrase) -> Callable[[str], str]:
    """A check that it is a name or an address: else it raises ValueError with the fix."""

    def checked(text: str) -> str:
        name = text.strip()
        if not is_ip(name) and not NAME.fullmatch(name):
            raise ValueError(advice(Phrase("“%(text)s” is no mail server", text=name[:80]), fix))
        return name

    return checked
