"""Where a request comes from: the owner of its address, and the network it belongs to."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

RANGES = Path(__file__).with_name("ranges.toml")

_KEPT_BITS = {4: 24, 6: 48}
"""What is kept of an address: a house or an office, not the machine in it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose machines these are, and what they are to a picture (a value of ``Opener``)."""

    name: str
    opener: str


@lru_cache(maxsize=4_096)
def owner_of(address: str) -> Owner | None:
    """The mail service that publishes this address as its own; None for any other, and for what is no address."""
    parsed = _parsed(address)
    if parsed is None:
        return None
    number, size = int(parsed), parsed.max_prefixlen
    for bits, known in _ranges()[parsed.version].items():
        found = known.get(number >> (size - bits))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """ "203.0.113.0/24", "2001:db8:1::/48"; "" for what is no address."""
    parsed = _parsed(address)
    return str(ip_network((parsed, _KEPT_BITS[parsed.version]), strict=False)) if parsed is not None else ""


@lru_cache(maxsize=4_096)
def is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


@lru_cache(maxsize=4_096)
def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed


@cache
def _ranges() -> Mapping[int, Mapping[int, Mapping[int, Owner]]]:
    """By version and length of the prefix, the longest first: the prefix as a number, and whose it is."""
    found: dict[int, dict[int, dict[int, Owner]]] = {4: {}, 6: {}}
    for entry in tomllib.loads(RANGES.read_text(encoding="utf-8"))["owner"]:
        owner = Owner(entry["name"], entry["opener"])
        for text in entry["ranges"]:
            network = ip_network(text)
            prefix = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
            found[network.version].setdefault(network.prefixlen, {})[prefix] = owner
    return {version: dict(sorted(by_bits.items(), reverse=True)) for version, by_bits in found.items()}
