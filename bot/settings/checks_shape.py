"""The shape of how contacts are proved: how long a confirmation lasts, and the weekly test."""

from datetime import time, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.basic import Shape, Word
from bot.settings.fields import Listed, PositiveDuration, TimeOfDay, Weekdays, wrong
from escalation.phrase import Phrase

LONGEST_WAIT = timedelta(days=3)


class ChecksShape(Shape):
    """Contacts that are proved before they are needed."""

    valid_for: PositiveDuration = timedelta(days=365)
    """How long a confirmation lasts (kidoku confirm); an answered test begins it anew."""
    weekly_test: bool = False
    """true: everybody's contacts are tested once a week, but for people with weekly_test: false."""
    day: Weekdays = frozenset({1})
    """The first of these days is the one of the test; if it was not possible then, the next in the week."""
    at: TimeOfDay = time(10)
    """From this hour on, on the person's own wall."""
    window: Word | None = None
    """Office hours, in which alone tests are sent: a window; left out: Monday to Friday, 9:00 to 18:00."""
    within: PositiveDuration = timedelta(hours=4)
    """How long an answer may take; who does not answer is told to those under alarms."""
    tell_managers: bool = True
    """Once a week, from that day and hour on (and the time for answers) in office hours, managers are told who can't be
    reached, if anybody can't."""
    channels: Listed[Literal["slack", "discord", "phone", "sms", "whatsapp", "mail", "apprise"]] = Field(default=[])
    """Only these are tested; left out: every contact."""

    @model_validator(mode="after")
    def _ends_before_the_next(self) -> Self:
        if self.within > LONGEST_WAIT:
            raise wrong(Phrase("within is too long"), Phrase("write at most 3d"))
        return self
