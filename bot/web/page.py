"""The pages that a recipient sees, as HTML in their language. They work without scripts, and load nothing."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.language import Words
from bot.web.clean import whole
from bot.web.desk import ShownLetter
from bot.web.request import accepted_language
from bot.wording.name import plain

PAGES = Path(__file__).with_name("pages")
MOST_SHOWN = 300

_STYLE = (PAGES / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_TAGS = {"en": "en", "ja": "ja", "zh": "zh-Hans"}

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Of every page: nothing is loaded, framed, kept, indexed, or told to another site."""

_templates = Environment(
    loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
)


@dataclass(frozen=True, slots=True)
class View:
    """What a page says, worded already."""

    title: str
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    button: str = ""
    notes: Sequence[str] = ()


def html_of(view: View, words: Words) -> str:
    return template_of("page.html", view, words)


def template_of(name: str, view: object, words: Words, style: str = _STYLE) -> str:
    """A page of this template; everything but our own style is escaped."""
    template = _templates.get_template(name)
    page = template.render(view=view, language=_TAGS[words.language], style=Markup(style))  # noqa: S704 - our own file
    return whole(page)


def confirm_view(letter: ShownLetter, words: Words) -> View:
    """Who sent what and when, one button, and what pressing it notes."""
    if letter.is_confirmed_at is not None:
        return thanks_view(letter, letter.is_confirmed_at, words)
    return View(
        title=words.gettext("Please confirm that you have read this mail"),
        facts=_facts(letter, words),
        button=words.gettext("I have read it"),
        notes=(
            words.gettext("When you press the button, it is recorded that you have read this mail, and when."),
            words.gettext("The sender and their team can see that. Opening this page alone records nothing."),
        ),
    )


def thanks_view(letter: ShownLetter, at: datetime, words: Words) -> View:
    said = words.gettext("It is recorded that you have read this mail: %(at)s") % {"at": words.instant(at)}
    return View(
        title=words.gettext("Thank you"),
        lines=(said,),
        facts=_facts(letter, words),
        notes=(words.gettext("You can close this page."),),
    )


def neutral_view(words: Words) -> View:
    """For every link that leads nowhere, for whatever reason."""
    return View(
        title=words.gettext("This link does not work, or no longer"),
        lines=(words.gettext("If you want to confirm a mail, use the link in it as it stands, or answer the mail."),),
    )


def busy_view(words: Words) -> View:
    return View(
        title=words.gettext("This could not be recorded now"),
        lines=(words.gettext("Please go back and try again in a moment, or answer the mail."),),
    )


def _facts(letter: ShownLetter, words: Words) -> list[tuple[str, str]]:
    facts = [
        (words.gettext("From"), shown(letter.sender)),
        (words.pgettext("whom a mail is for", "To"), shown(letter.recipient)),
        (words.gettext("Subject"), shown(letter.subject)),
        (words.pgettext("when a mail left", "Sent"), words.instant(letter.sent_at)),
        (words.gettext("To be read by"), words.instant(letter.deadline) if letter.deadline else ""),
    ]
    return [(label, value) for label, value in facts if value]


def shown(text: str) -> str:
    """A stranger's words as one line that is not too long."""
    line = plain(text)
    return line if len(line) <= MOST_SHOWN else f"{line[: MOST_SHOWN - 1]}…"


def words_of(letter: ShownLetter, now: Callable[[], datetime]) -> Words:
    """The recipient's words."""
    return Words(letter.language, letter.zone, now)


def guest_words(accepted: str) -> Words:
    """Words for somebody unknown, by their browser's ``Accept-Language``: the first one that Kidoku speaks."""
    return Words(accepted_language(accepted) or "en", "UTC")
