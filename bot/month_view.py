"""``kidoku calendar``: a month in the terminal, as JSON, or as a page."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.clock import SystemClock
from bot.duty import schedule_of
from bot.language import N_, Words
from bot.month import Day, first_of, month_of
from bot.refusal import BadArgumentError
from bot.settings import load
from bot.settings.holiday_names import holiday_names
from bot.standing import standing
from bot.web.page import PAGES, template_of
from bot.wording import name_of
from channels.system_fault import why_of
from escalation.phrase import Phrase
from escalation.roster import Roster
from escalation.rotation import Role

_ROLES = {Role.BACKUP: N_("%(schedule)s (backup)"), Role.SHADOW: N_("%(schedule)s (shadow)")}
_WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class _Line:
    """What one schedule, or the ladders of some policies, has on one day: (time, who or which), the first without a
    time. ``is_open``: at some time it has nobody, or no ladder."""

    title: str
    parts: tuple[tuple[str, str], ...]
    is_open: bool
    is_ladder: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """The month as the template reads it. ``blanks`` are the days of the week before the first."""

    title: str
    zone: str
    weekdays: Sequence[str]
    blanks: int
    days: Sequence[tuple[Day, str, bool, Sequence[_Line]]]
    legend: Sequence[str]


def calendar_command(
    config: Path,
    month: str,
    schedule: str,
    html: Path | None,
    *,
    as_json: bool,
    login: str = "",
    now: datetime | None = None,
) -> int:
    """Show a month (``2026-12``; this one if empty) in the zone of whoever reads. Returns the exit code: 0, or 2 with
    the fault on stderr."""
    now = now or SystemClock().now()
    loaded = load(config, os.environ, today=now.date(), needs_secrets=False)
    settings = loaded.settings
    if settings is None:
        print(loaded.worded_errors(), file=sys.stderr)
        return 2
    reader = settings.roster().people.get(login)
    words = Words(reader.language, reader.zone, lambda: now) if reader else loaded.words
    try:
        first = first_of(month, now.astimezone(words.zone))
    except ValueError:
        print(words.gettext("“%(text)s” is no month; write it like 2026-12") % {"text": month}, file=sys.stderr)
        return 2
    settings, roster = standing(settings, datetime.combine(first, datetime.min.time(), words.zone))
    try:
        schedules = [roster.schedules[schedule_of(roster, schedule)]] if schedule else list(roster.schedules.values())
    except BadArgumentError as error:
        print(words.sentence(error.args[0]), file=sys.stderr)
        return 2
    policies = list(settings.escalation_policies().values())
    found = holiday_names(settings, first.year, words.language)
    names = {day: tuple(words.said(one) for one in called) for day, called in found.items()}
    days = month_of(first, str(words.zone), schedules, policies, names)
    today = now.astimezone(words.zone).date()
    if html is not None:
        return _write(html, _page(days, roster, words, today), words)
    if as_json:
        print(json.dumps(_object(days, words), ensure_ascii=False, indent=2))
    else:
        _print(days, roster, words, today)
    return 0


# Lines of a day ------------------------------------------------------------------------------------------------------


def _lines(day: Day, roster: Roster, words: Words) -> Iterator[_Line]:
    for (schedule, role), listed in day.shifts.items():
        title = words.gettext(_ROLES[role]) % {"schedule": schedule} if role in _ROLES else schedule
        whos = [(one.start, words.listed([name_of(who, roster, words) for who in one.people])) for one in listed]
        yield _line(title, whos, words.gettext("nobody is on call"), words, is_ladder=False)
    for policies, stretches in day.ladders.items():
        names = [(one.start, one.window) for one in stretches]
        yield _line(words.listed(policies), names, words.gettext("no ladder"), words, is_ladder=True)


def _line(title: str, found: Sequence[tuple[datetime, str]], none: str, words: Words, *, is_ladder: bool) -> _Line:
    merged: list[tuple[datetime, str]] = []
    for at, text in found:
        if not merged or merged[-1][1] != text:
            merged.append((at, text))
    parts = tuple((words.clock(at) if number else "", text or none) for number, (at, text) in enumerate(merged))
    return _Line(title, parts, any(not text for _, text in merged), is_ladder)


def _said(line: _Line) -> str:
    return " → ".join(f"{at} {text}".strip() for at, text in line.parts)


# The terminal --------------------------------------------------------------------------------------------------------


def _print(days: Sequence[Day], roster: Roster, words: Words, today: date) -> None:
    console = Console(highlight=False, markup=False)
    console.print(Text(f"{words.month(days[0].date)} ({words.zone})", style="bold"))
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    for _ in range(2):
        table.add_column(overflow="fold")
    for day in days:
        for row in _rows(day, roster, words, today):
            table.add_row(*row)
    console.print(table)


def _rows(day: Day, roster: Roster, words: Words, today: date) -> Iterator[tuple[Text, Text, Text]]:
    """A row for the holidays, and one for each schedule and ladder; the day stands in the first."""
    is_off = bool(day.holidays) or day.date.weekday() in _WEEKEND
    style = "reverse" if day.date == today else "bold red" if is_off else "bold"
    head = Text(words.day(day.date), style=style)
    told = [(Text(""), Text(words.listed(day.holidays), style="red"))] if day.holidays else []
    for line in _lines(day, roster, words):
        style = "bold red" if line.is_open else "dim" if line.is_ladder else ""
        told.append((Text(line.title, style="dim"), Text(_said(line), style=style)))
    for number, (title, text) in enumerate(told or [(Text(""), Text(""))]):
        yield (head if not number else Text("")), title, text


# JSON and the page ---------------------------------------------------------------------------------------------------


def _object(days: Sequence[Day], words: Words) -> dict[str, Any]:
    return {
        "month": f"{days[0].date:%Y-%m}",
        "zone": str(words.zone),
        "days": [_day_object(one, words) for one in days],
    }


def _day_object(day: Day, words: Words) -> dict[str, Any]:
    def span(one: Any) -> dict[str, str]:
        return {key: at.astimezone(words.zone).isoformat() for key, at in (("from", one.start), ("until", one.end))}

    return {
        "date": day.date.isoformat(),
        "holidays": list(day.holidays),
        "on_call": [
            {"schedule": schedule, "role": role, "people": list(one.people), **span(one), "source": one.source}
            for (schedule, role), listed in day.shifts.items()
            for one in listed
        ],
        "ladders": [
            {"policies": list(policies), "window": one.window or None, **span(one)}
            for policies, stretches in day.ladders.items()
            for one in stretches
        ],
    }


def _page(days: Sequence[Day], roster: Roster, words: Words, today: date) -> _Page:
    listed = [(one, words.day(one.date), one.date == today, list(_lines(one, roster, words))) for one in days]
    legend = (words.gettext("On call"), words.gettext("Ladder"), words.gettext("Holiday"))
    return _Page(words.month(days[0].date), str(words.zone), words.weekdays(), days[0].date.weekday(), listed, legend)


def _write(path: Path, page: _Page, words: Words) -> int:
    style = (PAGES / "calendar.css").read_text(encoding="utf-8")
    try:
        path.write_text(template_of("calendar.html", page, words, style), encoding="utf-8")
    except OSError as error:
        why = Phrase("%(path)s can't be written: %(why)s", path=str(path), why=why_of(error))
        print(words.said(why), file=sys.stderr)
        return 2
    print(words.gettext("Written: %(path)s") % {"path": path})
    return 0
