"""What a call says that tells of several urgent mails."""

from collections.abc import Sequence

from bot.language import Words
from bot.wording.message import Row
from bot.wording.speech import NO_DIGITS
from channels.inbox import Bundle


def word_bundle(rows: Sequence[Row], words: Words, *, has_exercise: bool = False) -> Bundle:
    """``rows`` are the notifications that joined the call, in the order in which they are told. ``has_exercise``: one
    of them, or the call itself, is about no real mail."""
    if not rows:
        return Bundle()
    count = len(rows) + 1
    intro = words.ngettext(
        "%(n)d urgent mail is waiting for you. Here is the first.",
        "%(n)d urgent mails are waiting for you. Here is the first.",
        count,
    ) % {"n": count}
    if has_exercise:
        intro = words.sentences(intro, words.gettext("An exercise is among them; it says so."))
    offers = [_offer(row, len(rows) - number, words) for number, row in enumerate(rows)]
    return Bundle(tuple(row.key for row in rows), intro, tuple(offers))


def _offer(row: Row, left: int, words: Words) -> str:
    values = {"n": left, "digit": (row.digits or NO_DIGITS)[0]}
    if left == 1:
        return words.gettext("Done. One more urgent mail is waiting for you.")
    return (
        words.gettext(
            "Done. %(n)d more urgent mails are waiting for you. To take all of them, press %(digit)s. "
            "To hear the next one, stay on the line."
        )
        % values
    )
