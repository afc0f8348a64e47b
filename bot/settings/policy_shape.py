"""The shape of a policy: its ladders and their steps."""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from bot.settings.basic import AnyVia, Shape, Word
from bot.settings.fields import Duration, Listed, PositiveDuration, wrong
from bot.settings.policy_fields import Countable, ReadByField, RedialOn
from escalation.contact import CONTACTS
from escalation.phrase import Phrase
from escalation.policy import PHONE, StopOn
from escalation.receipt import ANY, READ_BY_DEFAULT


class TellShape(Shape):
    """One way of telling somebody."""

    via: AnyVia = Field(examples=["slack"])
    """A channel; or contacts: as each person's own contacts say."""
    to: Listed[Word] = Field(min_length=1, examples=["alice"])
    """alice, team:noc, roundrobin:noc (its members in turn), oncall:noc, unread (everybody who has not read),
    sender (of a mail that was sent) or "#ops"."""


class RetryShape(Shape):
    """How often a step is tried again while nobody has read."""

    times: int = Field(ge=1, le=20)
    every: PositiveDuration = timedelta(minutes=2)
    on: Listed[RedialOn] | None = Field(None, min_length=1, examples=["[busy, no_answer, voicemail]"])
    """Of calls: only after these outcomes is it rung again. Without it: whatever became of the call before."""


class Outside(StrEnum):
    SKIP = "skip"
    WAIT = "wait"


class StepShape(TellShape):
    """One step of a ladder."""

    after: Duration = timedelta(0)
    """How long after the step before (the first: after the ladder began)."""
    before: PositiveDuration | None = None
    """In place of after: how long before the deadline of a mail that was sent with one."""
    retry: RetryShape | None = None
    otherwise: TellShape | None = Field(None, alias="else")
    """What to do when none of the step's targets can be reached over its channel."""
    only: Word | None = None
    """A window: the step is climbed only while it holds."""
    never: Word | None = Field(None, alias="not")
    """A window: the step is not climbed while it holds."""
    outside: Outside = Outside.SKIP
    """What happens when the step is due at another time: skip it, or wait (a week at most) until it is its time."""
    hold: Word | None = Field(None, examples=["morning"])
    """The step, and all after it, waits until morning, until a window holds, or until somebody is on call (oncall:noc):
    a week at most."""

    @model_validator(mode="after")
    def _after_or_before(self) -> Self:
        if self.before is not None and "after" in self.model_fields_set:
            raise wrong(Phrase("the step has both after and before"), Phrase("write one of the two"))
        return self

    @model_validator(mode="after")
    def _says_what_it_waits_for(self) -> Self:
        has_window = self.only is not None or self.never is not None
        if self.hold is not None and (has_window or "outside" in self.model_fields_set):
            raise wrong(Phrase("hold stands beside only, not or outside"), Phrase("write hold, or the others"))
        if "outside" in self.model_fields_set and not has_window:
            raise wrong(Phrase("outside says nothing without a window"), Phrase("add only: or not: with a window"))
        if self.before is not None and (self.hold or self.outside is Outside.WAIT):
            raise wrong(Phrase("a step before a deadline can't wait"), Phrase("write after: in place of before:"))
        return self

    @model_validator(mode="after")
    def _repeats_in_one_way(self) -> Self:
        if self.via == CONTACTS and self.retry is not None:
            fix = Phrase("take retry away, and write a way twice in the person's contacts")
            raise wrong(Phrase("retry stands beside via: contacts"), fix)
        return self

    @model_validator(mode="after")
    def _redials_calls(self) -> Self:
        if self.via != PHONE and self.retry is not None and self.retry.on is not None:
            what = Phrase("retry.on is for calls, and this step tells over %(channel)s", channel=self.via)
            raise wrong(what, Phrase("take on away, or write via: phone"))
        return self


class LadderShape(Shape):
    """The steps for one window of the week."""

    when: Word = "always"
    """The name of a window, or always. The first ladder whose window holds the moment is climbed."""
    steps: list[StepShape] = Field(min_length=1, max_length=50)
    repeat: int = Field(0, ge=0, le=99)
    """How often the ladder is climbed again when nobody came."""
    wait: Duration = timedelta(minutes=5)
    """How long the last step has to be answered."""


class PolicyShape(Shape):
    """Who is told about an urgent mail, in which order, and what makes it stop."""

    read_by: ReadByField = ANY
    """How many must have read: any, all, a number, or a percentage such as 60%."""
    counts: list[Countable] = Field(default=sorted(READ_BY_DEFAULT), min_length=1)
    """Which receipts count as read."""
    stop_on: StopOn = StopOn.READ
    ack_timeout: PositiveDuration | None = None
    """An acknowledged alert that is not resolved by then begins again."""
    resolve_after: PositiveDuration = timedelta(days=1)
    """How long after it was taken an alert is resolved by itself."""
    reopen_on_unread: bool = False
    remind_every: PositiveDuration = timedelta(hours=1)
    """Nobody is reminded by mail twice within this time."""
    remind_most: int = Field(3, ge=0, le=20)
    """How often somebody is reminded by mail at most."""
    last_resort: list[TellShape] = Field(
        min_length=1, examples=['[{via: slack, to: "#ops"}]'], description="Who is told when nobody came at all."
    )
    steps: list[StepShape] | None = Field(None, min_length=1, max_length=50)
    repeat: int = Field(0, ge=0, le=99)
    wait: Duration = timedelta(minutes=5)
    ladders: list[LadderShape] | None = Field(None, min_length=1, max_length=20)

    @model_validator(mode="after")
    def _climbs_without_a_deadline(self) -> Self:
        for steps in (self.steps or [], *(ladder.steps for ladder in self.ladders or ())):
            if steps and all(step.before is not None for step in steps):
                what = Phrase("every step waits for a deadline, and most mails have none")
                raise wrong(what, Phrase("add a step with after:"))
        return self

    @model_validator(mode="after")
    def _one_kind_of_ladder(self) -> Self:
        if (self.steps is None) == (self.ladders is None):
            both = Phrase("the policy has both steps and ladders")
            none = Phrase("the policy has neither steps nor ladders")
            raise wrong(none if self.steps is None else both, Phrase("write steps, or ladders with a window each"))
        if self.ladders is not None and self.model_fields_set & {"repeat", "wait"}:
            raise wrong(Phrase("repeat and wait stand beside ladders"), Phrase("write them inside each ladder"))
        return self

    def all_ladders(self) -> list[LadderShape]:
        """The ladders; one for always if only steps are written."""
        if self.ladders is not None:
            return self.ladders
        return [LadderShape(steps=self.steps or [], repeat=self.repeat, wait=self.wait)]
