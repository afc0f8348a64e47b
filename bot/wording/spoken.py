"""A stranger's text made fit for the ear: numbers and ids digit by digit, times as one says them, of a web address only
where it leads. What it makes is plain text: the channel still escapes it."""

import re
import unicodedata
from datetime import datetime

from bot.language import N_, Words
from bot.wording.name import cut, plain

MOST_TEXT = 600
"""Characters of a mail's text that are read out: a little over a minute."""

_URL = re.compile(
    r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,10}://([!-~]{1,200}?)(?=[/?#<>\"]|[^!-~]|$)[!#-;=?-~]*", re.IGNORECASE
)
"""In ASCII: Japanese and Chinese go on without a space behind it."""
_LONGEST_HOST = 40
"""Characters of a host's name that one may still follow by ear."""
_SIGNATURE = "-- "
"""The line before a signature (RFC 3676, 4.3)."""
_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])")
_ID = re.compile(r"(?<![A-Za-z0-9_.])((?:[A-Za-z]{1,12}[-_#]?|#)?)(\d{4,})(?![A-Za-z0-9_]|[.,:]\d)")
"""INC-20931, #20931, 20931. Four digits alone may be a year."""
_YEAR = re.compile(r"(19|20)\d\d")
_SPOKEN_AS = {"ja": "%d時%d分", "zh": "%d点%02d分"}


def spoken(text: str, words: Words) -> str:
    """One line as it should be said."""
    said = _URL.sub(lambda found: _link(found[1], words), plain(text))
    said = _CLOCK.sub(lambda found: spoken_clock(int(found[1]), int(found[2]), words), said)
    return " ".join("".join(_heard(char) for char in _ID.sub(_apart, said)).split())


def spoken_text(text: str, words: Words, *, is_translated: bool = False) -> str:
    """The beginning of a mail's text, to be read out; what is quoted of an earlier mail, and the signature, are left
    out."""
    said = cut(spoken(" ".join(unquoted(text).splitlines()), words), MOST_TEXT)
    form = N_("The mail reads: %(text)s. End of the mail.")
    if is_translated:
        form = N_("Translated by machine, the mail reads: %(text)s. End of the mail.")
    return words.gettext(form) % {"text": said} if said else ""


def unquoted(text: str) -> str:
    """The lines of a mail's text without those that it quotes of an earlier mail, without its signature, and without
    empty ones."""
    written = text.splitlines()
    above = written[: written.index(_SIGNATURE)] if _SIGNATURE in written else written
    lines = (line.strip() for line in above)
    return "\n".join(line for line in lines if line and not line.startswith((">", "＞")))


def _link(authority: str, words: Words) -> str:
    """What is said of a web address: where it leads, never who logs in there."""
    host = authority.rpartition("@")[2].partition(":")[0].rstrip(".,;!")
    if not host or len(host) > _LONGEST_HOST or host.startswith("["):
        return words.gettext("a link")
    return words.gettext("a link to %(host)s") % {"host": host}


def spoken_clock(hour: int, minute: int, words: Words) -> str:
    """A time of day: "2:05", "2時5分"."""
    form = _SPOKEN_AS.get(words.language)
    if form is None:
        return f"{hour}:{minute:02d}"
    return form % (hour, minute)


def spoken_moment(at: datetime, near: datetime, words: Words) -> str:
    """As ``Words.moment``, for the ear."""
    return spoken(words.moment(at, near), words)


def _apart(found: re.Match[str]) -> str:
    prefix, digits = found[1], found[2]
    if not prefix and _YEAR.fullmatch(digits):
        return found[0]
    return f"{prefix}{' ' if prefix else ''}{' '.join(digits)}"


def _heard(char: str) -> str:
    """Signs that a voice would name, or stumble over, become a pause."""
    return " " if unicodedata.category(char) in ("So", "Sk", "Co", "Cn") or char in "*_|~^=<>#" else char
