"""What people do to the schedules, vendor-free: take a duty over, be on leave, take either back."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.desk import Desk
from bot.language import Words
from bot.refusal import BadArgumentError
from bot.settings.problem import suggestion
from bot.wording import name_of
from escalation.phrase import N_, Phrase, advice
from escalation.roster import Roster
from escalation.schedule import Leave, Override


def schedule_of(roster: Roster, written: str) -> str:
    """The id of a schedule. Raises BadArgumentError with the nearest one."""
    if written not in roster.schedules:
        raise BadArgumentError(
            _unknown(Phrase("there is no schedule %(name)s", name=written), written, roster.schedules)
        )
    return written


def person_of(roster: Roster, written: str) -> str:
    """The id of the person that an id or a mail address names. Raises BadArgumentError with the nearest one."""
    found = roster.people.get(written) or roster.person_of(written)
    if found is None:
        raise BadArgumentError(_unknown(Phrase("there is no person %(name)s", name=written), written, roster.people))
    return found.id


async def take_over(desk: Desk, wanted: Override, words: Words) -> str:
    """Keep an override; returns what to tell. Raises BadArgumentError, with the schedule or person that was meant."""
    roster = desk.rules.roster
    checked = replace(
        wanted,
        schedule=schedule_of(roster, wanted.schedule),
        person=person_of(roster, wanted.person),
        replaces=person_of(roster, wanted.replaces) if wanted.replaces else "",
        at=desk.now,
    )
    _check_span(checked.start, checked.end, desk.now)
    if checked.replaces == checked.person:
        raise BadArgumentError(Phrase("nobody stands in for themselves"))
    _check_leave(checked, await desk.tx.leaves(desk.now), words)
    id = await desk.tx.add_override(checked)
    desk.is_roster_changed = True
    return words.gettext("Override %(id)d: %(what)s") % {"id": id, "what": override_line(checked, roster, words)}


async def go_on_leave(desk: Desk, wanted: Leave, words: Words) -> str:
    """Keep a leave; returns what to tell. Raises BadArgumentError."""
    roster = desk.rules.roster
    delegate = person_of(roster, wanted.delegate) if wanted.delegate else ""
    checked = replace(wanted, person=person_of(roster, wanted.person), delegate=delegate, at=desk.now)
    _check_span(checked.start, checked.end, desk.now)
    if checked.delegate == checked.person:
        raise BadArgumentError(Phrase("nobody stands in for themselves"))
    id = await desk.tx.add_leave(checked)
    desk.is_roster_changed = True
    said = words.gettext("Leave %(id)d: %(what)s") % {"id": id, "what": leave_line(checked, roster, words)}
    return "\n".join([said, *await _voided(desk, checked, words)])


async def _voided(desk: Desk, away: Leave, words: Words) -> list[str]:
    """The overrides that do not count while this person is away."""
    found = [
        one
        for one in await desk.tx.overrides(max(away.start, desk.now))
        if one.person == away.person and one.start < away.end
    ]
    form = words.gettext("Override %(id)d does not count meanwhile: %(what)s")
    return [form % {"id": one.id, "what": override_line(one, desk.rules.roster, words)} for one in found]


async def remove_override(desk: Desk, id: int, by: str, words: Words) -> str:
    """Take an override back; who did it is kept. Raises BadArgumentError if there is none with this number."""
    if not await desk.tx.remove_override(id, by, desk.now):
        raise BadArgumentError(Phrase("there is no override %(id)s; “kidoku overrides” lists them", id=str(id)))
    desk.is_roster_changed = True
    return words.gettext("Override %(id)d is removed.") % {"id": id}


async def remove_leave(desk: Desk, id: int, by: str, words: Words) -> str:
    """Take a leave back; who did it is kept. Raises BadArgumentError if there is none with this number."""
    if not await desk.tx.remove_leave(id, by, desk.now):
        raise BadArgumentError(Phrase("there is no leave %(id)s; “kidoku leaves” lists them", id=str(id)))
    desk.is_roster_changed = True
    return words.gettext("Leave %(id)d is removed.") % {"id": id}


def override_line(one: Override, roster: Roster, words: Words) -> str:
    """ "Bob is on call for noc from … until …"."""
    values = {"person": name_of(one.person, roster, words), "schedule": one.schedule, "span": span_line(one, words)}
    if not one.replaces:
        return words.gettext("%(person)s is on call for %(schedule)s, %(span)s.") % values
    values["replaced"] = name_of(one.replaces, roster, words)
    return words.gettext("%(person)s stands in for %(replaced)s in %(schedule)s, %(span)s.") % values


def leave_line(one: Leave, roster: Roster, words: Words) -> str:
    """ "Alice is on leave, … – …"; with who is told in her place."""
    values = {"person": name_of(one.person, roster, words), "span": span_line(one, words)}
    known = roster.people.get(one.person)
    delegate = one.delegate or (known.delegate if known else "")
    if delegate:
        values["other"] = name_of(delegate, roster, words)
        return words.gettext("%(person)s is on leave, %(span)s; told in their place: %(other)s.") % values
    return words.gettext("%(person)s is on leave, %(span)s.") % values


def span_line(one: Override | Leave, words: Words) -> str:
    return f"{words.instant(one.start)} – {words.instant(one.end)}"


def _unknown(message: Phrase, written: str, known: Collection[str]) -> Phrase:
    fix = suggestion(written, known)
    return advice(message, fix) if fix else message


def _check_span(start: datetime, end: datetime, now: datetime) -> None:
    if start >= end:
        raise BadArgumentError(Phrase("it would end before it begins; write an end after its start"))
    if end <= now:
        raise BadArgumentError(Phrase("it would be over already; write an --until that is still to come"))


def _check_leave(wanted: Override, leaves: list[Leave], words: Words) -> None:
    """An override for somebody who is away would do nothing."""
    for one in leaves:
        if one.person == wanted.person and one.start < wanted.end and wanted.start < one.end:
            form = N_("%(person)s is on leave then (%(span)s); name somebody else, or: kidoku leaves --remove %(id)s")
            raise BadArgumentError(Phrase(form, person=one.person, span=span_line(one, words), id=str(one.id)))
