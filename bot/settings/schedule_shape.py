"""The shape of schedules: people who take turns, in layers, fixed shifts, and those of other calendars."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator
from pydantic_core import InitErrorDetails

from bot.settings.basic import Shape, Word
from bot.settings.fields import DURATION_SCHEMA, Day, Listed, TimeOfDay, Zone, duration, wrong
from bot.settings.policy_shape import TellShape
from bot.settings.problem import shown
from escalation.phrase import Phrase
from escalation.policy import PHONE
from escalation.rotation import Role, Unit

_UNITS = {"h": Unit.HOUR, "d": Unit.DAY, "w": Unit.WEEK, "mo": Unit.MONTH}


class Every(NamedTuple):
    number: int
    unit: Unit


def every(value: Any) -> Every:
    """``1w``, ``2d``, ``12h`` or ``1mo``."""
    found = re.fullmatch(r"([1-9]\d{0,2}) ?(h|d|w|mo)", value) if isinstance(value, str) else None
    if found is None:
        fix = Phrase("write it like 1w, 2d, 12h or 1mo")
        raise wrong(Phrase("%(value)s is no length of a turn", value=shown(value)), fix)
    return Every(int(found[1]), _UNITS[found[2]])


TurnLength = Annotated[
    Every,
    BeforeValidator(lambda value: value if isinstance(value, Every) else every(value)),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[1-9]\d{0,2} ?(h|d|w|mo)$", "examples": ["1w", "2d", "12h", "1mo"]}
    ),
]


def moment(value: Any) -> datetime:
    """``2026-12-28T09:00``; with an offset, or on the wall of the schedule's zone."""
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        fix = Phrase("write it like 2026-12-28T09:00")
        raise wrong(Phrase("%(value)s is no time", value=shown(value)), fix) from error


Moment = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "examples": ["2026-12-28T09:00"]})
]


class LayerShape(Shape):
    """People who take turns. A layer wins over those written before it, wherever it has somebody."""

    people: list[Listed[Word]] = Field(min_length=1, examples=["[alice, bob]"])
    """Each turn: a person, or several in brackets."""
    start: Day = Field(examples=["2026-05-04"])
    """The first day of the first turn; of weeks, the weekday of the handoff."""
    every: TurnLength = Every(1, Unit.WEEK)
    """How long a turn is: hours, days, weeks or months."""
    cycle: list[Annotated[int, Field(ge=1, le=366)]] | None = Field(None, min_length=1, examples=["[5, 2]"])
    """Instead of every: the lengths of the turns in days, round and round; [5, 2] are weekdays and weekends."""
    handoff: TimeOfDay = time(9)
    zone: Zone | None = None
    window: Word | None = None
    """Only within this window."""
    role: Role = Role.PRIMARY
    """primary is paged by oncall:NAME, backup by oncall:NAME/backup, shadow by nothing."""
    name: Word | None = None

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if self.cycle is not None and "every" in self.model_fields_set:
            raise wrong(Phrase("cycle stands beside every"), Phrase("write either of the two"))
        return self


class ShiftShape(Shape):
    """Somebody has the duty for a time, whatever the layers say."""

    person: Word = Field(examples=["alice"])
    start: Moment = Field(alias="from", examples=["2026-12-28T09:00"])
    end: Moment = Field(alias="until", examples=["2027-01-04T09:00"])

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if (self.start.tzinfo is None) != (self.end.tzinfo is None):
            raise wrong(Phrase("only one of from and until has an offset"), Phrase("write both with one, or without"))
        if self.start >= self.end:
            raise wrong(Phrase("the shift ends before it begins"), Phrase("write an until that is after from"))
        return self


LONGEST_LEAD = timedelta(days=31)


def lead(value: Any) -> timedelta:
    """``15m``, ``1d``: how long before a shift."""
    found = duration(value)
    if not timedelta(0) < found <= LONGEST_LEAD:
        raise wrong(Phrase("%(value)s is no time before a shift", value=shown(value)), Phrase("write 1m to 31d"))
    return found


Lead = Annotated[timedelta, BeforeValidator(lead), WithJsonSchema(DURATION_SCHEMA)]

_ALONE = ("people", "start", "handoff", "days")


class ScheduleShape(Shape):
    """Who is on call: people who take turns, or layers of them."""

    people: list[Word] = Field(default=[], min_length=1, examples=["[alice, bob]"])
    zone: Zone | None = None
    start: Day | None = Field(None, examples=["2026-05-04"])
    """The first day of the first shift."""
    handoff: TimeOfDay = time(9)
    days: int = Field(7, ge=1, le=366)
    layers: list[LayerShape] | None = Field(None, min_length=1)
    """Instead of people: rotations, of which a later one wins."""
    shifts: list[ShiftShape] = Field(default=[])
    """Fixed shifts; they win over every rotation."""
    ical: Listed[Word] = Field(default=[])
    """Calendars whose events are shifts; they win over every rotation, and of several the last. Alone, or beside it."""
    remind: Listed[Lead] = Field(default=[], max_length=10, examples=["[1d, 15m]"])
    """How long before a shift its people are told, over chat or else by mail."""
    handoff_to: Listed[TellShape] = Field(default=[], examples=['{via: slack, to: "#ops"}'])
    """Who gets a summary when a shift ends; oncall: with this schedule is who comes next."""

    @model_validator(mode="after")
    def _tells_in_writing(self) -> Self:
        if any(one.via == PHONE for one in self.handoff_to):
            raise wrong(Phrase("a call can't tell a handoff"), Phrase("write via: with a chat, or mail"))
        return self

    @model_validator(mode="after")
    def _has_turns(self) -> Self:
        beside = [key for key in _ALONE if key in self.model_fields_set]
        if self.layers is not None and beside:
            what = Phrase("%(key)s stands beside layers", key=beside[0])
            raise wrong(what, Phrase("write it in each layer"))
        is_imported = bool(self.ical) and not beside
        lacking = [
            key for key in ("people", "start") if self.layers is None and not is_imported and not getattr(self, key)
        ]
        if lacking:
            errors = [InitErrorDetails(type="missing", loc=(key,), input=None) for key in lacking]
            raise ValidationError.from_exception_data("ScheduleShape", errors)
        return self
