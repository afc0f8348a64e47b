"""The shape of other calendars: iCal files and addresses that give shifts, leave, or days."""

import re
from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema, model_validator

from bot.calendars.address import is_safe
from bot.settings.basic import Shape, Word
from bot.settings.fields import Listed, PositiveDuration, Zone, wrong
from bot.settings.rule_fields import Pattern
from escalation.phrase import Phrase

SHORTEST = timedelta(minutes=1)


def address(value: Any) -> Any:
    """``https://…`` or ``webcal://…``; ``http://`` to this machine only. What is no text is left to pydantic. The
    address may be a secret: it is in no error."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        return value
    text = re.sub(r"^webcals?://", "https://", text.strip(), flags=re.IGNORECASE)
    if not is_safe(text):
        fix = Phrase("write https://… (http:// only to this machine), or webcal://…")
        raise wrong(Phrase("this is no address that a calendar may be fetched from"), fix)
    return SecretStr(text)


_EXAMPLE = "https://calendar.company.example/noc.ics"
CalendarAddress = Annotated[
    SecretStr, BeforeValidator(address), WithJsonSchema({"type": "string", "examples": [_EXAMPLE]})
]


class CalendarShape(Shape):
    """Somebody else's calendar, as iCal (RFC 5545): an address that is fetched again and again, or a file."""

    url: CalendarAddress | None = None
    """https://… or webcal://…; who has it can often read the calendar: KIDOKU_CALENDARS__NAME__URL hides it."""
    file: Word | None = None
    zone: Zone | None = None
    """Of whole days and of times without a zone, if the calendar does not say it itself."""
    every: PositiveDuration = timedelta(minutes=15)
    """How often it is looked at."""
    only: Listed[Pattern] = Field(default=[])
    """Only events in whose summary one of these regexes is found."""
    names: dict[Word, Word] = Field(default={}, examples=["{Sato H.: sato}"])
    """What the calendar calls people who have another name here, with their ids."""
    may_be_empty: bool = False
    """false: a calendar that loses all its events is taken for broken, and what it said last still holds."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.url is None) == (self.file is None):
            what = Phrase("url stands beside file") if self.url else Phrase("the calendar is nowhere")
            raise wrong(what, Phrase("write url (or its environment variable), or file"))
        if self.every < SHORTEST:
            raise wrong(Phrase("every is too short"), Phrase("write at least 1m"))
        return self
