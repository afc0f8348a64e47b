"""A confidential mail in words. None of its own: a link, who sent it, until when, and the codes that open it."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from bot.language import Words
from bot.wording.name import NEUTRAL_SUBJECT, plain
from channels.message import Message, Tone

CODE_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Cover:
    """All that a mail may tell of a confidential one. ``due`` says by when it should be read."""

    sender: str
    url: str
    expires_at: datetime | None = None
    due: str = ""


def word_cover(cover: Cover, words: Words, now: datetime, age: str = "") -> tuple[str, str]:
    """Subject and plain text of the mail; with ``age``, of a reminder that it waits so long already."""
    subject = words.gettext(NEUTRAL_SUBJECT)
    name, address = parseaddr(cover.sender)
    sender = plain(f"{name} <{address}>" if name else address)
    lines = [words.gettext("%(sender)s has sent you a confidential mail.") % {"sender": sender}]
    if age:
        lines.append(words.gettext("It has been waiting for you for %(age)s.") % {"age": age})
    if cover.due:
        lines.append(cover.due)
    lines += ["", *_way_in(cover, words, now)]
    text = "\n".join(lines) + "\n\n-- \n" + "\n".join(_footer(words)) + "\n"
    return (f"Re: {subject}" if age else subject), text


def _way_in(cover: Cover, words: Words, now: datetime) -> list[str]:
    if cover.expires_at is not None and cover.expires_at <= now:
        said = words.gettext("It could be read until %(at)s; its content is deleted. Please ask its sender.")
        return [said % {"at": words.instant(cover.expires_at)}]
    lines = [words.gettext("Read it on this page. You get a one-time code there:"), cover.url]
    if cover.expires_at is not None:
        lines += ["", words.gettext("It can be read until %(at)s.") % {"at": words.instant(cover.expires_at)}]
    return lines


def _footer(words: Words) -> list[str]:
    return [
        words.gettext("Sent with Kidoku, because it is urgent that this is read."),
        words.gettext("Do not forward this mail: the link and the code are yours alone."),
        words.gettext(
            "Kidoku notes whether this mail was delivered, and when it is read on the page, with which kind of program "
            "and from which network."
        ),
        words.gettext("If you do not want that, answer this mail and say so."),
    ]


def word_code(code: str, key: str, address: str, words: Words) -> Message:
    """The message that brings a one-time code."""
    said = words.gettext("Your code for the confidential mail: %(code)s") % {"code": code}
    return Message(
        key=key,
        address=address,
        language=words.language,
        title=said,
        summary=said,
        is_direct=True,
        footer=_valid(words),
        tone=Tone.OPEN,
    )


def word_code_mail(code: str, words: Words) -> tuple[str, str]:
    """Subject and plain text of the mail that brings a one-time code; the subject does not say it."""
    said = words.gettext("Your code for the confidential mail: %(code)s") % {"code": code}
    warning = words.gettext("If you did not ask for it, somebody else has your link: do not pass the code on.")
    return words.gettext("Your one-time code"), f"{said}\n{_valid(words)}\n\n{warning}\n"


def _valid(words: Words) -> str:
    return words.gettext("It is valid for %(n)d minutes, and once.") % {"n": CODE_MINUTES}
