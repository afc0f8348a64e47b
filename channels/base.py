"""What every channel offers and needs. Channels talk: they never decide, and they never word a sentence.

A notifier gets a ``Message`` (``message.py``); what comes in is handed to the ``Inbox`` (``inbox.py``), mail to the
``Ledger`` of ``imap/mailbox.py``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from channels.message import Message
from escalation.event import Outcome
from escalation.policy import MAIL as MAIL
from escalation.policy import PHONE as PHONE
from escalation.policy import SMS as SMS
from escalation.policy import WHATSAPP as WHATSAPP

APPRISE = "apprise"
"""The channel of everything that has none of its own."""

_FIRST = ":first account"
FIRST_ACCOUNT = PHONE + _FIRST
"""What the health of the first of two telephone accounts is told under: the phone itself is up while either works."""


def first_account(channel: str) -> str:
    """The same for any channel."""
    return channel + _FIRST


def of_first_account(name: str) -> str:
    """The channel whose first account has this name; "" for any other name."""
    return name.removesuffix(_FIRST) if name.endswith(_FIRST) else ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. ``ref`` is the provider's own handle (strings only), for update, follow and reconcile.

    ``is_final``: nothing more will be heard of it. A call is not final: ``follow`` asks what became of it.
    """

    ref: Mapping[str, str]
    is_final: bool = True


ROOT = "root"
"""In the ref of a message that was posted under another one of its alert (``Message.under``): that one's id."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Not now. ``after`` is the provider's wish if it gave one; ``reason`` in words, without secrets.

    ``is_channel_wide``: the whole channel should pause (rate limit, outage), not only this notification.
    ``maybe_sent``: the provider may have taken it (timeout after the request left): ask before sending again.
    ``has_other_way``: the channel goes by another way now, or will in a moment: it is not out of order by this.
    """

    reason: str
    after: timedelta | None = None
    is_channel_wide: bool = False
    maybe_sent: bool = False
    has_other_way: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: this notification can't be delivered as it is (unknown room, invalid number, revoked token).

    ``is_held_back``: the provider was not asked, because there was none that it could join (``Message.joins_only``)."""

    reason: str
    is_held_back: bool = False


SendResult = Sent | RetryLater | Rejected


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider knows of no such notification: it may be sent again."""


@dataclass(frozen=True, slots=True)
class CantTell:
    """The provider can't be asked, or did not answer. It is sent again: at least once always."""

    reason: str
    is_final: bool = False
    """True: asking again is no use. False: the provider did not answer; ask again later, before sending."""
    has_other_way: bool = False
    """As that of ``RetryLater``."""


@dataclass(frozen=True, slots=True)
class Ongoing:
    """A call that still rings or talks; ask again ``after``."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a call or a text message in the end. ``cost`` is what the provider says of it by now: "seconds" of
    talking, "price" as a decimal, "currency" (ISO 4217); the price may be known only some minutes later."""

    outcome: Outcome
    detail: str = ""
    cost: Mapping[str, str] = field(default_factory=dict)


FollowResult = Ongoing | Ended | RetryLater


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; the outbox asks before it relies on it."""

    can_update: bool = False
    can_reconcile: bool = False
    concurrency: int = 4
    """How many sends may be under way at once in this channel's lane."""
    is_alone: bool = False
    """One send after the other to each address, in the order in which they were taken up: a phone that is called is
    busy for the next call."""
    ahead: int = 1
    """How many times as many the lane may take up in one go while the channel is quick: fewer commits for each. What
    was taken up waits for its turn even if something more urgent comes."""


class Notifier(Protocol):
    """The way out of one channel. No method raises for a provider's or the network's fault: it returns an outcome.
    Nothing returned, logged or shown by repr holds a secret."""

    name: str
    capabilities: Capabilities

    async def send(self, message: Message) -> SendResult: ...

    async def reconcile(self, message: Message, since: datetime) -> Sent | NotFound | CantTell:
        """Whether a notification whose sending began at ``since`` (and whose outcome was lost) did go out."""
        ...

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        """Bring what was posted up to date in place, and its thread's timeline. For a call: if ``message.tone`` is
        not OPEN, end it if it is not answered yet. Returns Sent with the ref to keep from now on."""
        ...

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        """What became of a call or text message: asked where ``Sent`` was not final."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel or mailbox is: ``is_up``, since when, and why not, in words without secrets."""

    is_up: bool
    since: datetime
    detail: str = ""


HealthListener = Callable[[str, bool, str], None]
"""Called with (name, is_up, detail) at each change, never for a repeat. Must not block."""


class Service(Protocol):
    """The part of a channel that runs: a socket, a gateway, a mailbox watcher."""

    async def run(self) -> None:
        """Run until cancelled; reconnect by itself, for ever, with capped and jittered back-off."""
        ...


Now = Callable[[], datetime]
"""The clock as channels get it: an aware UTC instant. Channels never read the system's clock."""

Sleep = Callable[[timedelta], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Channel:
    """One configured channel, wired: its way out, what runs, and its HTTP routes (Starlette)."""

    name: str
    notifier: Notifier | None = None
    services: tuple[Service, ...] = ()
    routes: tuple[object, ...] = field(default_factory=tuple)
    answers: str = ""
    """Under which name its health tells of the connection by which answers come in, where messages leave without it."""
