"""What comes in by a channel, verified there, and where it is handed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from channels.dialog import Dialog, Form, Offer
from channels.home import Home
from channels.message import Message, Verb
from escalation.event import Outcome


@dataclass(frozen=True, slots=True)
class Actor:
    """Who pressed or typed, as the provider proves it: its id on the channel, and the mail address where it tells.
    ``language`` ("ja", "en-US") is what the provider says of them, ``rooms`` what it calls the place where they did it:
    its id, and its name. ``heard`` is the key of the notification that they heard after their PIN: it tells who they
    are, whatever their number."""

    channel: str
    address: str
    email: str = ""
    name: str = ""
    language: str = ""
    rooms: tuple[str, ...] = ()
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A verified press of a button or phone key. ``dedup`` is the provider's id of this press, if it has one. With the
    verbs ``OF_SWAP`` the number in ``alert_id`` is a swap's, with ``CONFIRM`` that of a check of a contact; with those
    ``OF_PERSON`` it says nothing.

    ``ref`` is the posted message it was pressed on (the channel's own), so that a reply can go beside it."""

    verb: Verb
    alert_id: int
    actor: Actor
    argument: str = ""
    dedup: str = ""


READ = "read"
"""The detail of a message that was opened on the phone it went to. It says nothing about the mail."""
WRONG_KEYS = "wrong keys"
"""The detail of a call that ended because its keys were wrong too often."""
CALLED_OFF = "called off"
"""The detail of a call that Kidoku ended before anybody answered."""
TOLD = "told"
"""The detail of a call that Kidoku ended after it had told whoever answered that nothing is left to do."""


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
class Wish:
    """Somebody wants a dialog, verified: that of a verb, about an alert (0: about none, or they shall say which), with
    a message's ``text`` in it; or with a ``key`` the one that they had before, as they answered it."""

    actor: Actor
    verb: str = ""
    alert_id: int = 0
    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered, verified: ``answers`` by the names of the fields that they saw, "" for what was left
    empty. Of one that is confirming there are none."""

    actor: Actor
    key: str
    answers: Mapping[str, str] = field(default_factory=dict)


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
class PinEntry:
    """A PIN that somebody typed who rang us. ``sid`` is the provider's id of the call, ``call`` our own name of it for
    keys (at most 20 of [0-9a-z]); ``turn`` counts the tries of this call from 1. The number can be forged."""

    number: str
    sid: str
    call: str
    turn: int
    pin: str = field(repr=False)


class Door(StrEnum):
    """Whether somebody who rings us comes in: they are asked for the PIN, it was wrong, it was right, or they are not
    heard at all for now."""

    ASKED = "asked"
    WRONG = "wrong"
    OPEN = "open"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Admission:
    """What somebody hears who rings us, in ``language`` (BCP 47). ``first`` is the key of the first of the mails that
    are told then, "" for none; the next ones count on: "x.0", "x.1". ``offer`` names the digit that takes all."""

    door: Door
    language: str
    text: str
    goodbye: str
    first: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The other notifications that one call tells of: their keys in order. ``intro`` says how many there are, at the
    beginning; each of ``offers`` is said before the one with the same number, and names the digit that takes all that
    are left."""

    keys: tuple[str, ...] = ()
    intro: str = ""
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SenderLine:
    """The sender of a mail, with whom whoever has taken it may be connected. ``number`` is that of the settings, never
    one out of the mail. The texts are in ``language`` (BCP 47): ``taken`` thanks, ``offer`` names the ``digit``,
    ``again`` does so once more; ``calling`` is said before it rings there; ``ended`` says what became of it, by
    outcome, and ``goodbye`` ends the call. Without an ``offer`` nothing is offered."""

    number: str = field(repr=False)
    language: str
    digit: str
    taken: str
    offer: str
    again: str
    calling: str
    goodbye: str
    ended: Mapping[Outcome, str]


@dataclass(frozen=True, slots=True)
class SenderCall:
    """Somebody pressed the digit that connects them with the sender of the mail of the notification ``key``. ``id`` is
    our own name of this call to the sender (at most 25 of [0-9a-z.-]), the same however often it is asked for; ``ref``
    the channel's handle of the call that they are in."""

    id: str
    key: str
    actor: Actor
    ref: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LegReport:
    """A verified word of the provider about the call to a sender: its ``ref`` there, and what became of it, None while
    it is under way. ``seconds`` is how long it was."""

    id: str
    ref: Mapping[str, str]
    outcome: Outcome | None = None
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Whisper:
    """What somebody hears, in their ``language`` (BCP 47): the sender before they are connected, say."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What to tell the person who pressed or typed, in words, in one or more lines; privately unless ``is_shared``.
    Nothing that comes from somebody who is not ``is_known`` counts: whatever they press next neither.

    ``dialog`` is to be opened; ``text`` is then for where none can be. With ``faults``, by the names of its fields, it
    is the one that was answered, and is to be answered again."""

    text: str
    is_done: bool = True
    is_shared: bool = False
    dialog: Dialog | None = None
    is_known: bool = True
    faults: Mapping[str, str] = field(default_factory=dict)


class Inbox(Protocol):
    """Where channels hand over what came in. All return after the commit, and never raise for bad input."""

    async def press(self, press: Press) -> Reply: ...

    async def typed(self, typed: Typed) -> Reply: ...

    async def ask(self, wish: Wish) -> Reply:
        """The dialog that somebody wants, or why not."""
        ...

    async def answered(self, answered: Answered) -> Reply:
        """Do what was answered, once, however often it comes; or ask again, or for a confirmation."""
        ...

    async def offers(self, actor: Actor, kind: str, typed: str) -> Sequence[Offer]:
        """What a field may take, the likeliest first, of which somebody has typed so much; nothing for a stranger."""
        ...

    async def home(self, actor: Actor, note: str = "") -> Home:
        """Somebody's own page as it stands now, with ``note`` at its top: what came of their last press there. For a
        stranger one sentence."""
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

    async def is_new(self, kind: str, id: str) -> bool:
        """Whether a channel hears of this for the first time; it does not the next time, over restarts too."""
        ...

    async def stop(self, channel: str, address: str, *, is_asked: bool, dedup: str = "") -> str:
        """Whoever has this address wants nothing more there; returns what to tell them. ``is_asked``: they asked us,
        not the provider, and nothing is sent there until ``start``. ``dedup``: the provider's id of what they wrote,
        which counts once: who can repeat a signed request undoes nothing that was asked for later."""
        ...

    async def start(self, channel: str, address: str, dedup: str = "") -> None:
        """They want to be told there again."""
        ...

    async def has_stopped(self, channel: str, address: str) -> bool:
        """Whether they asked us to send nothing there."""
        ...

    async def report(self, report: CallReport) -> None: ...

    def apology(self, numbers: Sequence[str]) -> Whisper:
        """What somebody hears who has one of these phone numbers, where nothing can be read or saved. Never fails."""
        ...

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

    async def rung(self, number: str) -> Admission:
        """Somebody rings us from this number: ask for the PIN, or don't."""
        ...

    async def enter(self, entry: PinEntry) -> Admission:
        """A PIN was typed. The same entry again is told the same, and counts once."""
        ...

    async def sender(self, key: str) -> SenderLine | None:
        """With whom somebody may be connected who took the alert of this notification; None: with nobody."""
        ...

    async def connect(self, call: SenderCall) -> Reply:
        """The sender is about to be rung: keep that, once however often it comes. Not done: don't ring."""
        ...

    async def whisper(self, id: str) -> Whisper | None:
        """What the sender hears of the call with this name; None if there is no such one."""
        ...

    async def leg(self, report: LegReport) -> bool:
        """Keep what became of a call to a sender, once; True while it is under way."""
        ...

    async def is_connected(self, channel: str, ref: Mapping[str, str]) -> bool:
        """Whether whoever is in the call with this handle is connected with a sender."""
        ...

    async def refs_to(self, channel: str, address: str) -> list[Mapping[str, str]]:
        """The refs of what was sent to this address: a reconcile that finds one of these has found another's."""
        ...
