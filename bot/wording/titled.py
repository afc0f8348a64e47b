"""A message that says one thing: its title."""

from bot.language import Words
from bot.wording.message import Row
from channels.message import Message


def titled(row: Row, words: Words, title: str) -> Message:
    """To where the row goes; ``dataclasses.replace`` puts the rest beside it."""
    return Message(
        key=row.key,
        address=row.address,
        is_direct=row.person is not None,
        language=words.language,
        title=title,
        summary=title,
    )
