"""Values that stand in policies and windows: ``read_by``, receipts that count, what is redialled, holidays."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any

import holidays
from pydantic import PlainValidator, WithJsonSchema

from bot.settings.fields import wrong
from bot.settings.problem import shown, suggestion
from escalation.outcome import Outcome
from escalation.phrase import Phrase
from escalation.receipt import ALL, ANY, NEVER_READ, ReadBy, ReceiptKind


def read_by(value: Any) -> ReadBy:
    """``any``, ``all``, a number of people, or a percentage such as ``60%``."""
    if isinstance(value, ReadBy):
        return value
    if value in ("any", "all"):
        return ANY if value == "any" else ALL
    found = re.fullmatch(r"(\d{1,3})( ?%)?", str(value))
    number = int(found[1]) if found else 0
    if found is None or not number or (found[2] and number > 100):
        raise wrong(
            Phrase("%(value)s is no number of readers", value=shown(value)),
            Phrase("write any, all, a number from 1, or a percentage like 60%%"),
        )
    return ReadBy(percent=number) if found[2] else ReadBy(count=number)


ReadByField = Annotated[
    ReadBy,
    PlainValidator(read_by),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["any", "all"]},
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": r"^\d{1,3} ?%$"},
            ]
        }
    ),
]


def countable(value: Any) -> ReceiptKind:
    """A kind of receipt that may count as read."""
    allowed = sorted(kind.value for kind in ReceiptKind if kind not in NEVER_READ)
    if value in allowed:
        return ReceiptKind(value)
    if value in list(ReceiptKind):
        fix = Phrase("write any of: %(names)s", names=", ".join(allowed))
        raise wrong(Phrase("%(value)s never counts as read", value=shown(value)), fix)
    raise wrong(Phrase("%(value)s is no kind of receipt", value=shown(value)), suggestion(str(value), allowed))


Countable = Annotated[
    ReceiptKind,
    PlainValidator(countable),
    WithJsonSchema({"enum": sorted(kind.value for kind in ReceiptKind if kind not in NEVER_READ)}),
]


class RedialOn(StrEnum):
    """What becomes of a call, as the settings say it: ``voicemail`` is a machine that was noticed, ``failed`` a call
    that could not be made, ``not_acknowledged`` one that somebody (or a machine unnoticed) answered and let be."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    FAILED = "failed"
    NOT_ACKNOWLEDGED = "not_acknowledged"


_OUTCOMES: Mapping[RedialOn, frozenset[Outcome]] = MappingProxyType(
    {
        RedialOn.BUSY: frozenset({Outcome.BUSY}),
        RedialOn.NO_ANSWER: frozenset({Outcome.NO_ANSWER}),
        RedialOn.VOICEMAIL: frozenset({Outcome.VOICEMAIL}),
        RedialOn.FAILED: frozenset({Outcome.REJECTED}),
        RedialOn.NOT_ACKNOWLEDGED: frozenset({Outcome.HUNG_UP, Outcome.ENDED}),
    }
)


def outcomes_of(redial_on: Iterable[RedialOn]) -> frozenset[Outcome]:
    """What the core calls them."""
    return frozenset[Outcome]().union(*(_OUTCOMES[one] for one in redial_on))


def holiday(value: Any) -> date | str:
    """A date of one's own, or a country or ``COUNTRY-PART`` whose public holidays are known (ISO 3166)."""
    if isinstance(value, date):
        return value
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return _own_date(text)
    country, _, part = text.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        fix = Phrase("write a country code such as JP, or a date like 2026-12-30")
        raise wrong(Phrase("no holidays are known of %(value)s", value=shown(text)), fix)
    if part and part not in known[country]:
        what = Phrase("%(country)s has no part %(part)s", country=country, part=shown(part))
        raise wrong(what, suggestion(part, known[country], Phrase("write %(name)s alone", name=country)))
    return text


def _own_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise wrong(Phrase("%(value)s is no date", value=text), Phrase("write it like 2026-12-30")) from error


Holiday = Annotated[
    date | str,
    PlainValidator(holiday),
    WithJsonSchema({"type": "string", "examples": ["JP", "DE-BY", "2026-12-30"]}),
]


MOST_DAYS = 400


def dates(value: Any) -> tuple[date, ...]:
    """``2026-08-11``, or every day of ``2026-08-11..2026-08-15``."""
    if isinstance(value, date):
        return (value,)
    first, dots, last = str(value).partition("..")
    start, end = _own_date(first.strip()), _own_date(last.strip()) if dots else _own_date(first.strip())
    if not start <= end < start + timedelta(days=MOST_DAYS):
        what = Phrase("%(value)s ends before it begins, or lasts more than a year", value=shown(value))
        raise wrong(what, Phrase("write the first day, two dots, and the last day"))
    return tuple(start + timedelta(days=number) for number in range((end - start).days + 1))


Dates = Annotated[
    tuple[date, ...],
    PlainValidator(dates),
    WithJsonSchema({"type": "string", "examples": ["2026-12-29", "2026-08-11..2026-08-15"]}),
]


def last_known(country: str, years: range) -> date:
    """The last day of these years whose holidays the library knows, for ``JP`` or ``DE-BY``."""
    country, _, part = country.partition("-")
    known = holidays.country_holidays(country, subdiv=part or None, years=years)
    return date(min(years[-1], known.end_year), 12, 31)


def holiday_dates(entries: list[date | str], years: range) -> frozenset[date]:
    """Every date of these countries' public holidays in these years, and the dates that stand there themselves."""
    found: set[date] = set()
    for entry in entries:
        if isinstance(entry, date):
            found.add(entry)
        else:
            country, _, part = entry.partition("-")
            found |= set(holidays.country_holidays(country, subdiv=part or None, years=years))
    return frozenset(found)
