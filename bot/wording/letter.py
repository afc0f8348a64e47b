"""A mail in words: the mail itself with its footer, a reminder of it, or any other notification as a mail.

The footer says what is noted about its reader, and how to decline: tracking people is a trust.
"""

import html
from dataclasses import dataclass

from bot.language import Words
from bot.store.record import OutgoingMail
from bot.wording.name import plain
from channels.base import Message

MOST_QUOTED = 2_000
MOST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Writing:
    """Subject, plain text, and HTML ("" if there is none)."""

    subject: str
    text: str
    html: str = ""


def word_mail(mail: OutgoingMail, words: Words, confirm_url: str) -> Writing:
    """The mail itself. ``confirm_url`` is the recipient's own link, "" where there is no page."""
    lines = footer(words, confirm_url)
    text = f"{mail.text.rstrip()}\n\n-- \n" + "\n".join(lines) + "\n"
    return Writing(mail.subject, text, _with_footer(mail.html, lines, confirm_url))


def word_reminder(mail: OutgoingMail, words: Words, confirm_url: str, age: str) -> Writing:
    """A reply in the mail's own thread that asks to read it."""
    values = {"age": age, "subject": plain(mail.subject)}
    asked = words.gettext("This urgent mail has been waiting for you for %(age)s: %(subject)s") % values
    please = words.gettext("Please confirm that you have read it.")
    quoted = "\n".join(f"> {line}" for line in mail.text[:MOST_QUOTED].rstrip().splitlines())
    text = f"{asked}\n{please}\n\n{quoted}\n\n-- \n" + "\n".join(footer(words, confirm_url)) + "\n"
    return Writing(f"Re: {mail.subject}", text)


def word_as_mail(message: Message) -> Writing:
    """Any other notification: an alarm, a step, or what became of a mail."""
    facts = [f"{fact.label}: {fact.value}" for fact in message.facts]
    parts = [message.title, "\n".join(facts), "\n".join(message.timeline), message.footer]
    return Writing(message.title[:MOST_SUBJECT], "\n\n".join(part for part in parts if part) + "\n")


def footer(words: Words, confirm_url: str) -> list[str]:
    """What is noted, and how to decline."""
    lines = [words.gettext("Sent with Kidoku, because it is urgent that this is read.")]
    if confirm_url:
        lines.append(words.gettext("Confirm that you have read it: %(url)s") % {"url": confirm_url})
    lines.append(
        words.gettext(
            "Kidoku notes whether this mail was delivered, and whether you confirm or answer it. No pictures track you."
        )
    )
    lines.append(words.gettext("If you do not want that, answer this mail and say so."))
    return lines


def _with_footer(body: str, lines: list[str], confirm_url: str) -> str:
    if not body:
        return ""
    shown = "<br>".join(_linked(html.escape(line), html.escape(confirm_url)) for line in lines)
    block = f'<hr><p style="font-size:small;color:#555">{shown}</p>'
    before, end, after = body.rpartition("</body>")
    return f"{before}{block}{end}{after}" if end else f"{body}{block}"


def _linked(line: str, url: str) -> str:
    return line.replace(url, f'<a href="{url}">{url}</a>') if url else line
