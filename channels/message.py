"""What is told, worded: every text in the reader's language, as plain text. A channel's own ``render.py`` escapes it
for its medium and cuts it to the provider's limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


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
    TEST = "test"
    CODE = "code"
    LANG = "lang"


OF_SWAP = frozenset({Verb.ACCEPT, Verb.DECLINE})
"""What answers the question of a swap: the number that goes with it is the swap's, not an alert's."""

OF_PERSON = frozenset({Verb.TEST, Verb.CODE, Verb.LANG})
"""What somebody does with their own contacts and language: the number that goes with it says nothing."""


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
    ``key`` is the notification's deterministic id (at most 25 characters of [0-9a-z.-]), unique in its database;
    ``seal`` (20 characters of [a-z2-7], or "") is unique among all databases whose bots may write to the same room.
    ``address`` is where to: a channel or person of the provider, a phone number. ``mentions`` are the addresses on
    this channel whom the step names, and nobody else may be pinged. ``timeline`` are the lines that a thread
    should show by now, oldest first. ``under`` is the channel's handle of the message that told the same room of the
    same alert before, and in whose thread the timeline goes on; empty if there is none. ``turn`` counts how often its
    step was tried before; ``ring`` is how long this person's phone may ring, None: as long as any. ``joins_only``: a
    call that rings already may tell of it, and none is made for it. ``alert_id`` is None for what is about no alert;
    ``swap_id`` is the number of the swap that is asked for, ``check_id`` that of a check whether this contact reaches
    its person. Buttons go with the one of the three that is there; ``menu``, under ``menu_label``, are verbs that open
    a dialog. ``how`` says how to answer, where there are no buttons; ``link`` is the page on which an alert can be
    acknowledged ("" for none), and ``link_label`` what it does.
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
    menu: tuple[Button, ...] = ()
    menu_label: str = ""
    mentions: tuple[str, ...] = ()
    timeline: tuple[str, ...] = ()
    footer: str = ""
    how: str = ""
    link: str = field(default="", repr=False)
    link_label: str = ""
    tone: Tone = Tone.OPEN
    seal: str = ""
    under: Mapping[str, str] = field(default_factory=dict, hash=False)
    turn: int = 0
    ring: timedelta | None = None
    joins_only: bool = False
    speech: Speech | None = None
    letter: Letter | None = None

    @property
    def mark(self) -> str:
        """By what a message that was posted is found again."""
        return f"{self.key}-{self.seal}" if self.seal else self.key

    @property
    def nonce(self) -> str:
        """What makes a repeat the same message: at most 25 characters."""
        return self.seal or self.key

    @property
    def number(self) -> int | None:
        """What a button carries: which alert, swap or check it is about."""
        return next((one for one in (self.alert_id, self.swap_id, self.check_id) if one is not None), None)
