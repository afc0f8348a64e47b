"""An alarm about Kidoku itself, in words: what is wrong, and with which alert."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.language import N_, Words
from bot.wording.message import Row
from bot.wording.name import NEUTRAL_SUBJECT, cut, drill_subject, plain
from bot.wording.reason import reason, reasoned
from bot.wording.saved import SAVES_AGAIN, word_saved
from bot.wording.silence import SILENCE_ENDED, word_silence_end
from bot.wording.speech import MOST_SUBJECT, speech_of_alarm
from bot.wording.status import marked
from bot.wording.titled import titled
from bot.wording.unanswered import UNANSWERED, word_unanswered
from bot.wording.unreached import UNREACHED, word_unreached
from channels.base import PHONE
from channels.message import Message, Tone
from escalation.command import AlarmKind
from escalation.phrase import of_parts

MOST_DETAIL = 500

_ALARMS = {
    AlarmKind.EXHAUSTED: N_("#%(id)s “%(subject)s”: the ladder of policy %(detail)s has ended and NOBODY came."),
    AlarmKind.NOBODY_REACHED: N_("#%(id)s “%(subject)s”: nobody was reached (%(detail)s)."),
    AlarmKind.NOBODY_NEXT: N_("#%(id)s “%(subject)s”: %(detail)s passed it on, and there is nobody left to call."),
    AlarmKind.NO_LADDER: N_("#%(id)s “%(subject)s”: policy %(detail)s has no ladder for this time."),
    AlarmKind.NO_CONTACT: N_("#%(id)s “%(subject)s”: no contact for %(detail)s."),
    AlarmKind.NOBODY_ON_CALL: N_("#%(id)s “%(subject)s”: nobody is on call for %(detail)s."),
    AlarmKind.PARKED: N_("#%(id)s “%(subject)s” could not be decided and is parked: look at it now (%(detail)s)."),
    AlarmKind.CHANNEL_DOWN: N_("Kidoku can't reach a channel: %(detail)s"),
    AlarmKind.MAILBOX_DOWN: N_("Kidoku can't reach a mailbox and sees no mail there: %(detail)s"),
    AlarmKind.CLOCK_JUMPED: N_("The clock of Kidoku's machine jumped %(detail)s."),
    AlarmKind.HOLIDAYS_END: N_(
        "Kidoku knows holidays until %(detail)s only: upgrade the package holidays and start Kidoku again."
    ),
    AlarmKind.CALENDAR_FAILED: N_("A calendar can't be read; what it said last still holds. %(detail)s"),
    AlarmKind.CALENDAR_UNCLEAR: N_("A calendar has events that Kidoku can't use. %(detail)s"),
    AlarmKind.CALENDAR_BACK: N_("Kidoku reads the calendar %(detail)s again."),
    AlarmKind.CONTACT_STOPPED: N_(
        "%(detail)s has asked for no more messages there: they can't be told by it any more."
    ),
    AlarmKind.WRONG_PINS: N_("Somebody enters wrong PINs at the call-in number (%(detail)s), and is no longer heard."),
    AlarmKind.ACCOUNT_DOWN: N_("Calls go by the second telephone account; the first one can't be used: %(detail)s"),
    AlarmKind.ACCOUNT_BACK: N_("Calls go by the first telephone account again."),
    AlarmKind.SENDER_DOWN: N_("Messages go by the second telephone account; the first one can't send them: %(detail)s"),
    AlarmKind.SENDER_BACK: N_("Messages go by the first telephone account again: %(detail)s"),
    AlarmKind.STORE_FAILED: N_("Kidoku can't save: %(detail)s"),
    AlarmKind.NOT_APPROVED: N_("#%(id)s “%(subject)s”: nobody approved it in time, and it did not leave (%(detail)s)."),
    AlarmKind.OUTAGE: N_("Messages don't get through: %(detail)s. Steps that wait there come forward at once."),
    AlarmKind.ANSWERS_LOST: N_("Buttons and commands don't work now: %(detail)s. Messages still go out."),
    AlarmKind.ANSWERS_BACK: N_("Buttons and commands work again: %(detail)s."),
    AlarmKind.RECOVERED: N_("Kidoku reaches %(detail)s again."),
}
_GOOD_NEWS = frozenset(
    {
        AlarmKind.RECOVERED,
        AlarmKind.CALENDAR_BACK,
        AlarmKind.ANSWERS_BACK,
        AlarmKind.ACCOUNT_BACK,
        AlarmKind.SENDER_BACK,
    }
)


def word_alarm(row: Row, words: Words) -> Message:
    """The row's ``text`` is the alarm's JSON: kind, detail, alert_id and subject of the alert it is about, if any.
    ``said`` is the detail as a phrase taken apart; an alarm of an earlier version has none.

    Raises ValueError for a kind that is unknown, and for a text that is no JSON.
    """
    alarm = json.loads(row.text)
    if alarm["kind"] == SILENCE_ENDED:
        return word_silence_end(row, words)
    if alarm["kind"] == UNANSWERED:
        return word_unanswered(row, words)
    if alarm["kind"] == UNREACHED:
        return word_unreached(row, words)
    if alarm["kind"] == SAVES_AGAIN:
        return word_saved(row, words)
    kind = AlarmKind(alarm["kind"])
    subject = alarm.get("subject") or ""
    if alarm.get("is_exercise"):
        subject = drill_subject(subject, words)
    subject = words.gettext(subject) if subject == NEUTRAL_SUBJECT else plain(subject)
    said = words.gettext(_ALARMS[kind]) % {
        "id": alarm.get("alert_id") or "?",
        "subject": cut(subject, MOST_SUBJECT) or words.gettext("(no subject)"),
        "detail": cut(plain(_detail(alarm, kind, words)), MOST_DETAIL),
    }
    if alarm.get("is_exercise"):
        said = marked(said, words)
    return replace(
        titled(row, words, said),
        footer=words.gettext("An alarm of Kidoku about itself"),
        tone=Tone.CLOSED if kind in _GOOD_NEWS else Tone.ALARM,
        speech=speech_of_alarm(said, words, row.digits) if row.channel == PHONE else None,
    )


def _detail(alarm: Mapping[str, Any], kind: AlarmKind, words: Words) -> str:
    stored = of_parts(alarm.get("said") or alarm.get("detail") or "")
    if kind in _FIGURES:
        return _FIGURES[kind](stored, words)
    # The others' are names and numbers, but for what a phrase calls a reason.
    return reason(stored, words) if kind is AlarmKind.ACCOUNT_DOWN else words.said(reasoned(stored, words))


def _jump(stored: str, words: Words) -> str:
    """ "+3600 s" as it is stored: ahead by 1 h."""
    found = re.fullmatch(r"([+-])(\d{1,12}) s", stored)
    if found is None:
        return stored
    form = N_("ahead by %(span)s") if found[1] == "+" else N_("back by %(span)s")
    return words.gettext(form) % {"span": words.duration(timedelta(seconds=int(found[2])))}


def _last_day(stored: str, words: Words) -> str:
    """ "2027-12-31" as it is stored: Fri, 31 Dec 2027."""
    try:
        return words.dated(date.fromisoformat(stored))
    except ValueError:
        return stored


_FIGURES = {AlarmKind.CLOCK_JUMPED: _jump, AlarmKind.HOLIDAYS_END: _last_day}
"""Kinds whose detail is stored as a figure."""
