"""The shape of windows: parts of the week, and what holidays do to them."""

from datetime import time
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from bot.settings.basic import Shape, Word
from bot.settings.fields import Listed, TimeOfDay, Weekdays, Zone, wrong
from bot.settings.policy_fields import Dates, Holiday
from escalation.phrase import Phrase


class SpanShape(Shape):
    """Days of the week and hours; an end that is not after the start is on the next day."""

    days: Weekdays = frozenset(range(7))
    start: TimeOfDay = Field(time(0), alias="from")
    end: TimeOfDay = Field(time(0), alias="to")


class OnHolidays(StrEnum):
    IN = "in"
    OUT = "out"


class WindowShape(Shape):
    """A named part of the week, on the wall clock of a zone."""

    zone: Zone | None = None
    days: Weekdays | None = None
    start: TimeOfDay | None = Field(None, alias="from")
    end: TimeOfDay | None = Field(None, alias="to")
    spans: list[SpanShape] | None = Field(None, min_length=1)
    holidays: Listed[Holiday] = Field(default=[])
    """Countries (JP, DE-BY) whose public holidays count, and dates of your own."""
    on_holidays: OnHolidays | None = None
    """in: a holiday is wholly inside the window. out: wholly outside."""
    dates: Listed[Dates] = Field(default=[])
    """Days of your own that are wholly inside: a date, or first..last."""
    ical: Listed[Word] = Field(default=[])
    """Calendars whose events of whole days are such days."""
    all_of: Listed[Word] = Field(default=[], alias="and")
    """Only while each of these other windows holds, too."""
    any_of: Listed[Word] = Field(default=[], alias="or")
    """Only while one of these other windows holds."""
    none_of: Listed[Word] = Field(default=[], alias="not")
    """Never while one of these other windows holds."""

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        alone = {"days", "start", "end"} & self.model_fields_set
        if self.spans is not None and alone:
            raise wrong(Phrase("spans stand beside days, from or to"), Phrase("write either of the two"))
        if self.spans is None and not alone and not (self.holidays or self.dates or self.ical or self.others()):
            raise wrong(Phrase("the window says no days and no hours"), Phrase("write days, from and to, or spans"))
        if bool(self.holidays) != (self.on_holidays is not None):
            fix = Phrase("write both, for example: on_holidays: out")
            raise wrong(Phrase("holidays and on_holidays belong together"), fix)
        return self

    def others(self) -> list[tuple[str, int, str]]:
        """The windows that it names: the key, the place in its list, the name."""
        lists = {"and": self.all_of, "or": self.any_of, "not": self.none_of}
        return [(key, place, name) for key, names in lists.items() for place, name in enumerate(names)]

    def all_spans(self) -> list[SpanShape]:
        """The spans; a window of holidays alone has none."""
        if self.spans is not None:
            return self.spans
        if not {"days", "start", "end"} & self.model_fields_set:
            return []
        return [_span(self.days, self.start, self.end)]


def _span(days: frozenset[int] | None, start: time | None, end: time | None) -> SpanShape:
    every = frozenset(range(7))
    return SpanShape.model_validate({"days": days or every, "from": start or time(0), "to": end or time(0)})
