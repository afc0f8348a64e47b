"""Who is on call, until when, and who is next, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.language import Words
from bot.wording.name import name_of
from escalation.phrase import Phrase
from escalation.roster import Roster
from escalation.rotation import Role
from escalation.schedule import Schedule, Shift, shifts

AHEAD = timedelta(days=366)
"""How far the end of a shift, and the one after it, are looked for."""

ROLE_WORDS = {Role.BACKUP: Phrase("backup"), Role.SHADOW: Phrase("shadow")}


@dataclass(frozen=True, slots=True)
class NowOnCall:
    """Who is on call in one role, until when, and the first shift after it that has somebody."""

    role: Role
    people: tuple[str, ...]
    until: datetime | None
    next: Shift | None


def on_call_now(schedule: Schedule, at: datetime, role: Role) -> NowOnCall:
    listed = groupby(shifts(schedule, at, at + AHEAD, role), key=lambda one: one.people)
    first, *later = [next(group) for _, group in listed]
    after = next((one for one in later if one.people), None)
    return NowOnCall(role, first.people, later[0].start if later else None, after)


def on_call_lines(schedule: Schedule, now: NowOnCall, roster: Roster, words: Words) -> list[str]:
    values = {
        "schedule": schedule.id if now.role is Role.PRIMARY else f"{schedule.id} ({words.said(ROLE_WORDS[now.role])})",
        "who": who_is(now.people, roster, words),
        "until": words.instant(now.until) if now.until else "",
    }
    form = (
        words.gettext("%(schedule)s: %(who)s, until %(until)s") if now.until else words.gettext("%(schedule)s: %(who)s")
    )
    lines = [form % values]
    if now.next is not None and now.next.start == now.until:
        lines.append("  " + words.gettext("then %(who)s") % {"who": who_is(now.next.people, roster, words)})
    elif now.next is not None:
        after = {"who": who_is(now.next.people, roster, words), "start": words.instant(now.next.start)}
        lines.append("  " + words.gettext("then nobody; from %(start)s %(who)s") % after)
    return lines


def who_is(people: Sequence[str], roster: Roster, words: Words) -> str:
    return words.listed([name_of(one, roster, words) for one in people]) or words.gettext("nobody is on call")
