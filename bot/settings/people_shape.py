"""The shape of people and rooms."""

from datetime import time
from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from bot.settings.basic import DiscordId, Name, Shape, SlackPerson, SlackRoom, Word
from bot.settings.contact_shape import MOST_WAYS, OrderShape, QuietShape, WayField
from bot.settings.fields import Address, Listed, Phone, PositiveDuration, Ring, TimeOfDay, Zone, wrong
from escalation.fairness import FAIR_WITHIN
from escalation.phrase import Language, Phrase


class PersonShape(Shape):
    """Somebody who reads mail and can be woken. What is left out is taken from the top of the file."""

    name: Word = Field(examples=["Alice"])
    email: Listed[Address] = Field(default=[])
    slack: SlackPerson | None = None
    """The member id (U…), or the mail address that Slack knows; the first of `email` if left out."""
    discord: DiscordId | None = None
    """The user id: a number."""
    phone: Listed[Phone] = Field(default=[])
    """Of several numbers each is called in its turn, when a step rings again."""
    sms: Phone | None = None
    """Where text messages go; the first mobile number of `phone` if left out."""
    whatsapp: Phone | None = None
    """Where messages by WhatsApp go, to whoever has agreed to get them; never taken from `phone`."""
    ring: Ring | None = None
    """How long their phone may ring: shorter than their voicemail takes to answer."""
    apprise: Name | None = None
    """A service under `apprise` that reaches this person alone."""
    console: Word | None = None
    language: Language | None = None
    zone: Zone | None = None
    morning: TimeOfDay = time(8)
    """When "until morning" ends."""
    contacts: Listed[WayField] = Field(default=[], max_length=MOST_WAYS, examples=["[slack, {after: 2m, via: phone}]"])
    """In which order a step with via: contacts tells them."""
    contacts_when: list[OrderShape] = Field(default=[], max_length=20)
    """Other orders for some matters and hours; the first that fits counts."""
    quiet: QuietShape | None = None
    """Hours in which they are told nothing that can wait."""
    delegate: Word | None = None
    """Who is told in their place while they are on leave (kidoku leave)."""
    weekly_test: bool | None = None
    """Whether their contacts are tested once a week; left out: as contact_checks says."""
    _order: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _keep_order(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        person = handler(data)
        if isinstance(data, dict):
            person._order = tuple(data)
        return person

    def all_orders(self) -> list[OrderShape]:
        """The orders, the usual one last."""
        usual = [OrderShape.model_validate({"ways": self.contacts})] if self.contacts else []
        return [*self.contacts_when, *usual]

    def contact_order(self) -> tuple[str, ...]:
        """The keys in the order in which they were written."""
        return self._order


class FairTurnsShape(Shape):
    """Teams whose turns go by load."""

    teams: Listed[Word] = Field(min_length=1, examples=["[noc]"])
    """In these roundrobin: tells, of those equal in turn, whoever was woken in fewest nights, then paged least."""
    within: PositiveDuration = FAIR_WITHIN
    """How far back pages and nights are counted: no further than retention_days."""


class RoomShape(Shape):
    """One room, as each channel calls it."""

    slack: SlackRoom | None = None
    """#name or the channel id (C…)."""
    discord: DiscordId | None = None
    """The channel id: a number."""
    apprise: Name | None = None
    """A service under `apprise`."""

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if self.slack is None and self.discord is None and self.apprise is None:
            raise wrong(
                Phrase("the room is on no channel"),
                Phrase('write slack: "#name", discord: with its id, or apprise: with a name'),
            )
        return self
