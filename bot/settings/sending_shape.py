"""The shape of the care for mail that the team sends."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from bot.settings.basic import Shape, Word
from bot.settings.fields import Duration, Listed, PositiveDuration, wrong
from bot.settings.problem import shown
from escalation.phrase import Phrase

_DOMAIN = re.compile(r"(?!-)[^\s@/:*]+(\.[^\s@/:*.]+)+")


def domain(value: Any) -> str:
    """``company.example``; what is below it belongs to it."""
    text = value.strip().lower().rstrip(".") if isinstance(value, str) else ""
    if not _DOMAIN.fullmatch(text):
        what = Phrase("%(value)s is no domain", value=shown(value))
        raise wrong(what, Phrase("write what stands after the @, like company.example"))
    return text


Domain = Annotated[
    str, BeforeValidator(domain), WithJsonSchema({"type": "string", "pattern": r"^[^\s@/:*]+\.[^\s@/:*]+$"})
]


class ScanShape(Shape):
    """A ClamAV daemon that looks at everything that leaves by mail."""

    host: Word = "127.0.0.1"
    port: int = Field(default=3310, ge=1, le=65535)
    timeout: PositiveDuration = timedelta(seconds=30)
    unreachable: Literal["hold", "send"] = "hold"
    """What becomes of a mail that can't be scanned: it waits in the outbox, or it leaves all the same."""


class ApprovalShape(Shape):
    """Mail that leaves only when a second person has approved it."""

    concerns: Listed[Literal["outside", "lookalike", "many", "attachment"]] = Field(default=["outside"], alias="for")
    by: Listed[Word] = Field(default=[], examples=["[alice, team:noc]"])
    """Who may approve: people, or team:name. Nobody named: everybody but the sender."""
    within: PositiveDuration = timedelta(hours=1)
    """They are asked again after this, and after twice this the mail is cancelled and its sender told."""


class SendingShape(Shape):
    """What is looked at again before a mail leaves, whichever way it is sent."""

    domains: Listed[Domain] = Field(default=[])
    """The organisation's own, beside those of its people and of the sender."""
    partners: Listed[Domain] = Field(default=[])
    """Outside, and expected: nobody is warned of them, but of domains that look like them."""
    most_recipients: int = Field(default=100, ge=1, le=100_000)
    hold: Duration = timedelta(0)
    """How long each mail waits before it leaves, so that `kidoku recall` can still take it back."""
    approval: ApprovalShape | None = None
    """For which concerns a second person must approve a mail before it leaves."""
    scan: ScanShape | None = None
    """The virus scanner: clamd, by its TCP socket."""
    pictures: bool = False
    """Whether HTML mail to those whose consent is recorded (`kidoku consent`) carries a picture that tells of an
    opening."""
    gateway_refuses: Listed[Literal["outside", "lookalike", "many", "attachment"]] = Field(default=[])
    """What the gateway answers with 550; everywhere else it is shown, or returned, and the sender decides."""
