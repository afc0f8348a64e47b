"""What ``kidoku report`` prints."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.language import Words
from bot.office import Office
from bot.report import Report, Span, report_of
from bot.view import NotOneError
from bot.wording.report import report_lines
from channels.console.render import printable

USUAL = timedelta(days=7)


async def show(office: Office, since: datetime | None, until: datetime | None, words: Words, *, as_json: bool) -> int:
    """Print the report of a span. Raises NotOneError for one that ends before it begins."""
    end = until or office.clock.now()
    span = Span(since or end - USUAL, end)
    if span.since >= span.until:
        raise NotOneError(words.gettext("It would end before it begins: write --until after --since."))
    roster = office.engine.rules.roster
    async with office.store.reading() as tx:
        found = await report_of(tx, roster, span)
    if as_json:
        print(json.dumps(_object(found), ensure_ascii=False, indent=2))
    else:
        print("\n".join(printable(line) for line in report_lines(found, roster, words)))
    return 0


def _object(one: Report) -> dict[str, Any]:
    reaction, pages = one.reaction, one.pages
    return {
        "since": one.span.since.isoformat(),
        "until": one.span.until.isoformat(),
        "opened": one.opened,
        "severities": dict(one.severities),
        "taken": reaction.taken,
        "median_s": _seconds(reaction.median),
        "slowest_s": _seconds(reaction.slowest),
        "slowest": reaction.slowest_id or None,
        "exhausted": list(one.exhausted),
        "open": list(one.open),
        "pages": pages.sent,
        "late_median_s": _seconds(pages.median),
        "late_p99_s": _seconds(pages.most),
        "late_most_s": _seconds(pages.latest),
        "costs": {currency: f"{price:f}" for currency, price in one.costs.items()},
        "unpriced": one.unpriced,
        "people": [{"person": id, **asdict(load)} for id, load in one.people.items()],
        "is_cut": one.is_cut,
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 3)
