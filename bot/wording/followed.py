"""What somebody follows, in words: what happened to it, in private and without a button."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.language import Words
from bot.wording.message import Row
from bot.wording.name import cut, subject_of
from bot.wording.status import marked
from bot.wording.teller import Listed, Teller
from bot.wording.timeline import line_of
from bot.wording.titled import titled
from channels.message import Fact, Message, Tone
from escalation.alert import Alert
from escalation.roster import Roster

MOST_LINES = 15
"""Discord shows 25 fields."""
MOST_SUBJECT = 150
MOST_LABEL = 60
"""Of a subject, where it stands beside others."""
MOST_LINE = 200


@dataclass(frozen=True, slots=True)
class News:
    """An alert, its whole list, and the numbers (from 1) of what is new in it."""

    alert: Alert
    events: Listed
    new: Collection[int]


def word_followed(found: Sequence[News], more: int, row: Row, words: Words, roster: Roster) -> Message:
    """One message for all that happened; ``more`` happenings are only counted."""
    lines = [line for one in found for line in _lines(one, words, roster, is_alone=len(found) == 1)]
    more += max(0, len(lines) - MOST_LINES)
    facts = [Fact(label, cut(text, MOST_LINE)) for label, text in lines[:MOST_LINES]]
    if more:
        facts.append(Fact("…", words.ngettext("%(n)d more line", "%(n)d more lines", more) % {"n": more}))
    return replace(
        titled(row, words, _title(found, words)),
        facts=tuple(facts),
        footer=words.gettext("What you follow in Kidoku"),
        tone=Tone.CALM,
    )


def _title(found: Sequence[News], words: Words) -> str:
    if len(found) == 1:
        return _named(found[0].alert, words)
    form = words.ngettext("News of %(n)d alert that you follow", "News of %(n)d alerts that you follow", len(found))
    return form % {"n": len(found)}


def _named(alert: Alert, words: Words, most: int = MOST_SUBJECT) -> str:
    subject = subject_of(alert.mail, words)
    return f"#{alert.id} {cut(marked(subject, words) if alert.is_exercise else subject, most)}"


def _lines(one: News, words: Words, roster: Roster, *, is_alone: bool) -> list[tuple[str, str]]:
    """(time, or time and alert; what happened)."""
    teller = Teller(one.alert, roster, words)
    told = [(number, at, line_of(teller, event)) for number, (event, at) in enumerate(one.events, 1)]
    label = "" if is_alone else f" {_named(one.alert, words, MOST_LABEL)}"
    found = [(at, line) for number, at, line in told if number in one.new and line]
    return [(f"{words.moment(at, one.events[-1][1])}{label}", line) for at, line in found]
