"""The pages of the secure view, in the recipient's language: the cover, the code, the content, and their refusals."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from markupsafe import Markup

from bot.language import Words
from bot.web.clean import clean_html, clean_text
from bot.web.cover import Content, Cover, Refusal
from bot.web.page import HEADERS, shown, template_of
from bot.web.view_desk import MOST_CODES
from bot.wording.name import channel_name

SECURE_HEADERS = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; img-src data:",
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""As every page's; pictures only if the mail holds them. A link that is shown must not be looked up ahead."""

_SIZES = ((2**20, "MB"), (2**10, "kB"))


@dataclass(frozen=True, slots=True)
class Form:
    """A button and what it sends. ``label``: that of a field for the code, before the button."""

    button: str
    fields: Sequence[tuple[str, str]]
    label: str = ""
    is_second: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a page says, worded already. ``body`` is the mail's content, cleaned."""

    title: str
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    alarm: str = ""
    body: Markup = field(default=Markup(""), repr=False)
    forms: Sequence[Form] = ()
    button: str = ""
    notes: Sequence[str] = ()


def html_of(sheet: Sheet, words: Words) -> str:
    return template_of("view.html", sheet, words)


def cover_sheet(cover: Cover, words: Words, alarm: str = "") -> Sheet:
    """Who sent it, and one button that asks for a code; a field for the code, if one is on its way."""
    sheet = Sheet(
        title=words.gettext("A confidential mail for you"),
        lines=(words.gettext("It is shown here after a one-time code, which only you get."),),
        facts=_facts(cover, words),
        alarm=alarm,
        forms=_asking(cover, words),
        notes=_notes(words),
    )
    return code_sheet(cover, words, alarm) if cover.has_code else sheet


def code_sheet(cover: Cover, words: Words, alarm: str = "", way: str = "") -> Sheet:
    """The field for the code."""
    lines = [words.gettext("Type the six digits that you were sent.")]
    if way:
        said = words.gettext("A code is on its way to you (%(where)s).") % {"where": channel_name(way, words)}
        lines.insert(0, said)
    entry = Form(words.gettext("Show the mail"), (("do", "open"),), words.gettext("Code"))
    again = [replace(form, is_second=True) for form in _asking(cover, words, is_again=True)]
    return Sheet(
        title=words.gettext("A confidential mail for you"),
        lines=lines,
        facts=_facts(cover, words),
        alarm=alarm,
        forms=(entry, *again),
        notes=_notes(words),
    )


def _asking(cover: Cover, words: Words, *, is_again: bool = False) -> tuple[Form, ...]:
    """At first one button; after that each way has its own, for whom the first did not reach."""
    if not is_again:
        return (Form(words.gettext("Send me a code"), (("do", "send"), ("way", next(iter(cover.ways), "")))),)
    form = words.gettext("Send a new code (%(where)s)")
    return tuple(Form(form % {"where": channel_name(way, words)}, (("do", "send"), ("way", way))) for way in cover.ways)


def content_sheet(cover: Cover, content: Content, session: str, words: Words) -> Sheet:
    """What the mail says, its files, and the button that confirms."""
    body = (
        clean_html(content.html) if content.html.strip() else Markup("<pre>{}</pre>").format(clean_text(content.text))
    )
    form = words.gettext("Download %(name)s (%(size)s)")
    files = [
        Form(
            form % {"name": shown(one.name), "size": size_of(len(one.data))},
            (("do", "file"), ("session", session), ("file", str(number))),
            is_second=True,
        )
        for number, one in enumerate(content.files)
    ]
    confirm = Form(words.gettext("I have read it"), (("do", "confirm"), ("session", session)))
    return Sheet(
        title=shown(content.subject),
        facts=_facts(cover, words),
        body=body,
        forms=[*files, *([] if cover.is_confirmed_at else [confirm])],
        notes=(words.gettext("Close this page when you have read it: whoever sees it can read the mail."),),
    )


def confirmed_sheet(cover: Cover, at: datetime, words: Words) -> Sheet:
    said = words.gettext("It is recorded that you have read this mail: %(at)s") % {"at": words.instant(at)}
    return Sheet(words.gettext("Thank you"), (said,), _facts(cover, words), notes=(_close(words),))


def expired_sheet(cover: Cover, words: Words) -> Sheet:
    at = words.instant(cover.expires_at) if cover.expires_at else ""
    said = words.gettext("It could be read until %(at)s; its content is deleted. Please ask its sender.") % {"at": at}
    return Sheet(words.gettext("This mail has expired"), (said,), _facts(cover, words))


def refused(refusal: Refusal, left: int, words: Words) -> str:
    """Why a code was not sent, or did not open the mail."""
    match refusal:
        case Refusal.TOO_MANY:
            return words.gettext("You have been sent %(n)d codes within the hour. Please try again later.") % {
                "n": MOST_CODES
            }
        case Refusal.WRONG:
            form = words.ngettext(
                "That is not the code. %(n)d try is left.", "That is not the code. %(n)d tries are left.", left
            )
            return form % {"n": left}
        case Refusal.LOCKED:
            return words.gettext("That was wrong too often: this code is worth nothing any more. Ask for a new one.")
        case Refusal.VIRUS:
            return words.gettext("A virus was found in this mail: it is not shown. Tell whoever sent it.")
        case Refusal.UNSCANNED:
            return words.gettext("This mail can't be scanned for viruses just now. Please try again later.")
    return words.gettext("That code has been used, or is too old. Ask for a new one.")


def ended(words: Words) -> str:
    return words.gettext("It was open for too long. Ask for a new code.")


def size_of(count: int) -> str:
    """ "3 kB", "1.2 MB"."""
    for unit, name in _SIZES:
        if count >= unit:
            return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{count} B"


def _close(words: Words) -> str:
    return words.gettext("You can close this page.")


def _notes(words: Words) -> tuple[str, ...]:
    return (
        words.gettext(
            "When you ask for a code and when the mail is shown, that is recorded, with the kind of your program and "
            "your network (not your address). The sender and their team can see it."
        ),
    )


def _facts(cover: Cover, words: Words) -> list[tuple[str, str]]:
    facts = [
        (words.gettext("From"), shown(cover.sender)),
        (words.pgettext("whom a mail is for", "To"), shown(cover.recipient)),
        (words.pgettext("when a mail left", "Sent"), words.instant(cover.sent_at)),
        (words.gettext("To be read by"), words.instant(cover.deadline) if cover.deadline else ""),
        (words.gettext("Expires"), words.instant(cover.expires_at) if cover.expires_at else ""),
    ]
    return [(label, value) for label, value in facts if value]
