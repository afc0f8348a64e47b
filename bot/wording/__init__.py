"""Puts alerts, events and alarms into words: for chat, for the phone, for the command line.

Every text goes through ``Words`` (``bot/language.py`` says how to mark one). What a stranger wrote (subject, sender, a
provider's detail) goes through ``plain`` first, and is only ever filled in after the translation. Nothing is escaped
here: that is for each channel's ``render.py``.
"""

from bot.wording.alarm import word_alarm
from bot.wording.matrix import matrix_of
from bot.wording.message import word_notification
from bot.wording.name import channel_name, name_of, sender_of, subject_of
from bot.wording.receipt import read_matrix
from bot.wording.standing import cost_lines, standing_of, told_who, unsent_lines
from bot.wording.status import status_word, title_of
from bot.wording.upcoming import next_step
from bot.wording.why import why_lines

__all__ = [
    "channel_name",
    "cost_lines",
    "matrix_of",
    "name_of",
    "next_step",
    "read_matrix",
    "sender_of",
    "standing_of",
    "status_word",
    "subject_of",
    "title_of",
    "told_who",
    "unsent_lines",
    "why_lines",
    "word_alarm",
    "word_notification",
]
