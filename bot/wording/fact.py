"""The labelled lines of a notification. About ten: Slack shows no more fields in a section; of a mail that the team
sent, a line for each of few recipients beside them."""

from collections.abc import Iterator
from datetime import datetime

from bot.language import N_, Words
from bot.wording.matrix import MOST_FACTS, matrix_facts
from bot.wording.name import channel_name, cut, name_of, plain, sender_of
from bot.wording.receipt import readers_of, unread_of
from bot.wording.status import is_silent, severity_word
from bot.wording.upcoming import next_step, round_of
from channels.message import Fact
from escalation.alert import Alert, AlertStatus
from escalation.roster import Roster

MOST_VALUE = 900
MOST_TRANSLATION = 400

_CHANGED = {
    AlertStatus.ACKNOWLEDGED: N_("Taken"),
    AlertStatus.RESOLVED: N_("Resolved"),
    AlertStatus.CANCELLED: N_("Cancelled"),
}


def facts_of(alert: Alert, words: Words, roster: Roster, now: datetime) -> tuple[Fact, ...]:
    """Who wrote and when, how it stands, who has read and how that is known, and what comes next."""
    listed = [
        *_mail(alert, words, roster, now),
        *_changed(alert, words, roster, now),
        *_reading(alert, words, roster, now),
    ]
    return tuple(Fact(label, cut(value, MOST_VALUE)) for label, value in listed if value)


def translation_of(translated: str, words: Words) -> tuple[Fact, ...]:
    """The subject in the reader's language, beside the original; nothing where there is none."""
    shown = cut(plain(translated), MOST_TRANSLATION)
    return (Fact(words.gettext("Machine translation"), shown),) if shown else ()


def _mail(alert: Alert, words: Words, roster: Roster, now: datetime) -> Iterator[tuple[str, str]]:
    if alert.is_exercise:
        yield words.gettext("Exercise"), words.gettext("No mail came. Please answer as if it were real.")
    yield words.gettext("From"), _sender(alert, words, roster)
    label = words.pgettext("when a mail left", "Sent") if alert.sent_by else words.gettext("Received")
    yield label, _received(alert, words, now)
    if alert.mails > 1:
        more = words.ngettext("%(n)d mail", "%(n)d mails", alert.mails) % {"n": alert.mails}
        yield words.gettext("In this thread"), more
    if alert.deadline is not None:
        yield words.gettext("To be read by"), words.moment(alert.deadline, now)
    yield words.gettext("Severity"), plain(severity_word(alert.severity, words))
    if alert.is_junk:
        yield words.gettext("Careful"), words.gettext("The mail was filed as junk: it is easily overlooked there.")


def _sender(alert: Alert, words: Words, roster: Roster) -> str:
    """Of a mail that is yet to be approved: the person who wants to send it."""
    return name_of(alert.sent_by, roster, words) if alert.status is AlertStatus.HELD else sender_of(alert.mail, words)


def _received(alert: Alert, words: Words, now: datetime) -> str:
    """With the age where the title does not tell it. What is taken or closed is not brought up to date by time, so an
    age would stay and become wrong."""
    at = words.instant(alert.mail.received_at)
    is_aged = alert.status is AlertStatus.TRIGGERED and not is_silent(alert, now)
    if is_aged or alert.status not in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED):
        return at
    age = words.duration(now - alert.mail.received_at)
    return words.gettext("%(at)s (%(age)s ago)") % {"at": at, "age": age}


def _changed(alert: Alert, words: Words, roster: Roster, now: datetime) -> Iterator[tuple[str, str]]:
    """When it was taken or closed, and how long that took. Who has read, and when, stands among the readers."""
    label = _CHANGED.get(alert.status)
    if label is None or alert.status_at is None or alert.is_taken_by_reading:
        return
    values = {
        "at": words.moment(alert.status_at, now),
        "age": words.duration(alert.status_at - alert.out_at),
        "who": words.listed([name_of(one, roster, words) for one in alert.taken_by]),
        "how": channel_name(alert.taken_via, words),
    }
    yield words.gettext(label), words.gettext(_change_form(alert)) % values


def _change_form(alert: Alert) -> str:
    if alert.status is not AlertStatus.ACKNOWLEDGED:
        return N_("%(at)s, after %(age)s")
    if alert.taken_via:
        return N_("%(at)s, after %(age)s: %(who)s (%(how)s)")
    return N_("%(at)s, after %(age)s: %(who)s")


def _reading(alert: Alert, words: Words, roster: Roster, now: datetime) -> Iterator[tuple[str, str]]:
    if alert.status is AlertStatus.HELD:
        yield words.pgettext("whom a mail is for", "To"), ", ".join(plain(one.address) for one in alert.recipients)
        yield words.gettext("Next"), next_step(alert, words, roster, now)
        return
    yield words.gettext("Not read by"), unread_of(alert, words, roster)
    if not alert.sent_by or len(alert.recipients) > MOST_FACTS:
        yield words.gettext("Read by"), readers_of(alert, words, roster, now)
    if alert.sent_by:
        yield from matrix_facts(alert, words, roster, now)
    yield words.gettext("Next"), next_step(alert, words, roster, now)
    yield words.gettext("Round"), round_of(alert, words)
