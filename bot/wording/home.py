"""Somebody's own page in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bot.confirm import mark_of
from bot.doctor import Address, Finding, Trouble
from bot.language import LANGUAGES, N_, Words
from bot.wording.duty import ROLE_WORDS, on_call_lines, on_call_now
from bot.wording.name import channel_name, cut, plain, sender_of
from bot.wording.reason import reason
from bot.wording.status import title_of
from bot.wording.upcoming import next_step
from channels.home import Home, HomeField, HomeLine, HomePart
from channels.message import Button, Verb
from escalation.alert import Alert
from escalation.roster import Person, Roster
from escalation.rotation import Role

MOST_ALERTS = 12
"""In each of the two lists; the others are counted."""
MOST_SCHEDULES = 12
MOST_SHIFTS = 15
MOST_CONTACTS = 15
MOST_TITLE = 300
MOST_DETAIL = 120

_LANGUAGE_NAMES = {"ja": "日本語", "en": "English", "zh": "中文"}
"""Each in its own language, so that whoever can't read the page finds theirs."""
_NAMED_BY_ID = frozenset({"slack", "discord"})
"""Channels whose addresses tell a person nothing."""


class Duty(NamedTuple):
    """When somebody is on call, and for what. ``end``: None if that is months away."""

    start: datetime
    end: datetime | None
    schedule: str
    role: Role


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of a person: until when it is confirmed (None: never), and what is wrong with it."""

    to: Address
    confirmed_until: datetime | None
    findings: Sequence[Finding]

    @property
    def is_stopped(self) -> bool:
        """Whether they asked for nothing more there."""
        return any(one.trouble is Trouble.STOPPED for one in self.findings)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on it. ``buttons``: what can be done with each alert. ``is_code_awaited``: a test of a contact waits
    for its answer."""

    unread: Sequence[Alert]
    others: Sequence[Alert]
    buttons: Mapping[int, Button]
    shifts: Sequence[Duty]
    contacts: Sequence[Contact]
    is_code_awaited: bool


def word_stranger(words: Words) -> Home:
    """What somebody sees whom the settings don't know."""
    return Home(words.gettext("Kidoku does not know you yet: please ask whoever runs it to add you to its settings."))


def word_home(page: Page, person: Person, roster: Roster, words: Words, now: datetime, note: str) -> Home:
    nothing = words.gettext("Nothing is waiting for you.")
    parts = [_alerts(words.gettext("Waiting for you"), page.unread, page, roster, words, now, nothing)]
    if page.others:
        parts.append(_alerts(words.gettext("Your other open alerts"), page.others, page, roster, words, now))
    parts += [_on_call(roster, words, now), _shifts(page.shifts, words, now), _contacts(page.contacts, words)]
    parts.append(_language(person, words))
    label = words.gettext("The code that you got")
    hint = words.gettext("Type the six digits of the test, and press Enter.")
    footer = words.gettext(
        "As of %(at)s. It is brought up to date when you open it or press something. /kidoku help: what you can type."
    )
    return Home(
        note=note,
        parts=tuple(parts),
        field=HomeField(Verb.CODE, label, hint) if page.is_code_awaited else None,
        footer=footer % {"at": words.instant(now)},
    )


def _rest(left: int, words: Words) -> str:
    return words.ngettext("%(n)d more of them", "%(n)d more of them", left) % {"n": left} if left > 0 else ""


def _alerts(
    title: str, alerts: Sequence[Alert], page: Page, roster: Roster, words: Words, now: datetime, nothing: str = ""
) -> HomePart:
    lines = [_alert(one, page, roster, words, now) for one in alerts[:MOST_ALERTS]]
    return HomePart(title, tuple(lines) or (HomeLine(nothing),), _rest(len(alerts) - MOST_ALERTS, words))


def _alert(alert: Alert, page: Page, roster: Roster, words: Words, now: datetime) -> HomeLine:
    lines = [f"#{alert.id} {cut(title_of(alert, words, roster, now), MOST_TITLE)}"]
    lines.append(f"{words.gettext('From')}: {cut(sender_of(alert.mail, words), MOST_DETAIL)}")
    if upcoming := next_step(alert, words, roster, now):
        lines.append(f"{words.gettext('Next')}: {upcoming}")
    button = page.buttons.get(alert.id)
    return HomeLine("\n".join(lines), (button,) if button else (), alert.id)


def _on_call(roster: Roster, words: Words, now: datetime) -> HomePart:
    schedules = list(roster.schedules.values())
    shown = [(one, role) for one in schedules[:MOST_SCHEDULES] for role in Role if role in one.roles]
    lines = [line for one, role in shown for line in on_call_lines(one, on_call_now(one, now, role), roster, words)]
    lines = lines or [words.gettext("The settings have no schedules.")]
    rest = _rest(len(schedules) - MOST_SCHEDULES, words)
    return HomePart(words.gettext("On call now"), tuple(HomeLine(one) for one in lines), rest)


def _shifts(shifts: Sequence[Duty], words: Words, now: datetime) -> HomePart:
    lines = [_shift(one, words, now) for one in shifts[:MOST_SHIFTS]]
    lines = lines or [words.gettext("You have no shift in the next two weeks.")]
    title = words.gettext("Your shifts in the next two weeks")
    return HomePart(title, tuple(HomeLine(one) for one in lines), _rest(len(shifts) - MOST_SHIFTS, words))


def _shift(one: Duty, words: Words, now: datetime) -> str:
    role = f" ({words.said(ROLE_WORDS[one.role])})" if one.role in ROLE_WORDS else ""
    start = words.pgettext("when a shift began", "now") if one.start <= now else words.instant(one.start)
    return f"{start} – {words.instant(one.end) if one.end else '…'}: {one.schedule}{role}"


def contact_lines(contacts: Sequence[Contact], words: Words) -> list[str]:
    """The same contacts as lines, for where there are no buttons."""
    part = _contacts(contacts, words)
    return [part.title, *(one.text for one in part.lines), *((part.rest,) if part.rest else ())]


def _contacts(contacts: Sequence[Contact], words: Words) -> HomePart:
    lines = [_contact(number, one, words) for number, one in enumerate(contacts[:MOST_CONTACTS], 1)]
    lines = lines or [HomeLine(words.gettext("The settings have no contact of yours: nobody can reach you."))]
    title = words.gettext("How Kidoku reaches you, in this order")
    return HomePart(title, tuple(lines), _rest(len(contacts) - MOST_CONTACTS, words))


def _contact(number: int, one: Contact, words: Words) -> HomeLine:
    channel, address = one.to
    where = channel_name(channel, words) + ("" if channel in _NAMED_BY_ID else f" {plain(address)}")
    text = f"{number}. {where}: {words.listed(_standing(one, words))}"
    if one.is_stopped:
        return HomeLine(text)
    return HomeLine(text, (Button(Verb.TEST, words.gettext("Test"), mark_of(one.to)),))


_TROUBLES: Mapping[Trouble, str] = {
    Trouble.STOPPED: N_("stopped: you asked for no more messages there; send START from there to take it back"),
    Trouble.CHANNEL_DOWN: N_("⚠ the channel is down: %(detail)s"),
    Trouble.FAILED: N_("⚠ what was sent last, %(at)s, did not get through: %(detail)s"),
    Trouble.UNANSWERED: N_("⚠ the weekly test of %(at)s was not answered"),
    Trouble.UNCONFIRMED: N_("⚠ never confirmed: please test it"),
    Trouble.EXPIRED: N_("⚠ its confirmation has ended, %(at)s: please test it"),
}


def _standing(one: Contact, words: Words) -> list[str]:
    if one.is_stopped:
        return [words.gettext(_TROUBLES[Trouble.STOPPED])]
    said = [
        words.gettext(_TROUBLES[each.trouble])
        % {
            "detail": cut(reason(each.detail, words), MOST_DETAIL) or "–",
            "at": words.instant(each.at) if each.at else "",
        }
        for each in one.findings
    ]
    is_expired = any(each.trouble is Trouble.EXPIRED for each in one.findings)
    if one.confirmed_until is not None and not is_expired:
        said.insert(0, words.gettext("✓ confirmed until %(at)s") % {"at": words.instant(one.confirmed_until)})
    return said


def _language(person: Person, words: Words) -> HomePart:
    buttons = tuple(
        Button(Verb.LANG, _LANGUAGE_NAMES[one], one, is_primary=one == words.language)
        for one in sorted(LANGUAGES, key=list(_LANGUAGE_NAMES).index)
    )
    values = {"language": _LANGUAGE_NAMES[words.language], "zone": person.zone}
    text = words.gettext("Kidoku speaks %(language)s to you. Times are those in %(zone)s.") % values
    return HomePart(words.gettext("Your language"), (HomeLine(text, buttons),))
