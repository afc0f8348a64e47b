"""Where a calendar may be fetched from."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

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
    return parts.scheme == "https" or (parts.scheme == "http" and is_here(host))


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def has_password(url: str) -> bool:
    return re.match(r"[^/]*//[^/@]*:[^/@]*@", url) is not None


def looks_secret(url: str) -> bool:
    """Whether it seems that nobody else should know the address: a token in it, or a word that says so."""
    path = url.partition("//")[2].partition("/")[2]
    return "private" in path or "token" in path or ("/public/" not in path and _SECRET.search(path) is not None)
