"""Why a calendar can't be had. Apart from the reading, so that who only hears of it need not load two libraries."""

from escalation.phrase import Phrase

MOST_BYTES = 5_000_000
TOO_MUCH = Phrase("it holds too much")


class FeedError(Exception):
    """A calendar that can't be had; the text, a Phrase, says why, and holds nothing of the calendar's address."""
