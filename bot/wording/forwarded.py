"""Signs that a mail or its link was forwarded, in words. Who writes them: ``bot.web.viewer``."""

import re

from bot.language import Words
from bot.wording.name import plain

_VIEW, _PICTURE = "view", "web"
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
        values = {name: plain(value) for name, value in found.groupdict(default="").items()}
        return (
            words.gettext(
                "(%(client)s%(more)s) Perhaps forwarded: another client (%(other)s) was there %(n)s min before."
            )
            % values
        )
    return f"({plain(detail)})" if detail and via == _VIEW else ""


def _found(detail: str, via: str) -> re.Match[str] | None:
    """What comes by any other way is the words of a stranger."""
    return _FORWARDED.fullmatch(detail) if via in (_VIEW, _PICTURE) else None
