"""How a shift or a week went, counted from what the store has kept of it."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from bot.load import loads
from bot.outcome import PRICED
from bot.store.reports import OpenedAlert, SentPage
from bot.store.search import OPEN
from bot.store.store import Tx
from escalation.load import Load
from escalation.roster import Roster


class Span(NamedTuple):
    """From ``since`` until ``until`` (UTC)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Reaction:
    """How fast people came: how many alerts somebody has read or taken, the median of the time it took, and the
    slowest with its alert."""

    taken: int = 0
    median: timedelta | None = None
    slowest: timedelta | None = None
    slowest_id: int = 0


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of the pages that left: how many, how late half of them were at most, 99 of 100, and the latest."""

    sent: int = 0
    median: timedelta | None = None
    most: timedelta | None = None
    latest: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``severities``: alerts that opened in the span, by severity. ``open`` are those of them that are open still,
    ``exhausted`` those that nobody came to in time. ``pages`` left for these alerts; ``costs`` of calls and text
    messages by currency, as far as the provider has said: of ``unpriced`` it has not. ``people`` is who was told in the
    span. ``is_cut``: there were more alerts than are counted."""

    span: Span
    severities: Mapping[str, int]
    reaction: Reaction
    exhausted: tuple[int, ...]
    open: tuple[int, ...]
    pages: Lateness
    costs: Mapping[str, Decimal]
    unpriced: int
    people: Mapping[str, Load] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def opened(self) -> int:
        return sum(self.severities.values())


async def report_of(tx: Tx, roster: Roster, span: Span) -> Report:
    """The report of a span. What came of its alerts counts, also after its end."""
    alerts, is_cut = await tx.opened_between(*span)
    ids = [one.id for one in alerts]
    pages = await tx.sent_about(ids)
    people = await loads(tx, roster, *span)
    costs, unpriced = _costs([*pages, *await tx.sender_calls_about(ids)])
    return Report(
        span=span,
        severities=Counter(one.severity for one in alerts),
        reaction=_reaction(alerts, await tx.taken_at(ids)),
        exhausted=tuple(sorted(await tx.exhausted_at(ids))),
        open=tuple(sorted(one.id for one in alerts if one.status in OPEN)),
        pages=_lateness(pages),
        costs=costs,
        unpriced=unpriced,
        people={id: load for id, load in people.items() if load.pages},
        is_cut=is_cut,
    )


def _reaction(alerts: Sequence[OpenedAlert], taken: Mapping[int, datetime]) -> Reaction:
    """A mail that was read before it could be told of was read at once."""
    took = sorted((max(taken[one.id] - one.at, timedelta(0)), one.id) for one in alerts if one.id in taken)
    if not took:
        return Reaction()
    slowest, id = took[-1]
    return Reaction(len(took), _at([span for span, _ in took], 0.5), slowest, id)


def _lateness(pages: Collection[SentPage]) -> Lateness:
    late = sorted(max(one.sent_at - one.due_at, timedelta(0)) for one in pages)
    return Lateness(len(late), _at(late, 0.5), _at(late, 0.99), late[-1]) if late else Lateness()


def _at(ordered: Sequence[timedelta], part: float) -> timedelta:
    """The value that this part of all is not above (nearest rank)."""
    return ordered[max(0, -int(-len(ordered) * part // 1) - 1)]


def _costs(pages: Collection[SentPage]) -> tuple[dict[str, Decimal], int]:
    """A call that told of several mails is paid for once."""
    refs = [json.loads(one.ref) for one in pages if one.channel in PRICED]
    # Of the pages of one call one may know the price before the others do.
    refs.sort(key=lambda ref: "price" in ref)
    paid = {ref.get("sid") or number: ref for number, ref in enumerate(refs)}
    costs: dict[str, Decimal] = {}
    unpriced = 0
    for ref in paid.values():
        try:
            price = Decimal(ref["price"])
        except (KeyError, InvalidOperation):
            unpriced += 1
            continue
        currency = ref.get("currency", "")
        costs[currency] = costs.get(currency, Decimal(0)) + abs(price)
    return costs, unpriced
