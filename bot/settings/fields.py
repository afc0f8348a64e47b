"""The kinds of values in the settings: durations, zones, addresses, phone numbers, times of day.

Each raises ``PydanticCustomError("kidoku", …)`` with what is wrong and what to write instead.
"""

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, GetJsonSchemaHandler, SecretStr, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError

from bot.settings.problem import shown, suggestion
from escalation.phrase import Phrase


class _OneOrMany:
    """Tells the JSON schema that one value may stand without brackets."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        array = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [array["items"], array]}


T = TypeVar("T")
Listed = Annotated[list[T], BeforeValidator(lambda value: value if isinstance(value, list) else [value]), _OneOrMany()]
"""A list; one value alone may be written without brackets."""


def wrong(message: Phrase, fix: str) -> PydanticCustomError:
    """An error that brings its own phrases: what is wrong, and what to write instead."""
    return PydanticCustomError("kidoku", "{wrong}; {fix}", {"wrong": message, "fix": fix})


_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")
_LONGEST = timedelta(days=366)
_DURATION_FIX = Phrase("write it like 5m, 1h30m, 90s or 2d")


def duration(value: Any) -> timedelta:
    """``5m``, ``1h30m``, ``90s``, ``2d``, or 0; at most 366 days."""
    if isinstance(value, timedelta):
        return value
    text = str(value).replace(" ", "")
    found = _DURATION.fullmatch(text)
    if text == "0":
        return timedelta(0)
    if text.isdecimal():
        raise wrong(
            Phrase("%(text)s has no unit", text=text),
            Phrase("write %(text)sm for minutes, %(text)ss for seconds", text=text),
        )
    if not isinstance(value, str) or found is None or not text:
        raise wrong(Phrase("%(value)s is no duration", value=shown(value)), _DURATION_FIX)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > _LONGEST:
        raise wrong(Phrase("%(text)s is longer than a year", text=text), Phrase("write at most 366d"))
    return length


def _longer_than_zero(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise wrong(Phrase("this duration is zero"), _DURATION_FIX)
    return value


DURATION_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$",
    "minLength": 2,
    "examples": ["5m", "1h30m", "90s", "2d"],
}
Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"anyOf": [DURATION_SCHEMA, {"const": 0}]}),
]
PositiveDuration = Annotated[
    timedelta,
    BeforeValidator(lambda value: _longer_than_zero(duration(value))),
    WithJsonSchema(DURATION_SCHEMA),
]


def zone(value: Any) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(str(value))
    except (ValueError, OSError, KeyError) as error:
        raise wrong(Phrase("there is no time zone %(name)s", name=shown(str(value))), _zone_fix(str(value))) from error
    return str(value)


def _zone_fix(text: str) -> Phrase | str:
    """An abbreviation is no zone, and may mean several; a city alone names one."""
    meant = _ABBREVIATED.get(text.strip().upper())
    if meant is not None:
        return Phrase("write one of: %(names)s", names=", ".join(meant))
    otherwise = Phrase("write an IANA name such as Asia/Tokyo")
    if re.search(r"[\d+]", text):
        return otherwise
    cities = {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones(), reverse=True)}
    city = cities.get(text.strip().replace(" ", "_").casefold())
    return Phrase("did you mean %(name)s?", name=city) if city else suggestion(text, available_timezones(), otherwise)


_ABBREVIATED = {
    "JST": ("Asia/Tokyo",),
    "KST": ("Asia/Seoul",),
    "CST": ("Asia/Shanghai", "Asia/Taipei", "America/Chicago"),
    "HKT": ("Asia/Hong_Kong",),
    "SGT": ("Asia/Singapore",),
    "PHT": ("Asia/Manila",),
    "ICT": ("Asia/Bangkok", "Asia/Ho_Chi_Minh"),
    "WIB": ("Asia/Jakarta",),
    "IST": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "BST": ("Europe/London", "Asia/Dhaka"),
    "CEST": ("Europe/Berlin", "Europe/Paris"),
    "EEST": ("Europe/Helsinki", "Europe/Athens"),
    "MSK": ("Europe/Moscow",),
    "EDT": ("America/New_York",),
    "CDT": ("America/Chicago",),
    "MDT": ("America/Denver",),
    "PST": ("America/Los_Angeles",),
    "PDT": ("America/Los_Angeles",),
    "AKST": ("America/Anchorage",),
    "AEST": ("Australia/Sydney", "Australia/Brisbane"),
    "AEDT": ("Australia/Sydney",),
    "NZST": ("Pacific/Auckland",),
    "NZDT": ("Pacific/Auckland",),
}
"""Abbreviations that people write. EST, MST and HST are zones of the database, if not those that are meant."""


Zone = Annotated[str, BeforeValidator(zone), WithJsonSchema({"type": "string", "examples": ["Asia/Tokyo"]})]


def time_of_day(value: Any) -> time:
    """``09:00``; ``24:00`` is midnight at the end of the day, kept as 00:00."""
    if isinstance(value, time):
        return value
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", value) if isinstance(value, str) else None
    hour, minute = (int(part) for part in found.groups()) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return time(0)
    if hour > 23 or minute > 59:
        fix = Phrase("write it like 09:00, from 00:00 to 24:00")
        raise wrong(Phrase("%(value)s is no time of day", value=shown(value)), fix)
    return time(hour, minute)


TimeOfDay = Annotated[
    time,
    BeforeValidator(time_of_day),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d\d$", "examples": ["09:00"]}),
]


def day(value: Any) -> date:
    """``2026-05-04``."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise wrong(Phrase("%(value)s is no date", value=shown(value)), Phrase("write it like 2026-05-04")) from error


Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]


def address(value: Any) -> str:
    """A mail address in lower case (RFC 5322 addr-spec; the domain is not looked up)."""
    try:
        checked = validate_email(str(value), check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except EmailNotValidError as error:
        fix = Phrase("write it like alice@company.example")
        raise wrong(Phrase("%(value)s is no mail address", value=shown(value)), fix) from error
    return checked.normalized.lower()


Address = Annotated[str, BeforeValidator(address), WithJsonSchema({"type": "string", "format": "email"})]


def phone(value: Any) -> str:
    """A phone number in E.164."""
    text = str(value)
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        what = Phrase("%(value)s does not begin with + and a country code", value=shown(text))
        raise wrong(what, _phone_fix(text)) from error
    if not phonenumbers.is_valid_number(number):
        fix = Phrase("check the digits; write it like +819012345678")
        raise wrong(Phrase("%(text)s is no valid phone number", text=text), fix)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _phone_fix(text: str) -> Phrase:
    """A number in Japan's national form is the usual slip here: show it in E.164."""
    otherwise = Phrase("write it like +819012345678")
    try:
        number = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return otherwise
    if not phonenumbers.is_valid_number(number):
        return otherwise
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phrase("write %(number)s if it is in Japan", number=written)


Phone = Annotated[str, BeforeValidator(phone), WithJsonSchema({"type": "string", "pattern": r"^\+[0-9 ()-]{7,24}$"})]

SHORTEST_RING, LONGEST_RING = timedelta(seconds=5), timedelta(seconds=600)


def ring(value: Any) -> timedelta:
    """How long a phone may ring; 5 s to 600 s, which is what Twilio takes."""
    span = duration(value)
    if not SHORTEST_RING <= span <= LONGEST_RING:
        seconds = f"{span.total_seconds():g}"
        raise wrong(Phrase("%(seconds)s s is no time to let a phone ring", seconds=seconds), Phrase("write 5s to 600s"))
    return span


Ring = Annotated[timedelta, BeforeValidator(ring), WithJsonSchema(DURATION_SCHEMA)]

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _day_number(name: str) -> int:
    if name in DAY_NAMES:
        return DAY_NAMES.index(name)
    fix = Phrase("write %(names)s, a range like mon-fri, or all", names=", ".join(DAY_NAMES))
    raise wrong(Phrase("%(value)s is no weekday", value=shown(name)), fix)


def weekdays(value: Any) -> frozenset[int]:
    """``mon-fri``, ``sat, sun``, ``fri-mon``, ``all``, or a list of these; Monday is 0."""
    if isinstance(value, frozenset):
        return value
    parts = value if isinstance(value, list) else [value]
    found: set[int] = set()
    for part in ",".join(str(one) for one in parts).lower().split(","):
        first, dash, last = part.strip().partition("-")
        if first == "all" and not dash:
            return frozenset(range(7))
        start = _day_number(first.strip())
        end = _day_number(last.strip()) if dash else start
        found |= {(start + n) % 7 for n in range((end - start) % 7 + 1)}
    return frozenset(found)


Weekdays = Annotated[
    frozenset[int],
    BeforeValidator(weekdays),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            "examples": ["mon-fri", "sat, sun", "all"],
        }
    ),
]


_DATABASES = ("sqlite+aiosqlite", "postgresql+asyncpg")


def database(value: Any) -> Any:
    """A path, or a URL of a database that Kidoku can use. What is no text is left to pydantic."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    scheme, mark, _ = text.partition("://") if isinstance(text, str) else ("", "", "")
    if mark and scheme not in _DATABASES:
        fix = Phrase("write a path, sqlite+aiosqlite:///PATH, or postgresql+asyncpg://HOST/NAME")
        raise wrong(Phrase("%(value)s is no database that Kidoku can use", value=shown(scheme)), fix)
    return value


Database = Annotated[SecretStr, BeforeValidator(database)]
