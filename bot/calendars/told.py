"""Events in their own words, for a line that says what is wrong with them."""

from collections.abc import Iterable, Sequence

from bot.tame import cut
from escalation.feed import FeedEvent

MOST_TOLD = 5


def words_of(events: Iterable[FeedEvent]) -> list[str]:
    """What these events call themselves, each once."""
    return list(dict.fromkeys(cut(one.words or "?", 60) for one in events))


def quoted(words: Sequence[str]) -> str:
    """The first few, in quotation marks."""
    return ", ".join([f"“{one}”" for one in words[:MOST_TOLD]] + (["…"] if len(words) > MOST_TOLD else []))


def told(events: Iterable[FeedEvent]) -> str:
    return quoted(words_of(events))
