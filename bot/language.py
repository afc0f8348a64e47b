"""The message catalogue, and a reader's words: language, zone, times, names.

Mark a text for translation by calling ``words.gettext("…")`` or ``words.ngettext("…", "…", n)`` with a literal, or
``N_("…")`` where it is only named; placeholders are ``%(name)s``. Then ``make generate`` gathers the new texts into
``bot/locale``, and ``bot.locale_tool check`` fails until ja and zh have them.
"""

import gettext
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("en", "ja", "zh")
SPOKEN = {"en": "en-US", "ja": "ja-JP", "zh": "cmn-CN"}
_CULTURE = {"en": "en_GB", "ja": "ja_JP", "zh": "zh_CN"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    return text


def catalogue_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "kidoku.po"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The texts of a language; English texts stand in the code. Read from the .po: nothing is compiled beforehand."""
    path = catalogue_path(language)
    if language == "en" or not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Words:
    """One reader's language ("ja", "en", "zh"; others read English) and time zone."""

    def __init__(self, language: str, zone: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.zone = ZoneInfo(zone)
        self._catalogue = _catalogue(self.language)

    def gettext(self, text: str) -> str:
        return self._catalogue.gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self._catalogue.ngettext(one, many, count)

    @property
    def spoken(self) -> str:
        """The language of a phone call, as BCP 47."""
        return SPOKEN[self.language]

    def duration(self, span: timedelta) -> str:
        """ "45 s", "5 min", "1 h 20 min", "2 d 3 h": the two greatest units."""
        seconds = max(0, round(span.total_seconds()))
        if seconds < 60:
            return self.gettext("%(n)d s") % {"n": seconds}
        minutes = seconds // 60
        days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
        parts = [
            (days, self.gettext("%(n)d d")),
            (hours, self.gettext("%(n)d h")),
            (minutes, self.gettext("%(n)d min")),
        ]
        shown = [form % {"n": count} for count, form in parts if count][:2]
        return self.gettext(" ").join(shown)

    def spoken_duration(self, span: timedelta) -> str:
        """The same for the ear: "5 minutes", "1 hour 20 minutes"."""
        minutes = max(0, round(span.total_seconds())) // 60
        if minutes < 1:
            return self.gettext("less than a minute")
        hours, rest = divmod(minutes, 60)
        parts = [self.ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}] if hours else []
        if rest:
            parts.append(self.ngettext("%(n)d minute", "%(n)d minutes", rest) % {"n": rest})
        return self.gettext(" ").join(parts)

    def instant(self, at: datetime) -> str:
        """Day and time on the reader's wall: "Sun 3 May 02:05"."""
        local = at.astimezone(self.zone)
        day = format_skeleton("MMMEd", local, locale=_CULTURE[self.language])
        return f"{day} {local:%H:%M}"

    def clock(self, at: datetime) -> str:
        """The time on the reader's wall: "02:05"."""
        return format_datetime(at.astimezone(self.zone), "HH:mm", locale=_CULTURE[self.language])

    def name(self, name: str) -> str:
        """A person's name as one says it: 田中さん."""
        return self.gettext("%(name)s") % {"name": name}

    def listed(self, names: list[str]) -> str:
        """ "Alice, Bob"; folded to a count above 20."""
        if len(names) <= 20:
            return self.gettext(", ").join(names)
        rest = len(names) - 20
        more = self.ngettext("%(n)d more", "%(n)d more", rest) % {"n": rest}
        return self.gettext(", ").join([*names[:20], more])
