"""What becomes of a notification."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a notification ended, or how far it is. Only ``REJECTED`` and ``STALLED`` mean: nobody was reached."""

    SENT = "sent"
    REJECTED = "rejected"
    STALLED = "stalled"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    HUNG_UP = "hung_up"
    ENDED = "ended"


UNREACHED = frozenset({Outcome.REJECTED, Outcome.STALLED})
