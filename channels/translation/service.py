"""What a translation service offers, and what may come of asking it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

MOST_TEXT = 4_000
"""Characters of one request; whoever asks cuts before."""


@dataclass(frozen=True, slots=True)
class Translated:
    """``text`` is as hostile as what it was made from. ``source`` is the language that the service saw in that ("en",
    "ja", "zh", …), "" if it did not say."""

    text: str = field(repr=False)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """This text, or this pair of languages, will not be translated; another may be. ``reason`` in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No text is translated now. ``after`` is how long the service wants to be left alone, if it says so.

    ``is_lasting``: by itself it won't be over soon (a wrong key, a quota that is used up)."""

    reason: str
    after: timedelta | None = None
    is_lasting: bool = False


Outcome = Translated | Refused | Unavailable


class Translator(Protocol):
    """A service. ``translate`` does not raise for a fault of the service's or the network's, takes a bounded time, and
    nothing that it returns, logs or shows by repr holds the key or the text.
    """

    name: str

    async def translate(self, text: str, target: str) -> Outcome:
        """Plain text, of at most ``MOST_TEXT`` characters, into "ja", "en" or "zh" (simplified)."""
        ...

    async def close(self) -> None: ...


def language_of(code: object) -> str:
    """ "zh" of "ZH-HANS" and of LibreTranslate's "zt" (traditional), "en" of "EN"; "" of what is no code."""
    language = code.split("-")[0].lower() if isinstance(code, str) else ""
    return "zh" if language == "zt" else language[:8]
