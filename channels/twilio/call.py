"""What is known of calls: which notification each belongs to, what was pressed, and what a status means."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import TypeVar

from channels.base import Tone, Verb
from channels.twilio.fault import CODES
from escalation.event import Outcome

MOST_CALLS = 2_000

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


class CallBook:
    """The newest calls of this process, by SID. What a restart forgets is asked of the inbox and of Twilio."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, str] = OrderedDict()
        self._pressed: OrderedDict[str, Verb] = OrderedDict()

    def note(self, sid: str, key: str) -> None:
        """The call ``sid`` was made for the notification ``key``."""
        _keep(self._keys, sid, key)

    def key_of(self, sid: str) -> str | None:
        return self._keys.get(sid)

    def press(self, sid: str, verb: Verb) -> None:
        """In this call a digit that counts was pressed."""
        _keep(self._pressed, sid, verb)

    def unpress(self, sid: str) -> None:
        """The press could not be carried out."""
        self._pressed.pop(sid, None)

    def pressed(self, sid: str) -> Verb | None:
        return self._pressed.get(sid)


def _keep(book: "OrderedDict[str, T]", sid: str, value: T) -> None:
    book[sid] = value
    book.move_to_end(sid)
    while len(book) > MOST_CALLS:
        book.popitem(last=False)


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
