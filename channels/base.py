"""What every channel offers and needs. Channels talk: they never decide, and they never word a sentence.

A notifier gets a ``Message`` whose every text is worded already in the reader's language, as plain text: the channel's
own ``render.py`` escapes it for its medium and cuts it to the provider's limits. What comes in is verified by the
channel and handed on as a ``Press``, a ``CallReport``, or a ``MailboxBatch``.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from escalation.event import Outcome
from escalation.policy import MAIL as MAIL
from escalation.policy import PHONE as PHONE
from escalation.policy import SMS as SMS

APPRISE = "apprise"
"""The channel of everything that has none of its own."""


class Verb(StrEnum):
    """What a person can press or say, on any channel."""

    ACK = "ack"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    PASS_ON = "pass_on"  # noqa: S105 - no password
    CALL_BACK = "call_back"
    RECALL = "recall"
    APPROVE = "approve"
    REMIND = "remind"
    NOTE = "note"
    ACCEPT = "accept"
    DECLINE = "decline"
    CONFIRM = "confirm"


OF_SWAP = frozenset({Verb.ACCEPT, Verb.DECLINE})
"""What answers the question of a swap: the number that goes with it is the swap's, not an alert's."""


class Tone(StrEnum):
    """How a message should look: still climbing, taken by somebody, closed, nobody came, or no alert at all."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"
    ALARM = "alarm"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Button:
    """One button. ``argument`` goes with the verb: for snooze "15m", "1h" or "morning"."""

    verb: Verb
    label: str
    argument: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled line: ("From", "NOC <noc@carrier.example>")."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a phone call says, worded in ``language`` (BCP 47: "ja-JP", "en-US", "cmn-CN").

    ``announcement``: who wrote, what, how long unread. ``menu`` comes after it and names the digits.
    ``confirmed``, ``passed_on``, ``called_back``, ``wrong``, ``goodbye``: the answers. ``ack_digit`` and ``pass_digit``
    differ; ``text_digit`` asks for the mail's text, ``later_digit`` to be called again: "" where it is not offered.
    ``text_menu`` and ``later_menu`` name them, after the menu.
    """

    language: str
    announcement: str
    menu: str
    confirmed: str
    passed_on: str
    wrong: str
    goodbye: str
    ack_digit: str
    pass_digit: str
    called_back: str = ""
    text_digit: str = ""
    later_digit: str = ""
    text_menu: str = ""
    later_menu: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail. ``type`` is its media type: "application/pdf"."""

    name: str
    type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one recipient, complete but for its MIME form: ``Message.address`` is whom it goes to.

    ``sender`` is a From header's mailbox ("NOC <noc@example.jp>"), ``envelope_sender`` where bounces go: an address of
    this recipient's own where VERP is set up. ``message_id``, ``in_reply_to`` and ``references`` have their angle
    brackets. ``envelope_id`` is what a DSN gives back (RFC 3461 ENVID, not encoded yet). ``receipt_to`` is where an
    MDN is asked to be sent (RFC 8098), "" to ask for none. ``text`` and ``html`` have their footers already; ``html``
    is "" for a mail in plain text only. ``has_picture``: it holds one that tells when it is loaded.

    ``raw``: somebody else's mail, which goes as it is, byte for byte; only ``envelope_sender`` (here "" for the null
    reverse-path) counts beside it, and no report is asked for. ``is_utf8``: it was handed in with SMTPUTF8.
    """

    sender: str
    envelope_sender: str
    subject: str
    text: str
    message_id: str
    envelope_id: str
    html: str = ""
    to_name: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    reply_to: str = ""
    receipt_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    is_urgent: bool = True
    has_picture: bool = False
    raw: bytes = field(default=b"", repr=False)
    is_utf8: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notification, worded. All texts are plain text from hostile mail: escape them.

    ``is_direct``: the address is a person's, not a room's.
    ``key`` is the notification's deterministic id (at most 25 characters of [0-9a-z.-]): the idempotency key.
    ``address`` is where to: a channel or person of the provider, a phone number. ``mentions`` are the addresses on
    this channel whom the step names, and nobody else may be pinged. ``timeline`` are the lines that a thread
    should show by now, oldest first. ``turn`` counts how often its step was tried before; ``ring`` is how long this
    person's phone may ring, None: as long as any. ``alert_id`` is None for what is about no alert; ``swap_id`` is the
    number of the swap that is asked for, ``check_id`` that of a check whether this contact reaches its person. Buttons
    go with the one of the three that is there; ``how`` says how to answer, where there are none; ``link`` is the
    page on which an alert can be acknowledged ("" for none), and ``link_label`` what it does.
    """

    key: str
    address: str
    language: str
    title: str
    summary: str
    alert_id: int | None = None
    swap_id: int | None = None
    check_id: int | None = None
    is_direct: bool = False
    facts: tuple[Fact, ...] = ()
    buttons: tuple[Button, ...] = ()
    mentions: tuple[str, ...] = ()
    timeline: tuple[str, ...] = ()
    footer: str = ""
    how: str = ""
    link: str = field(default="", repr=False)
    link_label: str = ""
    tone: Tone = Tone.OPEN
    turn: int = 0
    ring: timedelta | None = None
    speech: Speech | None = None
    letter: Letter | None = None

    @property
    def number(self) -> int | None:
        """What a button carries: which alert, swap or check it is about."""
        return next((one for one in (self.alert_id, self.swap_id, self.check_id) if one is not None), None)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. ``ref`` is the provider's own handle (strings only), for update, follow and reconcile.

    ``is_final``: nothing more will be heard of it. A call is not final: ``follow`` asks what became of it.
    """

    ref: Mapping[str, str]
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Not now. ``after`` is the provider's wish if it gave one; ``reason`` in words, without secrets.

    ``is_channel_wide``: the whole channel should pause (rate limit, outage), not only this notification.
    ``maybe_sent``: the provider may have taken it (timeout after the request left): ask before sending again.
    """

    reason: str
    after: timedelta | None = None
    is_channel_wide: bool = False
    maybe_sent: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: this notification can't be delivered as it is (unknown room, invalid number, revoked token)."""

    reason: str


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
    can_follow: bool = False
    has_price: bool = False
    """Whether ``follow`` is worth asking again after the end, for what it cost."""
    concurrency: int = 4
    """How many sends may be under way at once in this channel's lane."""
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
        """What became of a call (only where ``can_follow``)."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who pressed or typed, as the provider proves it: its id on the channel, and the mail address where it tells.
    ``language`` ("ja", "en-US") is what the provider says of them, ``rooms`` what it calls the place where they did it:
    its id, and its name."""

    channel: str
    address: str
    email: str = ""
    name: str = ""
    language: str = ""
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """A verified press of a button or phone key. ``dedup`` is the provider's id of this press, if it has one. With the
    verbs ``OF_SWAP`` the number in ``alert_id`` is a swap's, with ``CONFIRM`` that of a check of a contact.

    ``ref`` is the posted message it was pressed on (the channel's own), so that a reply can go beside it."""

    verb: Verb
    alert_id: int
    actor: Actor
    argument: str = ""
    dedup: str = ""


WRONG_KEYS = "wrong keys"
"""The detail of a call that ended because its keys were wrong too often."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A verified command that somebody typed: the line after the command's name; or, where the provider has a form for
    it, the verb and the fields. ``is_shared``: the room shall see the answer. ``dedup`` is the provider's id of it."""

    actor: Actor
    text: str = ""
    verb: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    is_shared: bool = False
    dedup: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a command's form. ``offers``: its values are asked for while somebody types ("alert", "person",
    "schedule"); ``choices`` are all there are. ``is_flag``: yes or no; ``share`` is one, for ``Typed.is_shared``."""

    name: str
    about: Mapping[str, str]
    is_required: bool = False
    offers: str = ""
    choices: tuple[str, ...] = ()
    is_flag: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A command as a provider's menu shows it; ``about`` by language."""

    verb: str
    about: Mapping[str, str]
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One value that a field may take, and how it is shown."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class CallReport:
    """A verified word of the provider about one notification that was sent."""

    key: str
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Texted:
    """A verified text message that somebody wrote: "42 a". Whose number it came from, can be forged. ``dedup`` is the
    provider's id of it."""

    text: str
    actor: Actor
    dedup: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The other notifications that one call tells of: their keys in order. ``intro`` says how many there are, at the
    beginning; each of ``offers`` is said before the one with the same number, and names the digit that takes all that
    are left."""

    keys: tuple[str, ...] = ()
    intro: str = ""
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What to tell the person who pressed or typed, in words, in one or more lines; privately unless ``is_shared``."""

    text: str
    is_done: bool = True
    is_shared: bool = False


class Inbox(Protocol):
    """Where channels hand over what came in. All return after the commit, and never raise for bad input."""

    async def press(self, press: Press) -> Reply: ...

    async def typed(self, typed: Typed) -> Reply: ...

    async def offers(self, actor: Actor, kind: str, typed: str) -> Sequence[Offer]:
        """What a field may take, the likeliest first, of which somebody has typed so much; nothing for a stranger."""
        ...

    def forms(self) -> Sequence[Form]:
        """Every command, for a provider's menu."""
        ...

    async def recall(self, key: str) -> str:
        """What a channel kept under this key; "" if nothing."""
        ...

    async def keep(self, key: str, value: str) -> None:
        """Keep something of a channel's own over restarts."""
        ...

    async def texted(self, texted: Texted) -> Reply:
        """Carry out what somebody wrote in a text message. To a stranger the reply is empty."""
        ...

    async def stop(self, channel: str, address: str, *, is_asked: bool) -> str:
        """Whoever has this address wants nothing more there; returns what to tell them. ``is_asked``: they asked us,
        not the provider, and nothing is sent there until ``start``."""
        ...

    async def start(self, channel: str, address: str) -> None:
        """They want to be told there again."""
        ...

    async def has_stopped(self, channel: str, address: str) -> bool:
        """Whether they asked us to send nothing there."""
        ...

    async def report(self, report: CallReport) -> None: ...

    async def message(self, key: str) -> Message | None:
        """The notification with this key as it would be worded now; None if unknown. For phone callbacks."""
        ...

    async def text_of(self, key: str) -> str:
        """What the mail of this notification says, to be read out: worded, never empty, at most some 600 characters;
        a sentence that says so if it can't be read now. Takes ten seconds at most."""
        ...

    async def bundle(self, key: str, ref: Mapping[str, str]) -> Bundle:
        """What else the call ``ref`` tells of beside the notification ``key``, the most urgent first."""
        ...

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        """The refs of what was sent to this address: a reconcile that finds one of these has found another's."""
        ...


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
