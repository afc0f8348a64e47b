"""The shape of a maintenance window: urgent mail that opens no alert while it holds."""

from typing import Self

from pydantic import Field, model_validator

from bot.settings.basic import Shape, Word
from bot.settings.fields import Listed, Zone, wrong
from bot.settings.rule_fields import Pattern, SenderPattern
from bot.settings.schedule_shape import Moment
from escalation.phrase import Phrase
from escalation.silence import LONGEST, Scope


class AboutShape(Shape):
    """Which urgent mail. All that is written must match; of several values of one, any."""

    rule: Listed[Word] = Field(default=[], min_length=1)
    """The name of the routing rule that calls it urgent."""
    sender: Listed[SenderPattern] = Field(default=[], min_length=1, alias="from")
    """noc@carrier.example, carrier.example (with its subdomains), *@noc.example, or /a regex/."""
    subject: Listed[Pattern] = Field(default=[], min_length=1)
    """A regex, found anywhere, in any case; full-width and half-width are the same."""

    def scope(self) -> Scope:
        return Scope(rules=tuple(self.rule), senders=tuple(self.sender), subjects=tuple(self.subject))

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if self.scope().is_empty:
            raise wrong(Phrase("it would silence every mail"), Phrase("write rule, from or subject"))
        for wide in self.scope().too_wide():
            message = Phrase("%(value)s matches every mail", value=wide)
            raise wrong(message, Phrase("write what only this mail has, or leave it out"))
        return self


class MaintenanceShape(Shape):
    """A time in which some urgent mail opens no alert: whenever a window holds, or once."""

    name: Word = Field(examples=["nightly backup"])
    why: Word = Field(examples=["the backup stops the database"])
    when: AboutShape = Field(examples=["{from: backup.company.example}"])
    window: Word | None = None
    """Whenever this window holds."""
    start: Moment | None = Field(None, alias="from", examples=["2026-12-05T22:00"])
    end: Moment | None = Field(None, alias="until", examples=["2026-12-06T02:00"])
    zone: Zone | None = None
    """Of from and until."""

    @model_validator(mode="after")
    def _says_its_time(self) -> Self:
        if self.window is not None and {"start", "end"} & self.model_fields_set:
            raise wrong(Phrase("from or until stands beside window"), Phrase("write either of the two"))
        if self.window is not None:
            return self
        if self.start is None or self.end is None:
            fix = Phrase("write from and until, or window: with a window's name")
            raise wrong(Phrase("it does not say from when until when"), fix)
        if (self.start.tzinfo is None) != (self.end.tzinfo is None):
            raise wrong(Phrase("only one of from and until has an offset"), Phrase("write both with one, or without"))
        if self.start >= self.end:
            raise wrong(Phrase("it ends before it begins"), Phrase("write an until that is after from"))
        if self.end - self.start > LONGEST:
            message = Phrase("it lasts longer than %(days)s days", days=str(LONGEST.days))
            raise wrong(message, Phrase("write an earlier until"))
        return self
