"""What a phone call says: for somebody who was asleep a moment ago."""

from bot.language import Words
from channels.base import Speech
from escalation.alert import Alert

MOST_SUBJECT = 120


def speech_of(alert: Alert, digits: str, words: Words, age: str) -> Speech:
    """The announcement, the menu with the two digits, and the answers."""
    announcement = words.gettext(
        "This is Kidoku. An urgent mail from %(sender)s has been unread for %(age)s. The subject is: %(subject)s."
    ) % {
        "sender": (alert.mail.sender_name or alert.mail.sender)[:80],
        "age": age,
        "subject": cut(alert.mail.subject),
    }
    return _speech(announcement, digits, words)


def speech_of_alarm(title: str, words: Words, digits: str) -> Speech:
    """An alarm about Kidoku itself: it is only said."""
    return _speech(title, digits, words, has_menu=False)


def cut(text: str) -> str:
    return text if len(text) <= MOST_SUBJECT else text[:MOST_SUBJECT].rstrip() + "…"


def _speech(announcement: str, digits: str, words: Words, *, has_menu: bool = True) -> Speech:
    digits = digits or "12"
    ack, pass_on = digits[0], digits[1]
    menu = words.gettext(
        "To take it, press %(ack)s. To pass it on to the next person, press %(pass)s. To hear this again, press star."
    ) % {"ack": ack, "pass": pass_on}
    return Speech(
        language=words.spoken,
        announcement=announcement,
        menu=menu if has_menu else "",
        confirmed=words.gettext("Thank you. It is yours now. Nobody else will be called. Goodbye."),
        passed_on=words.gettext("It is passed on to the next person. Goodbye."),
        wrong=words.gettext("That was not the right key."),
        goodbye=words.gettext("Nobody has taken it. Goodbye."),
        ack_digit=ack,
        pass_digit=pass_on,
    )
