"""Which client looked: its network and its kind of program, no more. And whether a link was perhaps forwarded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from bot.store.record import CodeRow
from bot.web.network import network_of
from bot.web.openings import program_of
from bot.web.request import client_of
from bot.wording.forwarded import UNKNOWN

VIA = "view"
SOON = timedelta(hours=1)
FORWARDED = "perhaps forwarded"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A client ("Chrome, 203.0.113.0/24") that asked for a code, saw the content, or opened the mail."""

    client: str
    at: datetime


def viewer_of(request: Request) -> str:
    """ "Chrome, 203.0.113.0/24": the family of the program, and the network (/24, /48)."""
    return named(program_of(request.headers.get("user-agent", "")[:500]), network_of(client_of(request.scope)))


def named(program: str, network: str) -> str:
    return ", ".join(part for part in (program or UNKNOWN, network) if part)


def sightings_of(codes: Sequence[CodeRow]) -> list[Sighting]:
    """Who asked for each code of a mail, and who used it, the latest first."""
    asked = [Sighting(code.asker, code.made_at) for code in codes]
    used = [Sighting(code.viewer, code.used_at) for code in codes if code.used_at is not None]
    return sorted(asked + used, key=lambda one: one.at, reverse=True)


def forwarded_from(client: str, at: datetime, seen: Sequence[Sighting]) -> Sighting | None:
    """The latest other client of the last hour, if this one is new beside it; None if nothing looks forwarded."""
    recent = [one for one in seen if at - one.at <= SOON]
    if any(one.client == client for one in recent):
        return None
    return next(iter(recent), None)


def told(client: str, at: datetime, seen: Sequence[Sighting]) -> str:
    """The detail of a receipt: the client, and what supports that the link was perhaps forwarded."""
    other = forwarded_from(client, at, seen)
    if other is None:
        return client
    minutes = round((at - other.at).total_seconds() / 60)
    return f"{FORWARDED}: {client}; {minutes} min before: {other.client}"
