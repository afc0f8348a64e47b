"""``kidoku feed`` and ``kidoku calendars``: the links of our calendars, and how those of others are."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.calendars import link
from bot.calendars.link import Subject
from bot.calendars.told import quoted, words_of
from bot.change import keep, refusals
from bot.desk import Desk
from bot.duty import person_of, schedule_of
from bot.language import Words
from bot.office import Office
from bot.post import open_tokens
from bot.store.calendars import FeedRow
from bot.terminal import me
from bot.view import NotOneError
from bot.wording import name_of
from escalation.phrase import of_parts


async def feed(office: Office, person: str, schedule: str, words: Words, *, is_revoked: bool, as_json: bool) -> int:
    """Print the link of a feed, or take it back. Raises NotOneError."""
    subject = _subject(office, person, schedule, words)
    if is_revoked:
        return await _revoke(office, subject, words, as_json=as_json)
    base = (office.settings.web.public_url or "").rstrip("/")
    if not base:
        raise NotOneError(words.gettext("The calendar is at no address that others reach: set web.public_url."))
    tokens = await open_tokens(office.store)

    async def job(desk: Desk) -> str:
        token = await link.token_of(desk.tx, subject, tokens)
        await keep(desk, me(), "feed", subject.id)
        return token

    token = await office.engine.run_now(job)
    url = f"{base}/f/{token}.ics"
    if as_json:
        print(json.dumps({"url": url}))
        return 0
    print(url)
    said = words.gettext("Whoever has this link can read the calendar; with --revoke it leads nowhere any more.")
    Console(soft_wrap=False, highlight=False, markup=False, stderr=True).print(Text(said))
    return 0


def _subject(office: Office, person: str, schedule: str, words: Words) -> Subject:
    if bool(person) == bool(schedule):
        raise NotOneError(words.gettext("Say whose calendar it is: --person or --schedule."))
    roster = office.engine.rules.roster
    with refusals(words):
        return Subject("p", person_of(roster, person)) if person else Subject("s", schedule_of(roster, schedule))


async def _revoke(office: Office, subject: Subject, words: Words, *, as_json: bool) -> int:
    async def job(desk: Desk) -> bool:
        had = await link.revoke(desk.tx, subject)
        if had:
            await keep(desk, me(), "feed", f"{subject.id} --revoke")
        return had

    had = await office.engine.run_now(job)
    roster = office.engine.rules.roster
    name = name_of(subject.id, roster, words) if subject.kind == "p" else subject.id
    form = words.gettext("The link of %(name)s leads nowhere any more; “kidoku feed” makes another.")
    text = (form if had else words.gettext("There is no link of %(name)s.")) % {"name": name}
    print(json.dumps({"revoked": had, "text": text}, ensure_ascii=False) if as_json else text)
    return 0


async def calendars(office: Office, words: Words, *, as_json: bool) -> int:
    """Print how each calendar is: when it was read, what is to come, and what is wrong. Exit code 1: something is."""
    async with office.store.reading() as tx:
        rows = [await tx.feed(name) or FeedRow(name) for name in office.settings.calendars]
    now = office.clock.now()
    found = [(one, _unclear(office, one.name, now)) for one in rows]
    if as_json:
        print(json.dumps([_object(row, unclear, now) for row, unclear in found], ensure_ascii=False, indent=2))
    elif not found:
        print(words.gettext("The settings have no calendars."))
    console = Console(soft_wrap=False, highlight=False, markup=False)
    for line in (line for row, unclear in found for line in _lines(row, unclear, now, words)) if not as_json else ():
        console.print(Text(line))
    return 1 if any(row.fault or row.read_at is None for row in rows) else 0


def _lines(row: FeedRow, unclear: Sequence[str], now: datetime, words: Words) -> list[str]:
    count = sum(one.end > now for one in row.events)
    events = words.ngettext("%(n)d event to come", "%(n)d events to come", count) % {"n": count}
    if row.read_at is None:
        lines = [words.gettext("%(name)s: never read yet") % {"name": row.name}]
    else:
        values = {"name": row.name, "at": words.instant(row.read_at), "events": events}
        lines = [words.gettext("%(name)s: read %(at)s; %(events)s") % values]
    if row.fault:
        values = {"why": words.said(_why(row)), "n": str(row.failures)}
        lines.append("  " + words.gettext("it can't be read any more: %(why)s (tries: %(n)s)") % values)
    if unclear:
        lines.append("  " + words.gettext("nobody knows who is meant by %(events)s") % {"events": quoted(unclear)})
    return lines


def _why(row: FeedRow) -> str:
    said: str = of_parts(json.loads(row.fault))
    return said


def _unclear(office: Office, name: str, now: datetime) -> list[str]:
    """The events to come of a calendar of people that mean nobody."""
    if office.known is None or name not in (*office.settings.shift_calendars, *office.settings.leave_calendars):
        return []
    strangers = office.known.meaning(name).strangers
    return words_of(one for one in strangers if one.end > now)


def _object(row: FeedRow, unclear: Sequence[str], now: datetime) -> dict[str, Any]:
    return {
        "name": row.name,
        "read_at": row.read_at.isoformat() if row.read_at else None,
        "events": sum(one.end > now for one in row.events),
        "failures": row.failures,
        "fault": str(_why(row)) if row.fault else None,
        "unclear": list(unclear),
    }
