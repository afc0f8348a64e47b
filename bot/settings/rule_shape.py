"""The shape of a routing rule and its conditions."""

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.basic import Severity, Shape, Word
from bot.settings.fields import Listed, wrong
from bot.settings.rule_fields import Pattern, Prefix, SenderPattern
from escalation.phrase import Phrase


class WhenShape(Shape):
    """Conditions on a mail. All that are written must hold; of several values of one, any."""

    account: Listed[Word] = Field(default=[], min_length=1)
    folder: Listed[Word] = Field(default=[], min_length=1)
    sender: Listed[SenderPattern] = Field(default=[], min_length=1, alias="from")
    """noc@carrier.example, carrier.example (with its subdomains), *@noc.example, or /a regex/."""
    to: Listed[SenderPattern] = Field(default=[], min_length=1)
    subject: Listed[Pattern] = Field(default=[], min_length=1)
    """A regex, found anywhere, in any case; full-width and half-width are the same."""
    list_id: Listed[Word] = Field(default=[], min_length=1)
    header: dict[Word, Pattern] = Field(default={}, min_length=1)
    """Any header: its name and a regex."""
    importance: Literal["high"] | None = None
    flagged: bool | None = None
    keyword: Listed[Word] = Field(default=[], min_length=1)
    prefix: Prefix = ()
    """true: the subject begins with 【緊急】, [URGENT] and the like; or words of your own."""
    body: Listed[Pattern] = Field(default=[], min_length=1)
    """A regex, looked for in each line of the text."""


class RuleShape(Shape):
    """One routing rule. The first that matches a mail decides."""

    name: Word = Field(examples=["urgent prefix"])
    when: WhenShape = Field(default_factory=WhenShape)
    policy: Word | None = None
    severity: Severity = "critical"
    ignore: bool = False
    include_bulk: bool = False
    """Let it match mail of lists and bulk mail too."""

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.policy is None) != self.ignore:
            both = Phrase("the rule has both a policy and ignore")
            none = Phrase("the rule has neither a policy nor ignore")
            fix = Phrase("write policy: with a policy's name, or ignore: true")
            raise wrong(none if self.policy is None else both, fix)
        return self
