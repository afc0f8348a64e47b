"""A report in lines."""

from collections.abc import Iterator, Sequence

from bot.language import Words
from bot.report import Lateness, Reaction, Report
from bot.wording.name import name_of
from bot.wording.status import severity_word
from escalation.load import Load
from escalation.roster import Roster

MOST_PEOPLE = 30
_SEVERITIES = ("critical", "error", "warning", "info")


def report_lines(one: Report, roster: Roster, words: Words) -> Iterator[str]:
    """The span, the alerts, how fast people came, whom nobody came to, the pages, what they cost, and who was told."""
    yield f"{words.instant(one.span.since)} – {words.instant(one.span.until)}"
    yield from _alerts(one, words)
    if one.pages.sent:
        yield _pages(one.pages, words)
    yield from _costs(one, words)
    yield from _people(one, roster, words)


def _alerts(one: Report, words: Words) -> Iterator[str]:
    if not one.opened:
        yield words.gettext("No alerts.")
        return
    count = words.ngettext("%(n)d alert", "%(n)d alerts", one.opened) % {"n": one.opened}
    ranked = sorted(one.severities, key=lambda name: (_rank(name), name))
    parts = [f"{severity_word(name, words)} {one.severities[name]}" for name in ranked]
    yield words.gettext("%(label)s: %(value)s") % {"label": count, "value": words.listed(parts)}
    if one.is_cut:
        yield words.gettext("There were more; only the newest are counted.")
    yield _reaction(one.reaction, words)
    if one.exhausted:
        values = {"n": len(one.exhausted), "ids": _ids(one.exhausted, words)}
        yield words.gettext("Nobody came in time: %(n)d (%(ids)s)") % values
    if one.open:
        yield words.gettext("Still open: %(n)d (%(ids)s)") % {"n": len(one.open), "ids": _ids(one.open, words)}


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _reaction(one: Reaction, words: Words) -> str:
    if one.median is None or one.slowest is None:
        return words.gettext("Read or taken: none")
    values = {
        "n": one.taken,
        "median": words.duration(one.median),
        "slowest": words.duration(one.slowest),
        "id": one.slowest_id,
    }
    return words.gettext("Read or taken: %(n)d, half of them within %(median)s; slowest %(slowest)s (#%(id)d)") % values


def _pages(one: Lateness, words: Words) -> str:
    assert one.most is not None and one.latest is not None
    values = {"n": one.sent, "most": words.duration(one.most), "latest": words.duration(one.latest)}
    form = words.gettext("Notifications that left: %(n)d; 99 of 100 at most %(most)s late, the latest %(latest)s")
    return form % values


def _costs(one: Report, words: Words) -> Iterator[str]:
    if one.costs:
        paid = words.listed([f"{price:f} {currency}".strip() for currency, price in sorted(one.costs.items())])
        yield words.gettext("Calls and text messages cost %(costs)s.") % {"costs": paid}
    if one.unpriced:
        form = words.ngettext(
            "The price of %(n)d call or text message is not known.",
            "The prices of %(n)d calls and text messages are not known.",
            one.unpriced,
        )
        yield form % {"n": one.unpriced}


def _people(one: Report, roster: Roster, words: Words) -> Iterator[str]:
    """Who was told, whose nights were broken most often first."""
    ordered = sorted(one.people.items(), key=lambda each: (-each[1].nights, -each[1].pages, each[0]))
    yield from (f"{name_of(id, roster, words)}: {_load(load, words)}" for id, load in ordered[:MOST_PEOPLE])
    if (rest := len(ordered) - MOST_PEOPLE) > 0:
        yield words.ngettext("%(n)d more", "%(n)d more", rest) % {"n": rest}


def _load(one: Load, words: Words) -> str:
    parts = [words.ngettext("told %(n)d time", "told %(n)d times", one.pages) % {"n": one.pages}]
    if one.calls:
        parts.append(words.ngettext("%(n)d call", "%(n)d calls", one.calls) % {"n": one.calls})
    if one.nights:
        parts.append(words.ngettext("woken in %(n)d night", "woken in %(n)d nights", one.nights) % {"n": one.nights})
    return words.listed(parts)


def _ids(ids: Sequence[int], words: Words) -> str:
    return words.listed([f"#{one}" for one in ids])
