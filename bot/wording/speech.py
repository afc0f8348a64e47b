"""What a phone call says: for somebody who was asleep a moment ago.

The subject is a stranger's: its end is said too, so that it can't pass for the menu that follows.
"""

from dataclasses import replace
from datetime import datetime

from bot.language import N_, Words
from bot.wording import call_in
from bot.wording.name import NEUTRAL_SUBJECT, cut, name_of, plain, short_sender_of, subject_of
from bot.wording.onward import Onward, answer_of, answer_to_caller, menu_of, onward_of
from bot.wording.spoken import spoken, spoken_moment
from bot.wording.status import FRESH, is_read_but_not_taken, is_silent, tone_of
from channels.message import Speech, Tone
from escalation.alert import Alert, AlertStatus
from escalation.roster import Roster

MOST_SUBJECT = 120
MOST_SENDER = 80
NO_DIGITS = "12"
"""For a row that was written without digits."""
TEXT_DIGIT = "0"
LATER_DIGIT = "#"
"""Always the same ones: the two digits that change something are never among them (``bot.desk.random_digits``)."""


def speech_of(
    alert: Alert,
    digits: str,
    person: str | None,
    words: Words,
    roster: Roster,
    now: datetime,
    translated: str = "",
) -> Speech:
    """The announcement, the menu with the two digits, and the answers; no menu if nothing is left to do.
    ``translated`` is the subject in the listener's language: said in the place of the original, and called that."""
    if tone_of(alert, now) in (Tone.TAKEN, Tone.CLOSED):
        return _speech(spoken_status(alert, words, roster, now, translated), digits, words, has_menu=False)
    is_last = alert.status is AlertStatus.EXHAUSTED
    announcement = words.sentences(
        _greeting(person, words, roster, now),
        words.gettext("This is only an exercise. Please answer as if it were real.") if alert.is_exercise else "",
        _news(alert, words, now),
        words.gettext("Nobody else who was told has answered.") if is_last else "",
        _subject(alert, words, translated),
    )
    speech = _speech(announcement, digits, words, onward_of(alert))
    return speech if alert.mail.subject == NEUTRAL_SUBJECT else _with_text(speech, words)


def for_caller(speech: Speech, alert: Alert, words: Words, now: datetime, translated: str = "") -> Speech:
    """The same mail, for somebody who rang us: without the greeting, one of several."""
    if not speech.menu:
        return speech
    announcement = words.sentences(
        words.gettext("This is only an exercise. Please answer as if it were real.") if alert.is_exercise else "",
        _news(alert, words, now),
        _subject(alert, words, translated),
    )
    return replace(
        speech, announcement=announcement, **call_in.answers(words), passed_on=answer_to_caller(onward_of(alert), words)
    )


def _with_text(speech: Speech, words: Words) -> Speech:
    text_menu = words.gettext("To hear what the mail says, press zero.")
    return replace(speech, text_digit=TEXT_DIGIT, text_menu=text_menu)


def speech_of_alarm(title: str, words: Words, digits: str) -> Speech:
    """An alarm about Kidoku itself: it is only said."""
    return _speech(title, digits, words, has_menu=False)


def spoken_status(alert: Alert, words: Words, roster: Roster, now: datetime, translated: str = "") -> str:
    """How it stands, in a sentence: for who answers a call that is no longer needed."""
    values = {
        "who": words.listed([name_of(one, roster, words) for one in alert.taken_by]),
        "until": spoken_moment(alert.snoozed_until, now, words) if alert.snoozed_until else "",
    }
    said = words.gettext(_status_form(alert, now)) % values
    exercise = words.gettext("This was only an exercise.") if alert.is_exercise else ""
    return words.sentences(said, exercise, _subject(alert, words, translated))


def _status_form(alert: Alert, now: datetime) -> str:
    if alert.status.is_closed:
        return N_("This is Kidoku. An urgent mail is dealt with. There is nothing left for you to do.")
    if is_silent(alert, now):
        return N_("This is Kidoku. Somebody has asked for quiet until %(until)s. There is nothing for you to do now.")
    if alert.status is AlertStatus.ACKNOWLEDGED and alert.is_taken_by_reading:
        return N_("This is Kidoku. %(who)s has read the urgent mail. There is nothing left for you to do.")
    if alert.status is AlertStatus.ACKNOWLEDGED:
        return N_("This is Kidoku. %(who)s has taken the urgent mail. There is nothing left for you to do.")
    return N_("This is Kidoku. An urgent mail is waiting.")


def _greeting(person: str | None, words: Words, roster: Roster, now: datetime) -> str:
    found = roster.people.get(person) if person else None
    called = words.gettext("This is Kidoku, which watches urgent mail.")
    if found is not None:
        form = words.gettext("Hello %(name)s, this is Kidoku, which watches urgent mail.")
        called = form % {"name": words.address(plain(found.name))}
    return words.sentences(called, words.gettext("I am sorry to call at this hour.") if words.is_night(now) else "")


def _news(alert: Alert, words: Words, now: datetime) -> str:
    sender = cut(spoken(short_sender_of(alert.mail, words), words), MOST_SENDER)
    values = {"sender": sender, "age": words.spoken_duration(now - alert.out_at)}
    return words.gettext(_news_form(alert, now)) % values


def _news_form(alert: Alert, now: datetime) -> str:
    if is_read_but_not_taken(alert):
        return N_("An urgent mail from %(sender)s came %(age)s ago. It was read, but nobody has taken it.")
    if any(alert.has_read(one) for one in alert.recipients):
        return N_("An urgent mail from %(sender)s came %(age)s ago. Not everybody who should has read it.")
    if now - alert.out_at < FRESH:
        return N_("An urgent mail from %(sender)s has just come.")
    return N_("An urgent mail from %(sender)s has been unread for %(age)s.")


def _subject(alert: Alert, words: Words, translated: str) -> str:
    if said := cut(spoken(translated, words), MOST_SUBJECT):
        return words.gettext("Translated by machine, the subject reads: %(subject)s. End of the subject.") % {
            "subject": said
        }
    subject = cut(spoken(subject_of(alert.mail, words), words), MOST_SUBJECT) or words.gettext("(no subject)")
    return words.gettext("The subject reads: %(subject)s. End of the subject.") % {"subject": subject}


def _speech(
    announcement: str, digits: str, words: Words, onward: Onward = Onward.PERSON, *, has_menu: bool = True
) -> Speech:
    digits = digits or NO_DIGITS
    return Speech(
        language=words.spoken,
        announcement=announcement,
        menu=menu_of(onward, digits[0], digits[1], words) if has_menu else "",
        confirmed=words.gettext("Thank you. It is yours now. Nobody else will be called. Goodbye."),
        passed_on=answer_of(onward, words),
        wrong=words.gettext("That was not the right key."),
        goodbye=words.gettext("Nobody has taken it. Goodbye."),
        ack_digit=digits[0],
        pass_digit=digits[1],
        called_back=words.gettext("You will be called again in five minutes. Goodbye.") if has_menu else "",
        later_digit=LATER_DIGIT if has_menu else "",
        later_menu=words.gettext("To be called again in five minutes, press hash.") if has_menu else "",
    )
