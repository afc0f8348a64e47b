"""What an alarm of an alert names: the step, and what came of telling."""

from escalation.event import DeliveryReported, Outcome
from escalation.phrase import Phrase

LAST_RESORT = Phrase("last resort")
APPROVAL = Phrase("those who may approve it")
_OUTCOMES = {Outcome.REJECTED: Phrase("rejected"), Outcome.STALLED: Phrase("stalled")}
"""What is held back raises no alarm."""


def of_step(step: int, why: str = "") -> Phrase:
    """ "step 2", "step 2: rejected no such number"; ``step`` counts from 0."""
    if why:
        return Phrase("step %(step)d: %(why)s", step=step + 1, why=why)
    return Phrase("step %(step)d", step=step + 1)


def of_last_resort(why: str) -> Phrase:
    return Phrase("last resort: %(why)s", why=why)


def of_outcome(event: DeliveryReported) -> str:
    """ "rejected no such number": the provider's own words are filled in."""
    outcome = _OUTCOMES.get(event.outcome, str(event.outcome))
    return Phrase("%(outcome)s %(detail)s", outcome=outcome, detail=event.detail) if event.detail else outcome
