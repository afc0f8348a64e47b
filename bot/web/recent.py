"""Fetches of pictures in turn: what each is, with those of the last seconds in mind. In bounded memory."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from bot.web.desk import WebReport
from bot.web.network import network_of
from bot.web.openings import BURST, BURST_WINDOW, Fetch, Opener, Opening, classify, program_of
from bot.web.viewer import SOON, Sighting, forwarded_from, named, told
from escalation.receipt import ReceiptKind

MOST_PLACES = 10_000
MOST_KEYS = 8
"""The latest ones of a place: enough to know a burst, which is over before more could matter."""
MOST_MAILS = 10_000
MOST_CLIENTS = 4
"""Clients of a mail that are kept in mind, for an hour and in memory alone: what is not written can't leak."""

Place = tuple[str, str]
"""A network and a mail."""


@dataclass(slots=True)
class _Seen:
    at: datetime
    kind: ReceiptKind


class Recent:
    """Sees bursts, and a second client. Keys of one mail begin alike: "42.m3" is a recipient of mail 42."""

    def __init__(self) -> None:
        self._places: OrderedDict[Place, dict[str, _Seen]] = OrderedDict()
        self._openers: OrderedDict[str, list[Sighting]] = OrderedDict()

    def reports(self, fetch: Fetch, sent_at: datetime) -> tuple[WebReport, ...]:
        """What this fetch proves. A burst is known by its third fetch: it takes back what the first two seemed."""
        seen = self._place(fetch)
        others = [key for key in seen if key != fetch.key]
        opening = classify(fetch, sent_at, others)
        found = [_report(fetch, opening, self._forwarded(fetch, opening))]
        if opening.opener is Opener.BURST and len(others) + 1 >= BURST:
            found += [_taken_back(fetch, key) for key in others if seen[key].kind is ReceiptKind.OPENED]
            for key in others:
                seen[key].kind = ReceiptKind.OPENED_BY_MACHINE
                self._openers.pop(key, None)
        seen.pop(fetch.key, None)
        seen[fetch.key] = _Seen(fetch.at, opening.kind)
        if len(seen) > MOST_KEYS:
            del seen[next(iter(seen))]
        return tuple(found)

    def _forwarded(self, fetch: Fetch, opening: Opening) -> str:
        """What supports that the mail was perhaps forwarded; "" if nothing does. Machines are nobody's client."""
        if opening.kind is not ReceiptKind.OPENED:
            return ""
        client = named(program_of(fetch.user_agent), network_of(fetch.address))
        seen = self._openers.pop(fetch.key, [])
        said = told(client, fetch.at, seen) if forwarded_from(client, fetch.at, seen) else ""
        kept = [one for one in seen if one.client != client][: MOST_CLIENTS - 1]
        self._openers[fetch.key] = [Sighting(client, fetch.at), *kept]
        while len(self._openers) > MOST_MAILS or self._is_over(fetch.at):
            self._openers.popitem(last=False)
        return said

    def _is_over(self, now: datetime) -> bool:
        oldest = next(iter(self._openers.values()))
        return now - oldest[0].at > SOON

    def _place(self, fetch: Fetch) -> dict[str, _Seen]:
        """What this network fetched of this mail within the window; never anything if the network is unknown."""
        network = network_of(fetch.address)
        if not network:
            return {}
        place = (network, fetch.key.partition(".")[0])
        seen = self._places.setdefault(place, {})
        self._places.move_to_end(place)
        for key in [key for key, one in seen.items() if fetch.at - one.at > BURST_WINDOW]:
            del seen[key]
        if len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)
        return seen


def _report(fetch: Fetch, opening: Opening, forwarded: str) -> WebReport:
    return WebReport(
        fetch.key,
        opening.kind,
        fetch.at,
        detail=forwarded or opening.reason,
        opener=opening.opener,
        confidence=opening.confidence,
        program=program_of(fetch.user_agent),
        network=network_of(fetch.address),
    )


def _taken_back(fetch: Fetch, key: str) -> WebReport:
    detail = "one network fetched for several recipients at once"
    return WebReport(key, ReceiptKind.OPENED, fetch.at, detail=detail, opener=Opener.BURST, is_withdrawn=True)
