"""What commands that only look answer of silences, simulations and reports: lines in the reader's words."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from bot.chatops.asker import Asker
from bot.chatops.clause import number_of, timed
from bot.chatops.command import Command
from bot.chatops.day import in_past, in_shift, read_day
from bot.chatops.vocabulary import Name
from bot.chatops.when import read_when
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.report import Span, report_of
from bot.routes import Routes
from bot.store.store import Tx
from bot.wording.report import report_lines
from bot.wording.silenced import RECENT, Listed, told_of, window_line
from escalation.roster import Roster

MOST_LINES = 60
"""Lines of an answer; what is left is counted. Slack and Discord cut sooner where they must."""
MOST_MAILS = 25
_PERIODS = MappingProxyType({"": timedelta(days=7), "week": timedelta(days=7), "month": timedelta(days=30)})


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: the people, what becomes of mail, and when."""

    roster: Roster
    routes: Routes
    now: datetime


def _cut(lines: list[str], words: Words) -> list[str]:
    rest = len(lines) - MOST_LINES
    if rest <= 0:
        return lines
    return [*lines[:MOST_LINES], words.ngettext("%(n)d more line", "%(n)d more lines", rest) % {"n": rest}]


def _known(at: datetime | None, text: str, words: Words) -> datetime:
    """Raises BadArgumentError for no time."""
    if at is None:
        raise BadArgumentError(words.gettext("“%(text)s” is no time.") % {"text": text[:60]})
    return at


# Silences -------------------------------------------------------------------------------------------------------------


async def _silences(tx: Tx, command: Command, asker: Asker, view: View) -> list[str]:
    words = asker.words
    if command.argument:
        return _cut(await _silence(tx, command.argument, words, view), words)
    found = [Listed(one, await tx.swallowed(one.id)) for one in await tx.silences(view.now - RECENT)]
    lines = [line for one in found for line in _lines(one, view, words, 0)]
    lines += [window_line(one, view.now, words) for one in view.routes.maintenance]
    return _cut(lines, words) or [words.gettext("No silences.")]


async def _silence(tx: Tx, written: str, words: Words, view: View) -> list[str]:
    found = await tx.silence(number_of(written))
    if found is None:
        wrong = words.gettext("There is no silence “%(text)s”; “silences” lists them with their numbers.")
        raise BadArgumentError(wrong % {"text": written[:60]})
    one = Listed(found, await tx.swallowed(found.id))
    return _lines(one, view, words, MOST_MAILS)


def _lines(one: Listed, view: View, words: Words, most: int) -> list[str]:
    return [f"{' ' * deep}{line}" for deep, line in told_of(one, view.roster, view.now, words, most)]


# Simulations ----------------------------------------------------------------------------------------------------------


async def _simulation(tx: Tx, command: Command, asker: Asker, view: View) -> list[str]:
    # Seldom asked for, and heavy: a bot that idles does not hold it.
    from bot.simulate import Asked, brief_lines, policy_of, run, severity_of
    from escalation.simulate import SimulationError

    words, person = asker.words, asker.person
    at = view.now
    if command.start:
        at = _known(in_shift(command.start, view.now, person.zone, person.morning), command.start, words)
    asked = Asked(
        policy=policy_of(command.policy, view.routes.policies, words),
        at=at.astimezone(words.zone),
        reads=timed(command.reads),
        acks=timed(command.acks),
        severity=severity_of(command.severity, words),
    )
    roster = view.roster.changed(await tx.overrides(min(at, view.now)), await tx.leaves(min(at, view.now)))
    try:
        # A long ladder takes its time, and nobody else may wait for it.
        ran = await asyncio.to_thread(run, view.routes.policies, roster, asked)
    except SimulationError as error:
        raise BadArgumentError(error.args[0]) from error
    return _cut(list(brief_lines(ran, words)), words)


# Reports --------------------------------------------------------------------------------------------------------------


async def _report(tx: Tx, command: Command, asker: Asker, view: View) -> list[str]:
    span = span_of(command, asker, view.now)
    if span.since >= span.until:
        raise BadArgumentError(asker.words.gettext("It would end before it begins."))
    found = await report_of(tx, view.roster, span)
    return _cut(list(report_lines(found, view.roster, asker.words)), asker.words)


def span_of(command: Command, asker: Asker, now: datetime) -> Span:
    """The time that a report is asked for. Raises BadArgumentError."""
    words, zone = asker.words, asker.person.zone
    until = min(now, _known(in_past(command.end, now, zone), command.end, words)) if command.end else now
    if command.start:
        # "since 22:00 until 7:00" is the night before that morning; a day is a day.
        before = now if read_day(command.start) else until
        return Span(_known(in_past(command.start, before, zone), command.start, words), until)
    if command.argument == "today":
        midnight = now.astimezone(words.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return Span(midnight.astimezone(UTC), until)
    when = read_when(command.argument) if command.argument not in _PERIODS else None
    back = when.span if when is not None and when.span is not None else _PERIODS[command.argument]
    return Span(until - back, until)


VIEWS: Mapping[Name, Callable[[Tx, Command, Asker, View], Awaitable[list[str]]]] = MappingProxyType(
    {Name.SILENCES: _silences, Name.SIMULATE: _simulation, Name.REPORT: _report}
)
"""The commands of this file."""
