"""Signs that a mail or its link was forwarded, in words. Who writes them: ``bot.web.viewer``."""

import re

from bot.language import N_, Words
from bot.wording.name import plain

_VIEW, _PICTURE = "view", "web"
UNKNOWN = N_("unknown")
"""A program that does not say what it is."""
BY_BUTTON = N_("the button below the mail")
_FORWARDED = re.compile(
    r"(?:\w+, \d+%: )?perhaps forwarded: (?P<client>.+); (?P<n>-?\d+) min before: (?P<other>[^;]+)(?P<more>; .*)?",
    re.DOTALL,
)


def looks_forwarded(detail: str, via: str) -> bool:
    return _found(detail, via) is not None


def client_words(detail: str, via: str, words: Words) -> str:
    """Of a receipt by a page or a picture: with what it was read on the page, and why it was perhaps forwarded. Empty
    for every other."""
    if found := _found(detail, via):
        values = {name: _client(value, words) for name, value in found.groupdict(default="").items()}
        return (
            words.gettext(
                "(%(client)s%(more)s) Perhaps forwarded: another client (%(other)s) was there %(n)s min before."
            )
            % values
        )
    return words.gettext("(%(text)s)") % {"text": _client(detail, words)} if detail and via == _VIEW else ""


def _client(told: str, words: Words) -> str:
    """ "Chrome, 203.0.113.0/24"; Kidoku's own words, where it has no more to tell, in the reader's language."""
    client, _, network = plain(told).partition(", ")
    known = words.gettext(client) if client in (UNKNOWN, BY_BUTTON) else client
    return f"{known}, {network}" if network else known


def _found(detail: str, via: str) -> re.Match[str] | None:
    """What comes by any other way is the words of a stranger."""
    return _FORWARDED.fullmatch(detail) if via in (_VIEW, _PICTURE) else None
