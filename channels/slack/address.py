"""Which addresses stay on this machine."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host's name or address (without its port) is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
