"""Where a calendar may be fetched from."""

import re
from urllib.parse import urlsplit

from channels.host import is_loopback

_SECRET = re.compile(r"(?=[^/]*\d)[\w-]{20,}")


def is_safe(url: str) -> bool:
    """Whether it is an https address, or an http one on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def has_password(url: str) -> bool:
    return re.match(r"[^/]*//[^/@]*:[^/@]*@", url) is not None


def looks_secret(url: str) -> bool:
    """Whether it seems that nobody else should know the address: a token in it, or a word that says so."""
    path = url.partition("//")[2].partition("/")[2]
    return "private" in path or "token" in path or ("/public/" not in path and _SECRET.search(path) is not None)
