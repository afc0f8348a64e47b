"""A silence and what it swallowed, in lines; a maintenance window in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.language import Words
from bot.store.record import Swallowed
from bot.wording.name import cut, name_of, plain, short_sender_of, subject_of
from bot.wording.silence import scope_line, silence_name
from escalation.roster import Roster
from escalation.silence import Maintenance, Silence

RECENT = timedelta(days=1)
"""What ended so recently is listed too."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One silence, and what it swallowed."""

    one: Silence
    mails: Sequence[Swallowed]

    @property
    def waiting(self) -> int:
        return sum(mail.is_waiting for mail in self.mails)


def told_of(each: Listed, roster: Roster, now: datetime, words: Words, most: int) -> Iterator[tuple[int, str]]:
    """(how deep, line): which it is, how it stands, who made it and why, and the last ``most`` mails."""
    one = each.one
    yield 0, f"{silence_name(one, words).strip()}: {scope_line(one.scope, words)}"
    yield 2, f"{_standing(one, now, words)}, {words.instant(one.start)} – {words.instant(one.until)}"
    if one.by:
        values = {"who": name_of(one.by, roster, words), "why": plain(one.why)}
        yield 2, words.gettext("%(who)s: %(why)s") % values
    else:
        yield 2, plain(one.why)
    if one.lifted_by:
        yield 2, words.gettext("lifted by %(who)s") % {"who": name_of(one.lifted_by, roster, words)}
    yield 2, _count(each, words)
    yield from ((4, _mail_line(mail, words)) for mail in list(each.mails)[-most:] if most)


def _standing(one: Silence, now: datetime, words: Words) -> str:
    if one.holds(now):
        return words.pgettext("a silence", "holds")
    if now < one.start and one.lifted_at is None:
        return words.pgettext("a silence", "to come")
    return words.pgettext("a silence", "over")


def _count(each: Listed, words: Words) -> str:
    count = len(each.mails)
    if not count:
        return words.gettext("swallowed nothing")
    form = words.ngettext(
        "swallowed %(n)d mail, unread: %(waiting)d", "swallowed %(n)d mails, unread: %(waiting)d", count
    )
    return form % {"n": count, "waiting": each.waiting}


def _mail_line(mail: Swallowed, words: Words) -> str:
    state = words.pgettext("a mail", "read") if mail.is_read else words.pgettext("a mail", "unread")
    if mail.alert_id is not None:
        state = f"#{mail.alert_id}"
    sender, subject = cut(short_sender_of(mail.mail, words), 60), subject_of(mail.mail, words)
    return f"{words.instant(mail.mail.received_at)}  {state}  {sender}: {subject} ({plain(mail.rule)})"


def window_line(one: Maintenance, now: datetime, words: Words) -> str:
    """ "Maintenance “backup”: from backup.example; every night · holds until …"."""
    values = {"name": plain(one.name), "scope": scope_line(one.scope, words), "why": plain(one.why)}
    line = words.gettext("Maintenance “%(name)s”: %(scope)s; %(why)s") % values
    holds, begins = one.silence_at(now), one.next_begin(now)
    if holds is not None:
        return line + " · " + words.gettext("holds until %(until)s") % {"until": words.instant(holds.end)}
    if begins is not None:
        return line + " · " + words.gettext("next from %(start)s") % {"start": words.instant(begins)}
    return line + " · " + words.pgettext("a silence", "over")
