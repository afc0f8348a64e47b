"""Puts alerts, events and alarms into words: for chat, for the phone, for the command line."""

from bot.wording.message import next_step, read_matrix, status_word, word_alarm, word_notification
from bot.wording.name import name_of
from bot.wording.story import why_lines

__all__ = [
    "name_of",
    "next_step",
    "read_matrix",
    "status_word",
    "why_lines",
    "word_alarm",
    "word_notification",
]
