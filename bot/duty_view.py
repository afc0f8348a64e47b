"""What the commands about schedules print: who is on call, the shifts to come, overrides and leaves."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.change import refusals
from bot.duty import leave_line, override_line, schedule_of
from bot.language import Words
from bot.office import Office
from bot.store.duty import Removed
from bot.view import NotOneError
from bot.wording import name_of
from bot.wording.duty import ROLE_WORDS, NowOnCall, on_call_lines, on_call_now, who_is
from escalation.roster import Roster
from escalation.rotation import Role
from escalation.schedule import FIXED, OVERRIDE, Leave, Override, Schedule, Shift, shifts


def words_of(office: Office, login: str) -> Words:
    """The words of whoever reads: their own language and zone if the login is somebody's id."""
    person = office.engine.rules.roster.people.get(login)
    return office.words.of(person.language, person.zone) if person else office.words


def aware(at: datetime | None, words: Words) -> datetime | None:
    """An instant as somebody typed it: without an offset it is on their own wall."""
    return at.replace(tzinfo=words.zone) if at is not None and at.tzinfo is None else at


def span_of(start: datetime, end: datetime, words: Words) -> tuple[datetime, datetime]:
    """What was typed, in UTC."""
    first, last = ((at if at.tzinfo else at.replace(tzinfo=words.zone)).astimezone(UTC) for at in (start, end))
    return first, last


async def oncall(
    office: Office, schedule: str, at: datetime | None, until: datetime | None, words: Words, *, as_json: bool
) -> int:
    """Who is on call now or at an instant; with ``until`` every shift from then on. Exit code 1: nobody is."""
    schedules = await _schedules(office, schedule, at, words)
    start = at or office.clock.now()
    if until is not None and until <= start:
        raise NotOneError(words.gettext("It would end before it begins: write --until after --at."))
    if until is None:
        return _print_now(office, schedules, start, words, as_json=as_json)
    return _print_shifts(office, schedules, (start, until), words, as_json=as_json)


async def _schedules(office: Office, name: str, at: datetime | None, words: Words) -> list[Schedule]:
    """With the overrides and leaves of then. Raises NotOneError."""
    roster = office.engine.rules.roster
    if at is not None:
        async with office.store.reading() as tx:
            roster = roster.changed(await tx.overrides(at), await tx.leaves(at))
    with refusals(words):
        return [roster.schedules[schedule_of(roster, name)]] if name else list(roster.schedules.values())


def _print_now(office: Office, schedules: Sequence[Schedule], at: datetime, words: Words, *, as_json: bool) -> int:
    found = [(one, [on_call_now(one, at, role) for role in Role if role in one.roles]) for one in schedules]
    if as_json:
        print(
            json.dumps([_now_object(one, now) for one, roles in found for now in roles], ensure_ascii=False, indent=2)
        )
    elif not found:
        print(words.gettext("The settings have no schedules."))
    for schedule, roles in found if not as_json else ():
        for line in (line for now in roles for line in on_call_lines(schedule, now, office.engine.rules.roster, words)):
            _console().print(Text(line))
    return 0 if all(roles[0].people for _, roles in found) else 1


def _now_object(schedule: Schedule, now: NowOnCall) -> dict[str, Any]:
    return {
        "schedule": schedule.id,
        "role": now.role,
        "people": list(now.people),
        "until": now.until.isoformat() if now.until else None,
        "next": _shift_object(schedule, now.next) if now.next else None,
    }


def _print_shifts(
    office: Office, schedules: Sequence[Schedule], span: tuple[datetime, datetime], words: Words, *, as_json: bool
) -> int:
    found = [
        (one, shift) for one in schedules for role in Role if role in one.roles for shift in shifts(one, *span, role)
    ]
    if as_json:
        print(json.dumps([_shift_object(one, shift) for one, shift in found], ensure_ascii=False, indent=2))
        return 0
    for (schedule, role), group in groupby(found, key=lambda one: (one[0].id, one[1].role)):
        title = schedule if role is Role.PRIMARY else f"{schedule} ({words.said(ROLE_WORDS[role])})"
        _console().print(Text(title, style="bold"))
        _console().print(_shift_table([shift for _, shift in group], office, words))
    return 0


def _shift_table(listed: Sequence[Shift], office: Office, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in (words.pgettext("when a shift begins", "From"), words.gettext("Until"), words.gettext("On call")):
        table.add_column(heading, overflow="fold")
    for one in listed:
        given = {name: words.gettext("calendar") for name in office.settings.shift_calendars}
        marks = given | {OVERRIDE: words.gettext("override"), FIXED: words.gettext("fixed shift")}
        mark = f" ({marks[one.source]})" if one.source in marks else ""
        who = f"{who_is(one.people, office.engine.rules.roster, words)}{mark}"
        table.add_row(words.instant(one.start), words.instant(one.end), who, style="" if one.people else "bold")
    return table


def _shift_object(schedule: Schedule, one: Shift) -> dict[str, Any]:
    return {
        "schedule": schedule.id,
        "role": one.role,
        "people": list(one.people),
        "from": one.start.isoformat(),
        "until": one.end.isoformat(),
        "source": one.source,
    }


async def list_overrides(office: Office, words: Words, *, as_json: bool) -> int:
    async with office.store.reading() as tx:
        found = await tx.overrides(office.clock.now())
    lines = [f"{one.id}  {override_line(one, office.engine.rules.roster, words)}" for one in found]
    return _print_changes(found, lines or [words.gettext("No overrides.")], as_json=as_json)


async def list_leaves(office: Office, words: Words, *, as_json: bool) -> int:
    roster, now = office.engine.rules.roster, office.clock.now()
    async with office.store.reading() as tx:
        entered = await tx.leaves(now)
    found = [*entered, *(one for one in roster.away if one.end > now)]
    lines = [f"{one.id or words.gettext('calendar')}  {leave_line(one, roster, words)}" for one in found]
    return _print_changes(found, lines or [words.gettext("Nobody is on leave.")], as_json=as_json)


async def list_removed_overrides(office: Office, words: Words, *, as_json: bool) -> int:
    async with office.store.reading() as tx:
        found = await tx.removed_overrides()
    return _print_removed(office, found, words.gettext("No overrides."), words, as_json=as_json)


async def list_removed_leaves(office: Office, words: Words, *, as_json: bool) -> int:
    async with office.store.reading() as tx:
        found = await tx.removed_leaves()
    return _print_removed(office, found, words.gettext("No leaves."), words, as_json=as_json)


def _print_removed(office: Office, found: Sequence[Removed], none: str, words: Words, *, as_json: bool) -> int:
    if as_json:
        objects = [_change_object(one.what) | {"removed_by": one.by, "removed_at": one.at.isoformat()} for one in found]
        print(json.dumps(objects, ensure_ascii=False, indent=2))
        return 0
    for line in [_removed_line(one, office.engine.rules.roster, words) for one in found] or [none]:
        _console().print(Text(line))
    return 0


def _removed_line(one: Removed, roster: Roster, words: Words) -> str:
    what = one.what
    line = override_line(what, roster, words) if isinstance(what, Override) else leave_line(what, roster, words)
    values = {"who": name_of(one.by, roster, words), "at": words.instant(one.at)}
    said = words.sentences(line, words.gettext("Taken back by %(who)s, %(at)s.") % values)
    return f"{what.id}  {said}"


def _change_object(one: Override | Leave) -> dict[str, Any]:
    if isinstance(one, Override):
        more = {"schedule": one.schedule, "replaces": one.replaces}
    else:
        more = {"delegate": one.delegate}
    span = {"from": one.start.isoformat(), "until": one.end.isoformat()}
    return {"id": one.id, "person": one.person, **more, **span, "by": one.by, "at": one.at.isoformat()}


def _print_changes(found: Sequence[Override | Leave], lines: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps([_change_object(one) for one in found], ensure_ascii=False, indent=2))
        return 0
    for line in lines:
        _console().print(Text(line))
    return 0


def _console() -> Console:
    return Console(soft_wrap=False, highlight=False, markup=False)
