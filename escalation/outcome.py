"""What becomes of a notification."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a notification ended, or how far it is. Only ``REJECTED``, ``STALLED`` and ``HELD_BACK`` mean: nobody was
    reached. The last one was never begun: whoever it was for was called often enough of late."""

    SENT = "sent"
    REJECTED = "rejected"
    STALLED = "stalled"
    HELD_BACK = "held_back"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    HUNG_UP = "hung_up"
    ENDED = "ended"


UNREACHED = frozenset({Outcome.REJECTED, Outcome.STALLED, Outcome.HELD_BACK})
