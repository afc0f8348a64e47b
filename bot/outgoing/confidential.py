"""What a confidential mail needs before it may leave, and what counts as having read it."""

from dataclasses import replace
from datetime import datetime

from bot.language import N_
from bot.post import Post
from escalation.policy import EscalationPolicy
from escalation.receipt import ReceiptKind

_NO_PAGE = N_("A confidential mail is read on a page: set web.public_url in the settings.")
_NOTHING_TO_DELETE = N_("Only a confidential mail can expire: what is sent whole can't be taken back.")
_TOO_SOON = N_("It would expire before it leaves: give a later time.")


def fault_of(post: Post, is_confidential: bool, expires_at: datetime | None, leaves_at: datetime) -> str:
    """What is wrong, as a text to be translated; "" if nothing is."""
    if not is_confidential:
        return _NOTHING_TO_DELETE if expires_at is not None else ""
    if not post.public_url:
        return _NO_PAGE
    return _TOO_SOON if expires_at is not None and expires_at <= leaves_at else ""


def counting(policy: EscalationPolicy) -> EscalationPolicy:
    """The policy of a confidential mail: who has seen its cover has not read it, and who asked for a code has not yet.
    An MDN would speak of the cover, too: none is asked for, so *displayed* comes from the page alone."""
    of_cover = {ReceiptKind.SEEN, ReceiptKind.SEEN_SHARED, ReceiptKind.OPENED}
    return replace(policy, counts=(policy.counts - of_cover) | {ReceiptKind.DISPLAYED, ReceiptKind.CONFIRMED})
