"""Around a shift, in words: the reminder before it, and the summary at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.language import N_, Words
from bot.wording.message import Row
from bot.wording.name import cut, name_of, recipient_name, subject_of
from bot.wording.status import marked, status_word
from bot.wording.titled import titled
from channels.message import Fact, Message, Tone
from escalation.alert import Alert
from escalation.handoff import Handoff, Reminder
from escalation.roster import Roster
from escalation.rotation import Role
from escalation.schedule import Shift

MOST_OPEN = 15
"""Alerts that a summary names; the others are counted. Discord shows 25 fields."""
MOST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a handoff tells. ``open`` are alerts, newest first; the numbers are of the shift; ``nights`` are those in
    which somebody was called, by person. ``next`` is the shift that follows, if one does soon."""

    handoff: Handoff
    next: Shift | None
    open: Sequence[Alert]
    opened: int
    taken: int
    exhausted: int
    resolved: int
    pages: int
    nights: Mapping[str, frozenset[date]]


def word_reminder(
    one: Reminder, row: Row, words: Words, now: datetime, end: datetime | None, others: Sequence[str]
) -> Message:
    """The reminder of a shift until ``end`` (None: far away), which ``others``, by name, have too."""
    form = N_("%(schedule)s: your shift begins in %(left)s, %(start)s")
    if one.role is Role.BACKUP:
        form = N_("%(schedule)s: your shift as backup begins in %(left)s, %(start)s")
    left = timedelta(minutes=max(1, round((one.start - now) / timedelta(minutes=1))))
    values = {"schedule": one.schedule, "left": words.duration(left), "start": words.instant(one.start)}
    title = words.gettext(form) % values
    facts = [Fact(words.gettext("Until"), words.instant(end))] if end else []
    if others:
        facts.append(Fact(words.gettext("Together with"), words.listed(others)))
    return _message(row, words, title, facts)


def word_handoff(found: Summary, row: Row, words: Words, roster: Roster, now: datetime) -> Message:
    """The summary of a shift that has ended."""
    one = found.handoff
    values = {"schedule": one.schedule, "before": _who(one.people, roster, words), "after": _who(one.to, roster, words)}
    title = words.gettext("Handoff in %(schedule)s: %(before)s → %(after)s") % values
    span = f"{words.instant(one.since)} – {words.instant(one.at)}"
    facts = [Fact(words.gettext("Shift"), span), *_next(found, roster, words)]
    facts.append(Fact(words.gettext("In this shift"), _counts(found, words)))
    facts.append(Fact(words.gettext("Told"), _pages(found, roster, words)))
    facts += _open(found.open, words, roster, now)
    return _message(row, words, title, facts)


def _next(found: Summary, roster: Roster, words: Words) -> list[Fact]:
    label = words.gettext("Next on call")
    if found.next is None:
        return [Fact(label, words.gettext("nobody is on call"))]
    who = _who(found.next.people, roster, words)
    if found.next.start > found.handoff.at:
        return [Fact(label, f"{who}, {words.instant(found.next.start)} – {words.instant(found.next.end)}")]
    until = {"who": who, "until": words.instant(found.next.end)}
    return [Fact(label, words.gettext("%(who)s, until %(until)s") % until)]


def _counts(found: Summary, words: Words) -> str:
    values = {"opened": found.opened, "taken": found.taken, "resolved": found.resolved, "exhausted": found.exhausted}
    form = words.gettext("alerts opened %(opened)d, taken %(taken)d, resolved %(resolved)d, nobody came %(exhausted)d")
    return form % values


def _pages(found: Summary, roster: Roster, words: Words) -> str:
    pages = words.ngettext("%(n)d notification", "%(n)d notifications", found.pages) % {"n": found.pages}
    if not found.nights:
        return pages
    woken = []
    for person, days in sorted(found.nights.items()):
        form = words.ngettext("%(who)s called in %(n)d night", "%(who)s called in %(n)d nights", len(days))
        woken.append(form % {"who": name_of(person, roster, words), "n": len(days)})
    return words.listed([pages, *woken])


def _open(alerts: Sequence[Alert], words: Words, roster: Roster, now: datetime) -> list[Fact]:
    label = words.gettext("Open alerts")
    if not alerts:
        return [Fact(label, words.gettext("none"))]
    facts = [Fact(f"#{one.id}", _line(one, words, roster, now)) for one in alerts[:MOST_OPEN]]
    rest = len(alerts) - MOST_OPEN
    more = [words.ngettext("%(n)d more of them", "%(n)d more of them", rest) % {"n": rest}] if rest > 0 else []
    return [Fact(label, str(len(alerts))), *facts, *(Fact("…", one) for one in more)]


def _line(alert: Alert, words: Words, roster: Roster, now: datetime) -> str:
    """ "disk full — taken, held by Alice, read by Alice, Bob"."""
    parts = [status_word(alert, words, now)]
    if alert.taken_by:
        who = words.listed([name_of(one, roster, words) for one in alert.taken_by])
        parts.append(words.gettext("held by %(who)s") % {"who": who})
    readers = [recipient_name(one, roster, words) for one in alert.recipients if alert.has_read(one)]
    parts.append(
        words.gettext("read by %(who)s") % {"who": words.listed(readers)}
        if readers
        else words.gettext("nobody has read it")
    )
    line = f"{cut(subject_of(alert.mail, words), MOST_SUBJECT)} — {words.listed(parts)}"
    return marked(line, words) if alert.is_exercise else line


def _who(people: Sequence[str], roster: Roster, words: Words) -> str:
    return words.listed([name_of(one, roster, words) for one in people]) or words.gettext("nobody is on call")


def _message(row: Row, words: Words, title: str, facts: Sequence[Fact]) -> Message:
    return replace(
        titled(row, words, title),
        facts=tuple(facts),
        footer=words.gettext("A shift in Kidoku"),
        tone=Tone.CALM,
    )
