"""What is known of calls: which notification each belongs to, what was pressed, and what a status means."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from channels.inbox import CALLED_OFF, TOLD
from channels.message import Tone, Verb
from channels.twilio.fault import CODES
from escalation.event import Outcome

MOST_CALLS = 2_000
MOST_PRICE = 1_000_000
SKEW = timedelta(seconds=30)
"""How far Twilio's clock and ours may be apart."""
LONGEST_LINE = timedelta(minutes=20)
"""Ringing and talking together never last longer, unless somebody is connected with a sender."""

T = TypeVar("T")

TAKEN = frozenset({Tone.TAKEN, Tone.CLOSED})
"""Nobody need be called any more. An exhausted alert (ALARM) still needs somebody."""

WAITING = frozenset({"queued", "initiated", "ringing"})
UNDER_WAY = frozenset({*WAITING, "in-progress"})
"""https://www.twilio.com/docs/voice/api/call-resource#call-status-values"""

_UNANSWERED: Mapping[str, Outcome] = {
    "busy": Outcome.BUSY,
    "no-answer": Outcome.NO_ANSWER,
    "failed": Outcome.REJECTED,
    "canceled": Outcome.ENDED,
}


@dataclass(slots=True)
class Line:
    """A call to ``number`` that is under way by the account with this SID ("": the first), and how many other
    notifications have joined it. ``can_lead``: it is about an alert. What is only announced ends its call, and what
    joined it would never be told."""

    number: str
    began_at: datetime
    is_answered: bool = False
    joined: int = 0
    can_lead: bool = True
    account: str = ""


class CallBook:
    """The newest calls of this process, by SID. What a restart forgets is asked of the inbox and of Twilio."""

    def __init__(self, longest: timedelta = LONGEST_LINE) -> None:
        self._longest = longest
        self._keys: OrderedDict[str, str] = OrderedDict()
        self._pressed: OrderedDict[str, Verb] = OrderedDict()
        self._wrong: OrderedDict[str, bool] = OrderedDict()
        self._told: OrderedDict[str, bool] = OrderedDict()
        self._lines: dict[str, Line] = {}

    def note(self, sid: str, key: str) -> None:
        """The call ``sid`` was made for the notification ``key``."""
        _keep(self._keys, sid, key)

    def begin(self, sid: str, number: str, now: datetime, *, can_lead: bool = True, account: str = "") -> None:
        """A call to ``number`` was made, or one from it came in."""
        self._lines[sid] = Line(number, now, can_lead=can_lead, account=account)

    def answered(self, sid: str) -> None:
        """Somebody listens: nothing joins this call any more."""
        if sid in self._lines:
            self._lines[sid].is_answered = True

    def end(self, sid: str) -> None:
        self._lines.pop(sid, None)

    def lines(self, now: datetime) -> "Mapping[str, Line]":
        """The calls that are under way. One of whose end nothing was heard is over at some time."""
        self._lines = {sid: one for sid, one in self._lines.items() if now - one.began_at < self._longest}
        return self._lines

    def key_of(self, sid: str) -> str | None:
        return self._keys.get(sid)

    def press(self, sid: str, verb: Verb) -> None:
        """In this call a digit that counts was pressed."""
        _keep(self._pressed, sid, verb)

    def unpress(self, sid: str) -> None:
        """The press could not be carried out."""
        self._pressed.pop(sid, None)

    def give_up(self, sid: str) -> None:
        """In this call the keys were wrong too often."""
        _keep(self._wrong, sid, True)

    def has_given_up(self, sid: str) -> bool:
        return sid in self._wrong

    def tell(self, mark: str) -> None:
        """In this call (a SID), or of this notification in it (``mark_of``), was told that nothing is left to do."""
        _keep(self._told, mark, True)

    def was_told(self, sid: str, key: str) -> bool:
        return sid in self._told or mark_of(sid, key) in self._told

    def has_pressed(self, sid: str) -> bool:
        """Whether in this call any digit that counts was pressed."""
        return any(mark.partition("/")[0] == sid for mark in self._pressed)

    def pressed(self, sid: str) -> Verb | None:
        return self._pressed.get(sid)


def _keep(book: "OrderedDict[str, T]", sid: str, value: T) -> None:
    book[sid] = value
    book.move_to_end(sid)
    while len(book) > MOST_CALLS:
        book.popitem(last=False)


def mark_of(sid: str, key: str) -> str:
    """What a press is remembered by: one call may tell of several notifications."""
    return f"{sid}/{key}"


def name_of(sid: str) -> str:
    """What the keys of what is told to somebody who rang us call the call."""
    return "i" + hashlib.sha256(sid.encode()).hexdigest()[:16]


def outcome_of(status: str, answered_by: str, *, was_pressed: bool) -> Outcome | None:
    """What became of a call; None while it is under way, or if Twilio says something unheard of.

    ``completed`` says only that something answered: without our digit nobody took it. ``answered_by`` is human,
    machine_start, machine_end_…, fax or unknown, and empty without answering machine detection.
    """
    if status != "completed":
        return _UNANSWERED.get(status)
    if was_pressed:
        return Outcome.ENDED
    return Outcome.VOICEMAIL if is_machine(answered_by) else Outcome.HUNG_UP


def ended_by_us(status: str, outcome: Outcome, *, was_told: bool) -> tuple[Outcome, str]:
    """(outcome, detail) of a call that is over. One that Kidoku ended was not answered wrongly, and one that nobody
    answered is not told as one that somebody did. Only by our own request does Twilio call a call "canceled"."""
    if status == "canceled":
        return outcome, CALLED_OFF
    return (Outcome.ENDED, TOLD) if was_told and outcome is Outcome.HUNG_UP else (outcome, "")


def cost_of(resource: Any) -> dict[str, str]:
    """What a Call or Message resource says of its length and price. Twilio's prices are negative: what it takes."""
    found: dict[str, str] = {}
    seconds = str(getattr(resource, "duration", None) or "")
    if seconds.isascii() and seconds.isdigit():
        found["seconds"] = str(int(seconds[:6]))
    price, unit = _price(resource.price), str(resource.price_unit or "").upper()
    if price is not None and len(unit) == 3 and unit.isascii() and unit.isalpha():
        found |= {"price": f"{price:f}", "currency": unit}
    return found


def _price(written: object) -> Decimal | None:
    try:
        price = abs(Decimal(str(written)[:20]))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price < MOST_PRICE else None


def is_machine(answered_by: str) -> bool:
    """https://www.twilio.com/docs/voice/answering-machine-detection"""
    return answered_by == "fax" or answered_by.startswith("machine")


def detail_of(sip_code: str, error_code: str) -> str:
    """Why a call failed, in words: "SIP 404; the number does not exist (Twilio error 13224)"."""
    parts = [f"SIP {sip_code}"] if sip_code.isascii() and sip_code.isdigit() else []
    if error_code.isascii() and error_code.isdigit():
        known = CODES.get(int(error_code[:9]))
        named = f"Twilio error {error_code[:9]}"
        parts.append(f"{known.words} ({named})" if known else named)
    return "; ".join(parts)
