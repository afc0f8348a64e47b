"""That saving works again, in words: how long it did not, and which alerts were late by it."""

import json
from dataclasses import replace
from datetime import datetime

from bot.language import Words
from bot.wording.message import Row
from bot.wording.speech import speech_of_alarm
from bot.wording.titled import titled
from channels.base import PHONE
from channels.message import Fact, Message, Tone

SAVES_AGAIN = "saves_again"
"""The kind of this notice, among the kinds of alarms."""


def word_saved(row: Row, words: Words) -> Message:
    """The row's ``text`` is the JSON of ``bot.lifeline``. Raises ValueError or KeyError for one that can't be read."""
    told = json.loads(row.text)
    since, until = (datetime.fromisoformat(told[name]) for name in ("since", "until"))
    values = {"since": words.moment(since, until), "span": words.duration(until - since)}
    title = words.gettext("Kidoku can save again. From %(since)s on it could not, for %(span)s.") % values
    late = words.gettext(", ").join(f"#{id}" for id in told["late"])
    if told["more"]:
        more = words.ngettext("%(n)d more alert", "%(n)d more alerts", told["more"]) % {"n": told["more"]}
        late += words.gettext(", ") + more
    return replace(
        titled(row, words, title),
        facts=(Fact(words.gettext("Late because of it"), late or words.gettext("no alert, as far as is known")),),
        footer=words.gettext("An alarm of Kidoku about itself"),
        tone=Tone.CLOSED,
        speech=speech_of_alarm(title, words, row.digits) if row.channel == PHONE else None,
    )
