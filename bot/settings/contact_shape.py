"""The shape of how somebody wants to be told: ways in order, and quiet hours."""

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from bot.settings.basic import DiscordId, Severity, Shape, SlackPerson, Via, Word
from bot.settings.fields import Address, Duration, Listed, Phone, TimeOfDay, Weekdays, wrong
from bot.settings.problem import shown
from escalation.phrase import Phrase

MOST_WAYS = 10
_ADDRESSES: dict[str, TypeAdapter[str]] = {
    "slack": TypeAdapter(SlackPerson),
    "discord": TypeAdapter(DiscordId),
    "phone": TypeAdapter(Phone),
    "sms": TypeAdapter(Phone),
    "whatsapp": TypeAdapter(Phone),
    "mail": TypeAdapter(Address),
    "console": TypeAdapter(Word),
}


class Matter(StrEnum):
    """What an order is for, by the severity that the rule gives: ``urgent_from`` divides the two."""

    URGENT = "urgent"
    ORDINARY = "ordinary"


class WayShape(Shape):
    """One way to tell somebody: a channel, and its delay."""

    via: Via = Field(examples=["phone"])
    after: Duration = timedelta(0)
    """How long after the way before it (the first: after the step)."""
    address: Word | None = None
    """A second number or address; the person's own on this channel if left out."""

    @model_validator(mode="after")
    def _has_an_address_of_its_channel(self) -> Self:
        if self.address is not None:
            self.checked_address()
        return self

    def checked_address(self) -> str | None:
        """The address as the channel takes it; None: the person's own."""
        if self.address is None:
            return None
        try:
            return _ADDRESSES[self.via].validate_python(self.address)
        except (ValidationError, KeyError) as error:
            # A service of apprise is a name, and each has one name: there is no second address.
            values = {"value": shown(self.address), "channel": self.via}
            what = Phrase("%(value)s is no address on %(channel)s", **values)
            raise wrong(what, Phrase("write it as beside the person's name")) from error


def _in_full(value: Any) -> Any:
    """``phone`` alone is ``{via: phone}``."""
    return {"via": value} if isinstance(value, str) else value


WayField = Annotated[WayShape, BeforeValidator(_in_full, json_schema_input_type=Via | WayShape)]


class OrderShape(Shape):
    """Ways in order, for some matters and some hours."""

    matter: Matter | None = Field(None, alias="for")
    """urgent or ordinary; both if left out."""
    when: Word = "always"
    """The name of a window."""
    ways: Listed[WayField] = Field(min_length=1, max_length=MOST_WAYS, examples=["[slack, {after: 2m, via: phone}]"])


class QuietShape(Shape):
    """Hours in which somebody is left in peace, in their own zone."""

    when: Word | None = None
    """The name of a window, in place of days, from and to."""
    days: Weekdays | None = None
    start: TimeOfDay | None = Field(None, alias="from")
    end: TimeOfDay | None = Field(None, alias="to")
    broken_by: Severity = "critical"
    """From this severity on they are told all the same."""
    channels: Listed[Via] = Field(default=["discord", "phone", "slack", "sms", "whatsapp"], min_length=1)
    """Over which channels they are left in peace."""

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        hours = {"days", "start", "end"} & self.model_fields_set
        if (self.when is None) == (not hours):
            what = Phrase("quiet says no hours") if self.when is None else Phrase("when stands beside days, from or to")
            raise wrong(what, Phrase("write from and to, or when: with the name of a window"))
        return self

    def span(self) -> tuple[frozenset[int], time, time]:
        """The days, the beginning and the end."""
        return self.days or frozenset(range(7)), self.start or time(0), self.end or time(0)
