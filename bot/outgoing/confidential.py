"""What a confidential mail needs before it may leave."""

from datetime import datetime

from bot.language import N_
from bot.post import Post

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
