"""What holidays are called: public ones in the reader's language, days of one's own by their window."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import holidays

from bot.settings.build import Settings
from escalation.phrase import Phrase

_SPOKEN = {"en": "en_US", "ja": "ja", "zh": "zh_CN"}
"""What the library calls the languages."""


def holiday_names(settings: Settings, year: int, language: str) -> dict[date, tuple[str, ...]]:
    """The names of every day that a window takes for a holiday or has as a date of its own; each name once, to be said
    in the reader's words."""
    found: dict[date, dict[str, None]] = {}
    for name, window in settings.document.windows.items():
        for entry in window.holidays:
            days = ((entry, _own(name)),) if isinstance(entry, date) else _public(entry, year, language)
            for day, called in days:
                found.setdefault(day, {})[called] = None
        for day in (one for dates in window.dates for one in dates):
            found.setdefault(day, {})[_own(name)] = None
    return {day: tuple(names) for day, names in found.items() if day.year == year}


def _own(window: str) -> Phrase:
    return Phrase("own day (%(window)s)", window=window)


def _public(entry: str, year: int, language: str) -> Iterable[tuple[date, str]]:
    """The holidays of ``JP`` or ``DE-BY``; in the country's own language where it has not the reader's."""
    country, _, part = entry.partition("-")
    known: Any = holidays.country_holidays(country, subdiv=part or None)
    wanted = _SPOKEN[language] if _SPOKEN[language] in known.supported_languages else known.default_language
    named = holidays.country_holidays(country, subdiv=part or None, years=year, language=wanted)
    return [(day, str(name)) for day, name in named.items()]
