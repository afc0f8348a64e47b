"""What ``kidoku drill`` prints: whom a drill would tell, how it goes, and its report."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import drill
from bot.change import keep, refusals
from bot.desk import Desk
from bot.drill import Wanted
from bot.drill_report import Report, Told, report_of
from bot.language import Words
from bot.office import Office
from bot.store.drills import Drill
from bot.terminal import agreed
from bot.view import NotOneError
from bot.wording import channel_name, name_of, status_word
from bot.wording.standing import standing_of
from channels.base import PHONE
from channels.console.render import printable
from escalation.occasion import recipients_of
from escalation.simulate import Entry, simulate

LOOK = timedelta(seconds=1)
MOST_SHOWN = 20


async def begin(office: Office, wanted: Wanted, words: Words, *, is_sure: bool, waits: bool, as_json: bool) -> int:
    """Ask, begin, and say how to follow it; or wait for its end and print the report. Raises NotOneError."""
    with refusals(words):
        if not is_sure and not await _says_yes(office, wanted, words):
            return 1

        async def job(desk: Desk) -> int:
            id = await drill.begin(desk, wanted, office.policies, office.words)
            await keep(desk, wanted.by, "drill", wanted.policy, id)
            return id

        id = await office.engine.run_now(job)
    if waits:
        return await follow(office, id, words, as_json=as_json)
    text = words.gettext("Drill #%(id)d of policy %(policy)s has begun. How it goes: kidoku drill --report %(id)d")
    said = text % {"id": id, "policy": wanted.policy}
    print(json.dumps({"id": id, "text": said}, ensure_ascii=False, indent=2) if as_json else said)
    return 0


async def _says_yes(office: Office, wanted: Wanted, words: Words) -> bool:
    policy, roster = drill.policy_of(wanted, office.policies), office.engine.rules.roster
    now = office.clock.now()
    entries = simulate(policy, roster, now, [], recipients_of(policy, roster), severity=wanted.severity)
    ends = now + wanted.at_most
    told = [one for one in entries if one.channel not in (None, *wanted.left_out) and one.at <= ends]
    out = Console(soft_wrap=True, highlight=False, markup=False, stderr=True)
    out.print(words.gettext("This tells people for real, marked as an exercise, as long as nobody takes it:"))
    for one in told[:MOST_SHOWN]:
        out.print(Text(f"  {_line(office, one, now, words)}"))
    if len(told) > MOST_SHOWN:
        out.print(f"  … +{len(told) - MOST_SHOWN}")
    calls = sum(one.channel == PHONE for one in told)
    form = words.ngettext(
        "Begin the drill, with %(n)d call at most? [y/N] ", "Begin the drill, with %(n)d calls at most? [y/N] ", calls
    )
    return await agreed(form % {"n": calls}, words.gettext("Nobody can be asked here: write --yes to begin the drill."))


def _line(office: Office, one: Entry, now: datetime, words: Words) -> str:
    who = name_of(one.person, office.engine.rules.roster, words) if one.person else one.target or ""
    return printable(f"+{_span(one.at - now, words)}  {channel_name(one.channel or '', words)} → {who}")


# The report ----------------------------------------------------------------------------------------------------------


async def follow(office: Office, id: int, words: Words, *, as_json: bool) -> int:
    """Wait until a drill is over; then its report. A running bot does the work."""
    while (found := await _found(office, id, words)).drill.ended_at is None:  # noqa: ASYNC110 - it ends in another process
        await asyncio.sleep(LOOK.total_seconds())
    return _show(office, found, words, as_json=as_json)


async def report(office: Office, id: int, words: Words, *, as_json: bool) -> int:
    """How a drill went, or goes. Exit code 1: it is over, and nobody has taken it. Raises NotOneError."""
    return _show(office, await _found(office, id, words), words, as_json=as_json)


async def _found(office: Office, id: int, words: Words) -> Report:
    async with office.store.reading() as tx:
        found = await report_of(tx, id)
        newest = await tx.drills(1) if found is None else []
    if found is None:
        form = words.gettext("#%(id)d is no drill.") % {"id": id}
        last = words.gettext("The last one is #%(id)d.") % {"id": newest[0].alert_id} if newest else ""
        raise NotOneError(words.sentences(form, last))
    return found


def _show(office: Office, found: Report, words: Words, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(_object(found), ensure_ascii=False, indent=2))
    else:
        out = Console(soft_wrap=False, highlight=False, markup=False)
        for line in _head(office, found, words):
            out.print(Text(printable(line)))
        out.print(_table(office, found, words))
    return 1 if found.drill.ended_at is not None and found.taken_at is None else 0


def _head(office: Office, found: Report, words: Words) -> list[str]:
    one, roster = found.drill, office.engine.rules.roster
    values = {"id": one.alert_id, "policy": one.policy, "at": words.instant(one.begun_at)}
    values["who"] = name_of(one.by, roster, words)
    begun = words.gettext("Drill #%(id)d of policy %(policy)s, begun by %(who)s, %(at)s.") % values
    return [begun, _standing(office, found, words)]


def _standing(office: Office, found: Report, words: Words) -> str:
    one, span = found.drill, found.taken_after
    if span is not None:
        who = name_of(found.taken_by, office.engine.rules.roster, words)
        values = {"who": who, "how": channel_name(found.taken_via, words), "span": _span(span, words)}
        return words.gettext("%(who)s took it after %(span)s (%(how)s).") % values
    if one.ended_at is not None:
        return words.gettext("It is over, and NOBODY took it.")
    now = office.clock.now()
    values = {"status": status_word(found.alert, words, now), "until": words.moment(one.ends_at, now)}
    return words.gettext("It goes on until %(until)s at the latest: %(status)s.") % values


def _table(office: Office, found: Report, words: Words) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    headings = (words.gettext("Step"), words.gettext("Told"), words.gettext("Due"), words.gettext("Late by"))
    for heading in (*headings, words.gettext("Outcome"), words.gettext("Answered")):
        table.add_column(heading, overflow="fold")
    for one in found.told:
        table.add_row(*(printable(cell) for cell in _cells(office, found.drill, one, words)))
    return table


def _cells(office: Office, begun: Drill, one: Told, words: Words) -> list[str]:
    row, roster = one.row, office.engine.rules.roster
    who = name_of(row.person, roster, words) if row.person else row.target
    outcome = standing_of(row, words)
    if one.known_at is not None and row.sent_at is not None:
        outcome += f" (+{_span(one.known_at - row.sent_at, words)})"
    answered = (
        ""
        if one.answered_after is None
        else f"+{_span(one.answered_after, words)} {name_of(one.answered_by, roster, words)}"
    )
    number = row.step + 1
    step = {
        "last_resort": words.gettext("last resort"),
        "else": words.gettext("%(step)d, its else") % {"step": number},
    }.get(row.purpose, str(number))
    late = "–" if one.late is None else _span(one.late, words)
    return [
        step,
        f"{channel_name(row.channel, words)} → {who}",
        f"+{_span(row.due_at - begun.begun_at, words)}",
        late,
        outcome,
        answered,
    ]


def _span(span: timedelta, words: Words) -> str:
    """ "0.4 s", "5:00", "1:05:00": steps are compared, so they stand as figures."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 60:
        return words.gettext("%(seconds).1f s") % {"seconds": seconds}
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _object(found: Report) -> dict[str, Any]:
    one = found.drill
    return {
        "id": one.alert_id,
        "policy": one.policy,
        "by": one.by,
        "begun_at": one.begun_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "ended_at": _iso(one.ended_at),
        "status": found.alert.status,
        "left_out": list(found.alert.left_out),
        "taken_by": found.taken_by or None,
        "taken_via": found.taken_via or None,
        "taken_at": _iso(found.taken_at),
        "taken_after_s": _seconds(found.taken_after),
        "told": [_told(each) for each in found.told],
    }


def _told(one: Told) -> dict[str, Any]:
    row = one.row
    return {
        "step": row.step + 1,
        "loop": row.loop,
        "purpose": row.purpose,
        "channel": row.channel,
        "target": row.target,
        "person": row.person,
        "due_at": row.due_at.isoformat(),
        "left_at": _iso(row.sent_at),
        "late_s": _seconds(one.late),
        "state": row.state,
        "outcome": row.outcome,
        "detail": row.detail,
        "known_at": _iso(one.known_at),
        "answered_at": _iso(one.answered_at),
        "answered_by": one.answered_by or None,
        "answered_after_s": _seconds(one.answered_after),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
