"""A mail in words: the mail itself with its footer, a reminder of it, or any other notification as a mail.

The footer says what is noted about its reader, and how to decline: tracking people is a trust.
"""

import html
from dataclasses import dataclass
from datetime import datetime

from bot.language import Words
from bot.store.record import OutgoingMail
from bot.wording.name import plain
from channels.message import Message

MOST_QUOTED = 2_000
MOST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Writing:
    """Subject, plain text, and HTML ("" if there is none)."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """The recipient's own links: the confirm page, the page on which they decline, and the picture that tells of an
    opening; each "" for none. ``has_receipt``: their mail program is asked for a read receipt."""

    confirm: str = ""
    decline: str = ""
    picture: str = ""
    has_receipt: bool = False


def word_mail(mail: OutgoingMail, words: Words, links: Links, due: str = "") -> Writing:
    """The mail itself; ``due`` says by when it should be read. The picture needs HTML: a mail of text alone gets it
    made of its text."""
    lines = footer(words, links, due, is_probe=mail.is_probe)
    text = f"{mail.text.rstrip()}\n\n-- \n" + "\n".join(lines) + "\n"
    body = mail.html or (_as_html(mail.text) if links.picture else "")
    return Writing(mail.subject, text, _with_footer(body, lines, links))


def word_reminder(mail: OutgoingMail, words: Words, links: Links, age: str, due: str = "") -> Writing:
    """A reply in the mail's own thread that asks to read it. It has no picture of its own."""
    values = {"age": age, "subject": plain(mail.subject)}
    asked = words.gettext("This urgent mail has been waiting for you for %(age)s: %(subject)s") % values
    please = words.gettext("Please confirm that you have read it.")
    quoted = "\n".join(f"> {line}" for line in mail.text[:MOST_QUOTED].rstrip().splitlines())
    head = "\n".join(line for line in (asked, due, please) if line)
    text = f"{head}\n\n{quoted}\n\n-- \n" + "\n".join(footer(words, links)) + "\n"
    return Writing(f"Re: {mail.subject}", text)


def word_as_mail(message: Message) -> Writing:
    """Any other notification: an alarm, a step, or what became of a mail."""
    facts = [f"{fact.label}: {fact.value}" for fact in message.facts]
    link = f"{message.link_label}: {message.link}" if message.link else ""
    parts = [message.title, link, "\n".join(facts), "\n".join(message.timeline), message.footer]
    return Writing(message.title[:MOST_SUBJECT], "\n\n".join(part for part in parts if part) + "\n")


def due_line(deadline: datetime | None, words: Words, now: datetime) -> str:
    """By when a mail should be read, on its reader's wall; "" without a deadline."""
    if deadline is None:
        return ""
    if deadline <= now:
        return words.gettext("It should have been read by %(at)s.") % {"at": words.instant(deadline, now)}
    return words.gettext("Please read it by %(at)s.") % {"at": words.instant(deadline, now)}


def footer(words: Words, links: Links, due: str = "", *, is_probe: bool = False) -> list[str]:
    """By when to read it, what is noted, and how to decline."""
    lines = [words.gettext("Sent with Kidoku, because it is urgent that this is read.")]
    if is_probe:
        lines = [words.gettext("Sent with Kidoku, to find out which receipts come back.")]
    if due:
        lines.append(due)
    if links.confirm:
        lines.append(words.gettext("Confirm that you have read it: %(url)s") % {"url": links.confirm})
    lines += [_noted(words, links), _pictures(words, links)]
    if links.decline:
        lines.append(words.gettext("If you do not want that: %(url)s") % {"url": links.decline})
    else:
        lines.append(words.gettext("If you do not want that, answer this mail and say so."))
    return lines


def _noted(words: Words, links: Links) -> str:
    if links.has_receipt:
        return words.gettext(
            "Kidoku notes whether this mail was delivered, whether your mail program sends a read receipt, and whether "
            "you confirm or answer it."
        )
    return words.gettext("Kidoku notes whether this mail was delivered, and whether you confirm or answer it.")


def _pictures(words: Words, links: Links) -> str:
    if links.picture:
        return words.gettext(
            "As was agreed, a picture in the mail also tells when it is opened, and of signs that it was forwarded."
        )
    return words.gettext("No pictures track you.")


def _as_html(text: str) -> str:
    return f'<div style="white-space:pre-wrap">{html.escape(text.rstrip())}</div>'


def _with_footer(body: str, lines: list[str], links: Links) -> str:
    if not body:
        return ""
    shown = "<br>".join(_linked(html.escape(line), links) for line in lines)
    block = f'<hr><p style="font-size:small;color:#555">{shown}</p>{_picture(links.picture)}'
    before, end, after = body.rpartition("</body>")
    return f"{before}{block}{end}{after}" if end else f"{body}{block}"


def _linked(line: str, links: Links) -> str:
    for url in (html.escape(one) for one in (links.confirm, links.decline) if one):
        line = line.replace(url, f'<a href="{url}">{url}</a>')
    return line


def _picture(url: str) -> str:
    return f'<img src="{html.escape(url)}" width="1" height="1" alt="">' if url else ""
