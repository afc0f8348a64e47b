"""The shape of when a channel counts as out of order. What each limit is about: ``escalation/outage.py``."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.basic import Shape
from bot.settings.fields import PositiveDuration, wrong
from escalation.outage import Limits
from escalation.phrase import Phrase

SLOWEST_MAIL = timedelta(minutes=2)
"""Handing a mail over may take 110 seconds."""

_USUAL = Limits()


def _check(failures: int, of: int) -> None:
    if failures > of:
        message = Phrase("%(failures)d of the last %(of)d calls can't fail", failures=failures, of=of)
        raise wrong(message, Phrase("write failures no larger than of"))


class LimitsShape(Shape):
    """What differs for one channel."""

    failures: int | None = Field(default=None, ge=1, le=100)
    of: int | None = Field(default=None, ge=1, le=100)
    within: PositiveDuration | None = None
    lasting: PositiveDuration | None = None
    pause: PositiveDuration | None = None
    silence: PositiveDuration | None = None
    down: PositiveDuration | None = None
    steady: PositiveDuration | None = None


class FailoverShape(Shape):
    """When a channel is out of order, so that steps that wait there come forward."""

    failures: int = Field(default=_USUAL.failures, ge=1, le=100)
    """So many of the last calls have failed, the newest among them."""
    of: int = Field(default=_USUAL.of, ge=1, le=100)
    """How many of the last calls are looked at."""
    within: PositiveDuration = _USUAL.within
    """Older calls don't count."""
    lasting: PositiveDuration = _USUAL.lasting
    """There lies so much between the first of the failures and the last."""
    pause: PositiveDuration = _USUAL.pause
    """A provider that asks for so long a wait (Retry-After) is out of order at once; a shorter one is its pace."""
    silence: PositiveDuration = _USUAL.silence
    """A call without an answer for so long; over mail at least 2m, unless said for mail alone."""
    down: PositiveDuration = _USUAL.down
    """A connection that is down for so long."""
    steady: PositiveDuration = _USUAL.steady
    """It is over when all has worked for so long."""
    channels: dict[
        Literal["slack", "discord", "phone", "sms", "whatsapp", "mail", "apprise", "console"], LimitsShape
    ] = Field(default={})
    """What differs for a channel."""

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        _check(self.failures, self.of)
        for one in self.channels.values():
            _check(one.failures or self.failures, one.of or self.of)
        return self

    def limits(self, channel: str) -> Limits:
        """Those of a channel."""
        values = self.model_dump(exclude={"channels"})
        if channel == "mail":
            values["silence"] = max(self.silence, SLOWEST_MAIL)
        own = {str(name): one for name, one in self.channels.items()}.get(channel)
        return Limits(**(values | (own.model_dump(exclude_none=True) if own else {})))
