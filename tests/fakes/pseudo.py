"""A language that can't be English: every letter of a text becomes another, and what is filled in stays."""

import gettext
import re

import pytest

from bot import language

_FORM = re.compile(r"(%\(\w+\)[-+ #0-9.]*[a-zA-Z]|%%|\{\w+\}|\[blue\])")
_WORD = re.compile(r"[A-Za-z]{2,}")


def pseudo(text: str) -> str:
    """ "step %(n)d" becomes "жжжж %(n)d"."""
    return "".join(part if number % 2 else _WORD.sub("ж", part) for number, part in enumerate(_FORM.split(text)))


class Pseudo(gettext.NullTranslations):
    """The catalogue of that language."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


@pytest.fixture
def pseudo_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a language gets this one: what is still English went past the catalogue."""
    catalogue = Pseudo()
    monkeypatch.setattr(language, "_catalogue", lambda _: catalogue)


def english(text: str, known: str = "") -> set[str]:
    """The words of a text that are neither translated nor among those that were filled in."""
    return set(_WORD.findall(text)) - set(_WORD.findall(known))
