"""The message catalogue, and a reader's words: language, zone, times, names.

How to mark a text, so that it comes in the reader's language:

- ``words.gettext("…")`` and ``words.ngettext("…", "…", n)`` with a literal where the text is used;
- ``words.pgettext("where it stands", "…")`` if the same English needs several translations;
- ``N_("…")`` where the text is only named (a table of forms), and ``words.gettext(form)`` where it is used;
- ``Phrase("…", name=…)`` where no reader is known yet, and ``words.said(phrase)`` where one is.

A placeholder is ``%(name)s``: fill it in after the translation, ``words.gettext("…") % {"name": …}``, never before.
Then ``make generate`` gathers the new texts into ``bot/locale``, and ``python -m bot.locale_tool check`` (a part of
``make lint``) fails until every language has them. After each change of a translation ``make generate`` compiles it: to
read a .po takes so long that a page would wait for it.
"""

import gettext
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from escalation.phrase import N_, Phrase, Series

__all__ = ["LANGUAGES", "LOCALES", "N_", "SOURCE", "Words", "catalogue_path", "compiled_path", "language_of"]

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("en", "ja", "zh")
SOURCE = "en"
"""The language that the code is written in."""
SPOKEN = {"en": "en-US", "ja": "ja-JP", "zh": "cmn-CN"}
_CULTURE = {"en": "en_GB", "ja": "ja_JP", "zh": "zh_CN"}
_HOME = {"ja": ZoneInfo("Asia/Tokyo"), "zh": ZoneInfo("Asia/Shanghai")}
"""Whose wall needs no naming in that language."""

_UNSPACED = frozenset({"ja", "zh"})

MOST_LISTED = 20
NIGHT = (22, 6)
"""A call between these hours of the reader's day begins with an apology."""


def language_of(environ: Mapping[str, str]) -> str:
    """The language of whoever sits at this terminal, where no settings say it: KIDOKU_LANGUAGE, or the locale's."""
    names = ("KIDOKU_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((environ[name] for name in names if environ.get(name)), "")[:2].lower()
    return wanted if wanted in LANGUAGES else "en"


def catalogue_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "kidoku.po"


def compiled_path(language: str) -> Path:
    """The catalogue as it is read when the bot runs; the source needs none."""
    return catalogue_path(language).with_suffix(".mo")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    with compiled_path(language).open("rb") as file:
        return gettext.GNUTranslations(file)


@lru_cache(maxsize=1000)
def _day(day: date, language: str, has_year: bool = False) -> str:
    return format_skeleton("yMMMEd" if has_year else "MMMEd", day, locale=_CULTURE[language])


def prepare(languages: Iterable[str]) -> None:
    """Read what these need: the first page would wait for it."""
    for language in languages:
        _catalogue(language)
        _day(date(2000, 1, 1), language)


class Words:
    """One reader's language ("ja", "en", "zh"; others read English) and time zone (an IANA name). ``now`` tells which
    year needs no naming; without it every date has its year."""

    def __init__(self, language: str, zone: str, now: Callable[[], datetime] | None = None) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.zone = ZoneInfo(zone)
        self.now = now
        self._catalogue = _catalogue(self.language)

    def of(self, language: str, zone: str) -> "Words":
        """Those of another reader, now."""
        return Words(language, zone, self.now)

    # Texts ----------------------------------------------------------------------------------------------------------

    def gettext(self, text: str) -> str:
        """The translation. An empty text stays empty: to gettext it would mean the catalogue's own header."""
        return self._catalogue.gettext(text) if text else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self._catalogue.ngettext(one, many, count)

    def pgettext(self, context: str, text: str) -> str:
        return self._catalogue.pgettext(context, text)

    def said(self, text: str) -> str:
        """A phrase, and every phrase within it, in this language. Any other text stays as it is."""
        if isinstance(text, Series):
            return self.gettext(text.glue).join(self.said(one) for one in text.items)
        if not isinstance(text, Phrase):
            return text
        values = {name: self.said(value) if isinstance(value, str) else value for name, value in text.values.items()}
        return self.gettext(text.form) % values

    def sentence(self, text: str) -> str:
        """What ``said`` makes of it, where it stands alone: it begins with a capital."""
        said = self.said(text)
        return said[:1].upper() + said[1:]

    @property
    def spoken(self) -> str:
        """The language of a phone call, as BCP 47."""
        return SPOKEN[self.language]

    # Durations ------------------------------------------------------------------------------------------------------

    def duration(self, span: timedelta) -> str:
        """ "45 s", "5 min", "1 h 20 min", "2 d 3 h": the two greatest units."""
        seconds = max(0, round(span.total_seconds()))
        if seconds < 60:
            return self.gettext("%(n)d s") % {"n": seconds}
        days, hours, minutes = _parts(seconds)
        forms = [
            (days, self.gettext("%(n)d d")),
            (hours, self.gettext("%(n)d h")),
            (minutes, self.gettext("%(n)d min")),
        ]
        return self._joined([form % {"n": count} for count, form in forms if count])

    def spoken_duration(self, span: timedelta) -> str:
        """The same for the ear: "5 minutes", "1 hour 20 minutes"."""
        seconds = max(0, round(span.total_seconds()))
        if seconds < 60:
            return self.gettext("less than a minute")
        days, hours, minutes = _parts(seconds)
        forms = [
            (days, self.ngettext("%(n)d day", "%(n)d days", days)),
            (hours, self.ngettext("%(n)d hour", "%(n)d hours", hours)),
            (minutes, self.ngettext("%(n)d minute", "%(n)d minutes", minutes)),
        ]
        return self._joined([form % {"n": count} for count, form in forms if count])

    def _joined(self, parts: Sequence[str]) -> str:
        """The first two parts of a duration; Japanese and Chinese write no space between them."""
        if len(parts) == 1:
            return parts[0]
        return self.pgettext("duration", "%(first)s %(second)s") % {"first": parts[0], "second": parts[1]}

    # Instants -------------------------------------------------------------------------------------------------------

    def clock(self, at: datetime) -> str:
        """The time on the reader's wall: "02:05"."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def instant(self, at: datetime, near: datetime | None = None) -> str:
        """Day and time on the reader's wall: "Sun 3 May 02:05 JST", "5月3日(日) 02:05"; with the year where that is not
        the one of ``near`` (None: of now)."""
        local = at.astimezone(self.zone)
        near = near or (self.now() if self.now else None)
        has_year = near is None or near.astimezone(self.zone).year != local.year
        return f"{_day(local.date(), self.language, has_year)} {local:%H:%M}{self._zone_of(local)}"

    def day(self, day: date) -> str:
        """ "Sun 3 May", "5月3日(日)"."""
        return _day(day, self.language)

    def dated(self, day: date) -> str:
        """ "Sun, 3 May 2026", "2026年5月3日(日)"."""
        return _day(day, self.language, has_year=True)

    def month(self, day: date) -> str:
        """ "May 2026", "2026年5月"."""
        return format_skeleton("yMMMM", day, locale=_CULTURE[self.language])

    def weekdays(self) -> list[str]:
        """Their short names, from Monday on."""
        monday = date(2026, 5, 4)
        return [format_skeleton("E", monday + timedelta(days=n), locale=_CULTURE[self.language]) for n in range(7)]

    def moment(self, at: datetime, near: datetime) -> str:
        """The time alone if it is on the same day of the reader as ``near``, else day and time."""
        is_same_day = at.astimezone(self.zone).date() == near.astimezone(self.zone).date()
        return self.clock(at) if is_same_day else self.instant(at, near)

    def is_night(self, at: datetime) -> bool:
        """Whether most people would be asleep on the reader's wall."""
        hour = at.astimezone(self.zone).hour
        return hour >= NIGHT[0] or hour < NIGHT[1]

    def _zone_of(self, local: datetime) -> str:
        """The zone's short name after a time; nothing where the language's own country has the same time."""
        home = _HOME.get(self.language)
        if home is not None and local.utcoffset() == local.astimezone(home).utcoffset():
            return ""
        name = f"{local:%Z}"
        return f" UTC{name}" if name[:1] in "+-" else f" {name}"

    # Names and sentences ----------------------------------------------------------------------------------------------

    def sentences(self, *parts: str) -> str:
        """One after the other; Japanese and Chinese write no space between them."""
        return ("" if self.language in _UNSPACED else " ").join(part for part in parts if part)

    def name(self, name: str) -> str:
        """A person's name as one writes of them: 田中さん."""
        return self.pgettext("a person who is spoken of", "%(name)s") % {"name": name}

    def address(self, name: str) -> str:
        """A person's name as one speaks to them: 田中様."""
        return self.pgettext("a person who is spoken to", "%(name)s") % {"name": name}

    def listed(self, names: Sequence[str]) -> str:
        """ "Alice, Bob"; above 20 the rest is a count."""
        if len(names) <= MOST_LISTED:
            return self.gettext(", ").join(names)
        rest = len(names) - MOST_LISTED
        more = self.ngettext("%(n)d more", "%(n)d more", rest) % {"n": rest}
        return self.gettext(", ").join([*names[:MOST_LISTED], more])


def _parts(seconds: int) -> tuple[int, int, int]:
    """Days, hours and minutes."""
    minutes = seconds // 60
    return minutes // 1440, minutes % 1440 // 60, minutes % 60
