"""A check of a contact in words: the question, and what it says once it is answered."""

from datetime import datetime
from typing import NamedTuple

from bot.language import Words
from bot.store.checks import Check, CheckKind
from bot.wording.message import Row
from bot.wording.speech import speech_of_alarm
from channels.base import MAIL, PHONE, SMS, WHATSAPP
from channels.message import Button, Fact, Message, Tone, Verb


class Ways(NamedTuple):
    """How a check can be answered beside its code: by the page of its link, by an answer to its mail."""

    has_link: bool = False
    is_reply_read: bool = False


def word_check(
    one: Check, row: Row, code: str, words: Words, now: datetime, expires_at: datetime | None, ways: Ways = Ways()
) -> Message:
    """The question while it is open, then what came of it. ``expires_at`` is when the contact's confirmation ends, if
    that is soon."""
    is_open = one.is_open(now)
    title = title_of_check(one, words, now)
    spoken = _spoken(code, words) if is_open else title
    # A text message is its summary; where it is cut, the code must stay.
    is_text = row.channel in (SMS, WHATSAPP) and is_open
    text = words.sentences(_written_code(code, words), title, _where_to_enter(code, words))
    summary = text if is_text else title
    return Message(
        key=row.key,
        address=row.address,
        is_direct=True,
        language=words.language,
        title=title,
        summary=summary,
        check_id=one.id,
        facts=(*_how(row, words, ways), *_facts(one, code, words, now, expires_at)) if is_open else (),
        buttons=(Button(Verb.CONFIRM, reaches_me(words), is_primary=True),) if is_open else (),
        footer=words.gettext("A check of contacts by Kidoku"),
        how=words.gettext("Or answer here with the code.") if is_text else "",
        tone=Tone.CALM,
        speech=speech_of_alarm(spoken, words, row.digits) if row.channel == PHONE else None,
    )


def reaches_me(words: Words) -> str:
    """What its button says."""
    return words.gettext("It reaches me")


def title_of_check(one: Check, words: Words, now: datetime) -> str:
    """What it asks, or what came of it."""
    if not one.is_open(now):
        return _closed(one, words)
    if one.kind is CheckKind.TEST:
        return words.gettext("TEST – no alert. Please answer, so that Kidoku knows that it reaches you here.")
    return words.gettext("Please confirm that Kidoku reaches you here.")


def _closed(one: Check, words: Words) -> str:
    if one.is_confirmed:
        return words.gettext("Thank you. Kidoku reaches you here.")
    return words.gettext("It was not answered in time.")


def _how(row: Row, words: Words, ways: Ways) -> tuple[Fact, ...]:
    """How to answer without the code, first of all."""
    if row.channel != MAIL:
        return (Fact(words.gettext("How"), words.gettext("Open the link")),) if ways.has_link else ()
    said = {
        (True, True): words.gettext("Answer this mail (it may be empty), or open the link, or enter the code"),
        (True, False): words.gettext("Answer this mail (it may be empty), or enter the code"),
        (False, True): words.gettext("Open the link, or enter the code; nobody reads an answer to this mail"),
        (False, False): words.gettext("Enter the code; nobody reads an answer to this mail"),
    }[ways.is_reply_read, ways.has_link]
    return (Fact(words.gettext("How"), said),)


def _facts(one: Check, code: str, words: Words, now: datetime, expires_at: datetime | None) -> tuple[Fact, ...]:
    listed = [
        Fact(words.gettext("Your code"), code),
        Fact(words.gettext("Command"), f"kidoku confirm {code}"),
        Fact(words.gettext("Answer until"), words.moment(one.ends_at, now)),
    ]
    if expires_at is not None:
        listed.append(Fact(words.gettext("Confirmed until"), words.instant(expires_at)))
    return tuple(listed)


def _spoken(code: str, words: Words) -> str:
    return words.sentences(
        words.gettext("This is Kidoku. This is no alert, only a check that this number reaches you."),
        _said_code(", ".join(code), words),
        words.gettext(
            "Please enter it with kidoku confirm, in chat or at a terminal; in Slack also on Kidoku's Home tab."
        ),
    )


def _written_code(code: str, words: Words) -> str:
    return words.pgettext("in a text message", "Your code is: %(digits)s.") % {"digits": code}


def _where_to_enter(code: str, words: Words) -> str:
    return words.gettext("Enter it so: kidoku confirm %(digits)s") % {"digits": code}


def _said_code(digits: str, words: Words) -> str:
    return words.gettext("Your code is: %(digits)s.") % {"digits": digits}
