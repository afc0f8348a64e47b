"""Warnings about maintenance windows: those that hold for too long, that are over, or that nothing meets."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from bot.settings.build import Settings
from bot.settings.problem import Fault, Loc
from escalation.pattern import may_be_slow, written_regex
from escalation.phrase import N_, Phrase
from escalation.silence import LONGEST, Maintenance

AHEAD = timedelta(days=400)


def maintenance_warnings(settings: Settings) -> Iterator[Fault]:
    """What is odd in the maintenance windows."""
    today = datetime.combine(settings.today, time(0), UTC)
    for number, one in enumerate(settings.maintenance()):
        loc: Loc = ("maintenance", number)
        if one.window is None and one.end <= today:
            yield Fault(loc, Phrase("it is over"), Phrase("take it away"), is_warning=True)
        elif one.window is not None and _holds_too_long(one, today):
            form = N_("it holds for more than %(days)s days without a break: what is urgent may stay quiet for as long")
            fix = Phrase("name a window that ends sooner")
            yield Fault((*loc, "window"), Phrase(form, days=str(LONGEST.days)), fix, is_warning=True)
        yield from _slow(number, one)


def _holds_too_long(one: Maintenance, today: datetime) -> bool:
    """Whether there is no break in it for longer than a silence may last."""
    window = one.window
    if window is None:
        return False
    changes = [today, *window.changes(today, today + AHEAD), today + AHEAD]
    return any(end - begin > LONGEST and window.contains(begin) for begin, end in pairwise(changes))


def _slow(number: int, one: Maintenance) -> Iterator[Fault]:
    loc: Loc = ("maintenance", number, "when")
    senders = [(("from", place), written_regex(value)) for place, value in enumerate(one.scope.senders)]
    subjects = [(("subject", place), value) for place, value in enumerate(one.scope.subjects)]
    for place, regex in [*senders, *subjects]:
        if regex is not None and may_be_slow(regex):
            form = N_("a repetition inside a repetition in %(regex)s: a hostile mail can make it take for ever")
            fix = Phrase("repeat only once: a+ instead of (a+)+")
            yield Fault((*loc, *place), Phrase(form, regex=repr(regex)), fix, is_warning=True)
